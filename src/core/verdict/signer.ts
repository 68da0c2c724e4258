import type { Keyring } from '../identity/keyring.ts';
import { standingOf, type StandingProblem } from '../identity/standing.ts';
import type { Pin, Policy, PresenceDemand } from '../policy/policy.ts';
import { ownerOf, type Roster } from '../policy/roster.ts';
import type { Presence, Proof, ProofReason, SignerKey } from '../signature/proof.ts';

/** Who speaks through a signature, under one policy and at one time. */
export type Signer =
  | { readonly kind: 'person' | 'bot'; readonly name: string; readonly key: SignerKey }
  | { readonly kind: 'web-flow' }
  | { readonly kind: 'unsigned' }
  /** Good cryptography, but nobody's key; or an issuer that the keyring does not have. */
  | { readonly kind: 'stranger'; readonly key: string }
  | { readonly kind: 'unsupported'; readonly reason: ProofReason }
  | { readonly kind: 'bad'; readonly reason: ProofReason }
  | {
      readonly kind: 'no-standing';
      readonly owner: 'person' | 'bot';
      readonly name: string;
      readonly fingerprint: string;
      readonly problems: readonly SignerProblem[];
    }
  | {
      readonly kind: 'not-touched';
      readonly owner: 'person' | 'bot';
      readonly name: string;
      readonly demand: PresenceDemand;
    };

/** Why a key may not speak for its owner: by its certificate, or because somebody with the power to do so stopped it. */
export type SignerProblem = StandingProblem | 'key-revoked-by-statement';

export interface SignerContext {
  readonly policy: Policy;
  readonly roster: Roster;
  readonly keyring: Keyring;
  /** Seconds since the epoch. */
  readonly at: number;
  /** Whether what is judged has landed already: then the roster counts, and dates do not (trust.md D19). */
  readonly landed: boolean;
  /** Keys that `revoke/v1` statements stop, as these spell them. */
  readonly revoked: ReadonlySet<string>;
}

/** `null`: there is no proof, because the commit could not be parsed. */
export function signerOf(proof: Proof | null, context: SignerContext): Signer {
  if (proof === null) return { kind: 'bad', reason: 'signature-malformed' };
  if (proof.status === 'unsigned') return { kind: 'unsigned' };
  if (proof.status === 'unknown-key') return { kind: 'stranger', key: proof.issuer ?? 'unknown' };
  const reason = proof.reason ?? 'signature-malformed';
  if (proof.status === 'unsupported') return { kind: 'unsupported', reason };
  if (proof.status !== 'good' || proof.key === null) return { kind: 'bad', reason };
  const owner = ownerOf(context.roster, proof.key);
  if (owner === null) return { kind: 'stranger', key: proof.key.fingerprint };
  const problems = problemsOf(proof.key, proof, context);
  const { fingerprint } = proof.key;
  if (owner.kind === 'web-flow') {
    return problems.length > 0 ? { kind: 'stranger', key: fingerprint } : { kind: 'web-flow' };
  }
  const { kind, name, pin } = owner;
  if (problems.length > 0) return { kind: 'no-standing', owner: kind, name, fingerprint, problems };
  const demand = demandOf(pin);
  if (!satisfies(proof.presence, demand)) return { kind: 'not-touched', owner: kind, name, demand };
  return { kind, name, key: proof.key };
}

function problemsOf(key: SignerKey, proof: Proof, context: SignerContext): readonly SignerProblem[] {
  const standing = standingProblems(key, proof, context);
  return context.revoked.has(keyName(key)) ? [...standing, 'key-revoked-by-statement'] : standing;
}

/** A key as `revoke/v1` spells it: a certificate by its primary key. */
export function keyName(key: SignerKey): string {
  return key.kind === 'ssh' ? `ssh:${key.fingerprint}` : `openpgp:${key.primary}`;
}

function standingProblems(
  key: SignerKey,
  { claimedAt, expiresAt }: Proof,
  { keyring, at, landed }: SignerContext,
): readonly StandingProblem[] {
  // An SSH key has no certificate: that it is pinned is all the standing there is.
  if (key.kind === 'ssh') return [];
  // A keyring holds a certificate once: copies of it in several files are joined when it is opened.
  const certificate = keyring.certificates.find(({ primary }) => primary === key.primary);
  const known = certificate?.keys.find(({ fingerprint }) => fingerprint === key.fingerprint);
  return known ? standingOf(known, { at, landed, claimedAt, expiresAt }) : ['key-not-bound'];
}

function demandOf(pin: Pin): PresenceDemand {
  return pin.kind === 'ssh' ? pin.presence : 'none';
}

function satisfies(presence: Presence | null, demand: PresenceDemand): boolean {
  if (demand === 'none') return true;
  if (presence === null) return false;
  return demand === 'touch' ? presence.touched : presence.touched && presence.verified;
}
