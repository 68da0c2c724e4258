import type { StandingProblem } from '../../identity/standing.ts';
import type { ProofReason } from '../../signature/proof.ts';
import type { SignerProblem } from '../signer.ts';

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
  'version-unsupported': 'it is of another version than 4 and 6',
  'dsa-refused': 'it is a DSA signature, or its key a DSA key',
  'wrong-namespace': 'it was made for another purpose (SSH namespace)',
  'ssh-certificate': 'it was made with an SSH certificate, which are not accepted',
  'trailing-bytes': 'something follows the signature',
};

/** Why a signature is not good, to stand after a colon. */
export function reasonInWords(reason: ProofReason): string {
  return REASONS[reason];
}

/** What whoever signed can do about it. `null`: nothing but to find out how it came about. */
const REASON_REMEDIES: Readonly<Record<ProofReason, string | null>> = {
  unsigned:
    'sign it: `git commit --gpg-sign`, for several commits `git rebase --force-rebase --gpg-sign BASE` with the commit before them',
  'x509-unsupported': 'sign with OpenPGP or with an SSH key (`git config gpg.format`)',
  'signature-malformed': 'sign it again with an ordinary gpg or ssh-keygen',
  'signature-bad': null,
  'key-unknown':
    "if the key is a maintainer's, an admin adds it to the policy (and an OpenPGP certificate to .countersign/keys/)",
  'several-signatures': 'sign it again with one key',
  'text-mode-signature': 'sign it again without `--textmode`',
  'wrong-signature-type': 'sign it again as a document: `gpg --detach-sign`',
  'weak-hash': 'sign it again with SHA-256 or SHA-512 (`digest-algo` in gpg.conf)',
  'weak-key': 'sign with a new key: RSA of at least 2048 bits, ECDSA, Ed25519 or Ed448',
  'algorithm-unsupported':
    'sign with RSA, ECDSA over a NIST curve, Ed25519 or Ed448 and a hash of the SHA-2 or SHA-3 family',
  'version-unsupported': 'sign with an OpenPGP key of version 4 or 6',
  'dsa-refused': 'sign with another key: RSA of at least 2048 bits, ECDSA, Ed25519 or Ed448',
  'wrong-namespace': 'sign it again for its own purpose: `ssh-keygen -Y sign -n NAMESPACE`',
  'ssh-certificate': 'sign with the plain key, not with its certificate',
  'trailing-bytes': 'sign it again with an ordinary gpg or ssh-keygen',
};

/** What to do about it; `null` where nobody can do anything but find out how it came about. */
export function reasonRemedy(reason: ProofReason): string | null {
  return REASON_REMEDIES[reason];
}

const STANDING: Readonly<Record<StandingProblem, string>> = {
  'key-not-bound': 'its certificate does not confirm the key',
  'binding-bad': 'no signature by which its certificate should confirm the key is valid',
  'key-not-for-signing': 'the key is not meant for signing',
  'back-signature-missing': 'the subkey does not confirm its certificate',
  'back-signature-bad': 'the signature by which the subkey should confirm its certificate is not valid',
  'key-expired': 'the key has expired',
  'key-revoked-hard': 'the key is revoked as compromised or without a harmless reason',
  'key-revoked-soft': 'the key is revoked as superseded or no longer used',
  'key-created-later': 'the signature says that it is older than its key',
  'signature-expired': 'the signature has expired by its own word',
  'weak-key': 'the key is too short',
  'algorithm-unsupported': 'the algorithm of the key is not supported',
};

/** Why a key may not speak for its person, to stand after `but`. */
export function standingInWords(problem: StandingProblem): string {
  return STANDING[problem];
}

const STANDING_REMEDIES: Readonly<Record<StandingProblem, string>> = {
  'key-not-bound': 'bring the whole certificate: `gpg --armor --export FINGERPRINT`',
  'binding-bad':
    'make the self-signatures anew with SHA-256 or better (`gpg --quick-set-expire`), and bring the new certificate',
  'key-not-for-signing':
    'sign with a key that has the flag for it; `gpg --quick-add-key FINGERPRINT ed25519 sign` adds one',
  'back-signature-missing':
    'let gpg add it: `gpg --edit-key FINGERPRINT cross-certify save`; then bring the new certificate',
  'back-signature-bad': 'add a new signing subkey (`gpg --quick-add-key`), and bring the new certificate',
  'key-expired':
    'prolong it with `gpg --quick-set-expire FINGERPRINT 2y`, and bring the new certificate; or sign with another key',
  'key-revoked-hard': 'an admin takes the key off the roster; its owner signs with a new one',
  'key-revoked-soft': 'sign with the key that took its place, once it is on the roster',
  'key-created-later': 'set the clock right, and sign again',
  'signature-expired': 'sign again, without an end (no `default-sig-expire` in gpg.conf)',
  'weak-key': 'sign with a new key: RSA of at least 2048 bits, ECDSA, Ed25519 or Ed448',
  'algorithm-unsupported': 'sign with a key of RSA, ECDSA over a NIST curve, Ed25519 or Ed448',
};

/** What the owner of the key, or an admin where it says so, can do about it. */
export function standingRemedy(problem: StandingProblem): string {
  return STANDING_REMEDIES[problem];
}

/** Why a signature does not speak for its person, to stand after `but`. */
export function signerProblemInWords(problem: SignerProblem): string {
  return problem === 'key-revoked-by-statement'
    ? 'a signed statement has revoked the key'
    : standingInWords(problem);
}

export function signerProblemRemedy(problem: SignerProblem): string {
  return problem === 'key-revoked-by-statement'
    ? 'its owner signs with another key (a new one: `countersign keys add`); an admin then takes this one off the roster (`countersign keys remove`)'
    : standingRemedy(problem);
}
