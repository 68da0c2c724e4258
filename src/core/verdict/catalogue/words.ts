import type { StandingProblem } from '../../identity/standing.ts';
import type { ProofReason } from '../../signature/proof.ts';

const REASONS: Readonly<Record<ProofReason, string>> = {
  unsigned: 'there is none',
  'x509-unsupported': 'it is an X.509 signature (S/MIME, gitsign)',
  'signature-malformed': 'it cannot be parsed',
  'signature-bad': 'it was not made over these bytes by this key',
  'key-unknown': 'nobody on the roster has its key',
  'several-signatures': 'it holds several signatures',
  'text-mode-signature': 'it is a text-mode signature',
  'wrong-signature-type': 'it is a signature of another type',
  'weak-hash': 'its hash function is broken (SHA-1 or MD5)',
  'weak-key': 'its key is too short',
  'algorithm-unsupported': 'its algorithm is not supported',
  'wrong-namespace': 'it was made for another purpose (SSH namespace)',
  'ssh-certificate': 'it was made with an SSH certificate, which are not accepted',
  'trailing-bytes': 'something follows the signature',
};

/** Why a signature is not good, to stand after a colon. */
export function reasonInWords(reason: ProofReason): string {
  return REASONS[reason];
}

const STANDING: Readonly<Record<StandingProblem, string>> = {
  'key-not-bound': 'its certificate does not confirm the key',
  'key-not-for-signing': 'the key is not meant for signing',
  'back-signature-missing': 'the subkey does not confirm its certificate',
  'key-expired': 'the key has expired',
  'key-revoked': 'the key is revoked',
  'weak-key': 'the key is too short',
  'algorithm-unsupported': 'the algorithm of the key is not supported',
};

/** Why a key may not speak for its person, to stand after `but`. */
export function standingInWords(problem: StandingProblem): string {
  return STANDING[problem];
}
