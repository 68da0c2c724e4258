import { hash } from 'node:crypto';
import { parseSignatureArmor } from './armor.ts';
import { trimBlanks } from './blanks.ts';
import { DSA, ECDSA, ED25519, ED448, EDDSA_LEGACY, RSA, RSA_SIGN_ONLY } from './openpgp-key.ts';
import { parseOnlySignature, signedBytes } from './openpgp-signature.ts';
import type { OpenpgpSignature } from './openpgp-signature.ts';
import { shortestHash, SIGNATURE_HASHES, verifyValue } from './openpgp-value.ts';
import { isWeak } from './public-key.ts';
import { Refusal } from './refusal.ts';
import type { VerificationKey, VerificationKeys } from './verification-keys.ts';

const BINARY = 0x00;
const TEXT = 0x01;

const WEAK_HASHES = [1, 2, 3];
const ALGORITHMS = [RSA, RSA_SIGN_ONLY, ECDSA, EDDSA_LEGACY, ED25519, ED448];

/** @throws Refusal whatever is wrong with it before any key is looked at */
export function parseOpenpgpClaim(armor: Uint8Array, form: 'detached' | 'cleartext'): OpenpgpSignature {
  const signature = parseOnlySignature(parseSignatureArmor(armor, 'PGP SIGNATURE'));
  const { version, type, algorithm } = signature;
  if (form === 'detached' && type === TEXT) {
    throw new Refusal('text-mode-signature', 'it was made in text mode, so it does not fix the line ends');
  }
  if (type !== (form === 'detached' ? BINARY : TEXT)) {
    throw new Refusal('wrong-signature-type', `signatures of type ${type} don't sign documents`);
  }
  if (algorithm === DSA) throw new Refusal('dsa-refused', 'it is a DSA signature');
  if (WEAK_HASHES.includes(signature.hash))
    throw new Refusal('weak-hash', 'its hash is MD5, SHA-1 or RIPEMD-160');
  const known = SIGNATURE_HASHES[signature.hash];
  // RFC 9580 section 9.1: EdDSALegacy is not for version 6.
  if (
    known === undefined ||
    !ALGORITHMS.includes(algorithm) ||
    (version === 6 && algorithm === EDDSA_LEGACY)
  ) {
    throw new Refusal(
      'algorithm-unsupported',
      `algorithm ${algorithm} with hash ${signature.hash} is not supported`,
    );
  }
  if (known.bits < shortestHash(algorithm, null)) throw tooShort(known.bits);
  return signature;
}

/**
 * The key among `keys` whose material verifies the signature over `document`. Only keys of the signature's version are
 * looked at (RFC 9580 section 5.2.3: version 6 with version 6, version 4 with version 4).
 *
 * @param document what is hashed: for a clear-signed text, in the form of `cleartextDocument`
 * @throws Refusal `key-unknown`, `dsa-refused`, `algorithm-unsupported`, `weak-key`, `weak-hash`, `signature-bad` or
 *   `signature-malformed`
 */
export async function verifyOpenpgpSignature(
  signature: OpenpgpSignature,
  document: Uint8Array,
  keys: VerificationKeys,
): Promise<VerificationKey> {
  const candidates = keys
    .find(signature.issuer)
    .filter(({ fingerprint }) => (fingerprint.length === 64) === (signature.version === 6))
    .slice(0, MAX_CANDIDATES);
  if (candidates.length === 0) throw new Refusal('key-unknown', 'no certificate has the key that it names');
  const fitting = candidates.filter(
    ({ algorithm, key }) => key !== null && algorithm === signature.algorithm,
  );
  if (fitting.length === 0) {
    if (candidates.some(({ algorithm }) => algorithm === DSA))
      throw new Refusal('dsa-refused', 'the key that it names is a DSA key');
    throw new Refusal('algorithm-unsupported', 'its algorithm is not the one of the key');
  }
  const known = SIGNATURE_HASHES[signature.hash];
  if (known === undefined) throw new Refusal('algorithm-unsupported', 'its hash is not supported');
  const signed = signedBytes(signature, document);
  // As text, which costs less than a buffer; only EdDSA needs its bytes.
  const digest = hash(known.name, signed, 'hex');
  if (!digest.startsWith(hex(signature.quickCheck)))
    throw new Refusal('signature-bad', 'the hash does not match');
  let isKeyWeak = false;
  let isHashWeak = false;
  for (const candidate of fitting) {
    const { key } = candidate;
    if (key === null) continue;
    if (isWeak(key)) isKeyWeak = true;
    else if (known.bits < shortestHash(signature.algorithm, key)) isHashWeak = true;
    else if (await verifyValue(signature, key, known.name, signed, digest)) return candidate;
  }
  if (isKeyWeak) throw new Refusal('weak-key', 'its RSA key is too small');
  if (isHashWeak) throw tooShort(known.bits);
  throw new Refusal('signature-bad', 'it is no signature over these bytes by the key that it names');
}

function tooShort(bits: number): Refusal {
  return new Refusal('weak-hash', `a hash of ${bits} bits is too short for its algorithm`);
}

/** Colliding key ids cost a birthday search of 2^32: a few are possible, many are an attack on our time. */
const MAX_CANDIDATES = 8;

/**
 * What a `gpg --clearsign` signature is made over (RFC 9580 section 7.2): trailing blanks removed from each line, line
 * ends CR LF, without the last line end. Like gpg, and unlike the letter of the RFC, CR counts as a blank.
 */
export function cleartextDocument(text: Uint8Array): Uint8Array {
  const lines = Buffer.from(text).toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return Buffer.from(lines.map(trimBlanks).join('\r\n'), 'latin1');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
