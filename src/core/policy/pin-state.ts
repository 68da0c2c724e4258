import type { Certificate, CertificateKey } from '../identity/keyring.ts';
import { standingOf, type StandingProblem } from '../identity/standing.ts';

/** What a person can sign with a pinned certificate at some time. */
export interface PinState {
  /** The key that signs, or the one that would if nothing were wrong: its algorithm and size. */
  readonly algorithm: string;
  readonly bits: number;
  /** When the last key of the certificate that may sign ends, seconds since the epoch; `null`: never. */
  readonly expiresAt: number | null;
  /** Why nothing can be signed with it now; empty: something can. */
  readonly problems: readonly StandingProblem[];
}

/** @param now seconds since the epoch */
export function pinState(certificate: Certificate, now: number): PinState {
  const keys = certificate.keys.map((key) => ({ key, problems: problemsOf(key, now) }));
  const usable = keys.filter(({ problems }) => problems.length === 0);
  const meant = keys.filter(({ key: { standing } }) => standing.binding === 'verified' && standing.canSign);
  const [best] = [usable, meant, keys].find((some) => some.length > 0)?.toSorted(longestFirst) ?? [];
  if (best === undefined) {
    return { algorithm: 'none', bits: 0, expiresAt: null, problems: ['key-not-for-signing'] };
  }
  const { algorithm, bits, standing } = best.key;
  return { algorithm, bits, expiresAt: standing.expiresAt, problems: best.problems };
}

function problemsOf(key: CertificateKey, now: number): StandingProblem[] {
  return standingOf(key, { at: now, landed: false, claimedAt: null, expiresAt: null });
}

/** A subkey before the primary key where both last equally long: that is the one that tools choose. */
function longestFirst(a: { key: CertificateKey }, b: { key: CertificateKey }): number {
  const end = ({ standing }: CertificateKey): number => standing.expiresAt ?? Number.MAX_SAFE_INTEGER;
  return end(b.key) - end(a.key) || Number(a.key.primary) - Number(b.key.primary);
}
