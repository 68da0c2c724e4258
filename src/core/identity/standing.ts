import { isWeak } from '../signature/public-key.ts';
import type { CertificateKey } from './keyring.ts';

/** Why a key that made a good signature can't speak for the owner of its certificate. */
export type StandingProblem =
  /** No self-signature claims it. */
  | 'key-not-bound'
  /** There are bindings, and none of them verifies. */
  | 'binding-bad'
  | 'key-not-for-signing'
  | 'back-signature-missing'
  | 'back-signature-bad'
  | 'key-expired'
  | 'key-revoked-hard'
  | 'key-revoked-soft'
  /** The signature says that it is older than its key. */
  | 'key-created-later'
  /** By the signature's own word. */
  | 'signature-expired'
  | 'weak-key'
  | 'algorithm-unsupported';

/** What a key was used for. */
export interface KeyUse {
  /** The verifier's time, seconds since the epoch. */
  readonly at: number;
  /** Whether what was signed is part of the branch's history already. */
  readonly landed: boolean;
  /** When the signature says that it was made, and when that it ends; seconds since the epoch, as in `Proof`. */
  readonly claimedAt: number | null;
  readonly expiresAt: number | null;
}

/**
 * Judges what a certificate says of a key. For what has landed, expiry and a soft revocation don't count: dates are chosen
 * by who signs, and the roster of that time lists the key or does not (trust.md D19). A hard revocation is no date: where
 * the very keyring that judges holds it, the key never counts. Nor is a signature older than its key a date believed: its
 * own word contradicts that of the key.
 */
export function standingOf(key: CertificateKey, use: KeyUse): StandingProblem[] {
  const { expiresAt, revoked } = key.standing;
  const problems = [...claimProblems(key), ...strengthProblems(key)];
  if (revoked?.kind === 'hard') problems.push('key-revoked-hard');
  if (use.claimedAt !== null && use.claimedAt < key.createdAt) problems.push('key-created-later');
  if (use.landed) return problems;
  if (expiresAt !== null && use.at >= expiresAt) problems.push('key-expired');
  // From whatever day on, as for gpg.
  if (revoked?.kind === 'soft') problems.push('key-revoked-soft');
  if (use.expiresAt !== null && use.at >= use.expiresAt) problems.push('signature-expired');
  return problems;
}

/** Flags and back signature are only known of a key that is bound. */
function claimProblems({ algorithm, primary, standing }: CertificateKey): StandingProblem[] {
  const { binding, canSign, backSignature } = standing;
  // What such a primary key says of itself was never verified: that its algorithm is unsupported is all there is to say.
  if (primary && !isSupported(algorithm)) return [];
  if (binding !== 'verified') return [binding === 'bad' ? 'binding-bad' : 'key-not-bound'];
  if (!canSign) return ['key-not-for-signing'];
  if (backSignature === 'verified') return [];
  return [backSignature === 'bad' ? 'back-signature-bad' : 'back-signature-missing'];
}

function strengthProblems({ algorithm, bits }: CertificateKey): StandingProblem[] {
  if (!isSupported(algorithm)) return ['algorithm-unsupported'];
  return isWeak({ algorithm, bits }) ? ['weak-key'] : [];
}

const SUPPORTED = ['rsa', 'ed25519', 'ed448', 'p256', 'p384', 'p521'] as const;

function isSupported(algorithm: string): algorithm is (typeof SUPPORTED)[number] {
  return SUPPORTED.some((supported) => supported === algorithm);
}
