import { isWeak } from '../signature/public-key.ts';
import type { CertificateKey } from './keyring.ts';

/** Why a key that made a good signature can't speak for the owner of its certificate. */
export type StandingProblem =
  | 'key-not-bound'
  | 'key-not-for-signing'
  | 'back-signature-missing'
  | 'key-expired'
  | 'key-revoked'
  | 'weak-key'
  | 'algorithm-unsupported';

/**
 * Judges what a certificate says of a key. For what has landed, expiry and a soft revocation don't count: dates are chosen
 * by who signs, and the roster of that time lists the key or does not (trust.md D19). A hard revocation is no date: where
 * the very keyring that judges holds it, the key never counts.
 *
 * @param at the verifier's time, seconds since the epoch
 * @param landed whether what was signed is part of the branch's history already
 */
export function standingOf(key: CertificateKey, at: number, landed: boolean): StandingProblem[] {
  const { bound, canSign, backSigned, expiresAt, revoked } = key.standing;
  const problems: StandingProblem[] = [];
  if (!bound) problems.push('key-not-bound');
  if (!canSign) problems.push('key-not-for-signing');
  if (!backSigned) problems.push('back-signature-missing');
  if (!isSupported(key.algorithm)) problems.push('algorithm-unsupported');
  else if (isWeak({ algorithm: key.algorithm, bits: key.bits })) problems.push('weak-key');
  // The roster that judges holds this certificate: it says itself that the key must not be believed, at whatever time.
  if (revoked?.kind === 'hard') problems.push('key-revoked');
  if (landed) return problems;
  if (expiresAt !== null && at >= expiresAt) problems.push('key-expired');
  if (revoked?.kind === 'soft' && at >= revoked.at) problems.push('key-revoked');
  return problems;
}

function isSupported(algorithm: string): algorithm is 'rsa' | 'ed25519' | 'p256' | 'p384' | 'p521' {
  return ['rsa', 'ed25519', 'p256', 'p384', 'p521'].includes(algorithm);
}
