import { createHash } from 'node:crypto';
import { parseSignatureArmor, trimBlanks } from './armor.ts';
import { cursorOver, remaining, takeRest } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { ECDSA, ED25519, EDDSA_LEGACY, RSA, RSA_SIGN_ONLY } from './openpgp-key.ts';
import { takeMpi, takeRsaSignature } from './openpgp-mpi.ts';
import { parseOnlySignature } from './openpgp-signature.ts';
import type { OpenpgpSignature } from './openpgp-signature.ts';
import { isWeak, verifyEcdsa, verifyEd25519, verifyRsa } from './public-key.ts';
import type { HashName, PublicKey } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';
import type { VerificationKey, VerificationKeys } from './verification-keys.ts';

const BINARY = 0x00;
const TEXT = 0x01;

/** RFC 9580 section 9.5. MD5, SHA-1 and RIPEMD-160 are weak (trust.md D21); SHA-3 is of a later time than v4. */
const HASHES: Readonly<Record<number, HashName>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512', 11: 'sha224' };
const WEAK_HASHES = [1, 2, 3];

/** @throws Refusal whatever is wrong with it before any key is looked at */
export function parseOpenpgpClaim(armor: Uint8Array, form: 'detached' | 'cleartext'): OpenpgpSignature {
  const signature = parseOnlySignature(parseSignatureArmor(armor, 'PGP SIGNATURE'));
  const { type, hash, algorithm } = signature;
  if (form === 'detached' && type === TEXT) {
    throw new Refusal('text-mode-signature', 'it was made in text mode, so it does not fix the line ends');
  }
  if (type !== (form === 'detached' ? BINARY : TEXT)) {
    throw new Refusal('wrong-signature-type', `signatures of type ${type} don't sign documents`);
  }
  if (WEAK_HASHES.includes(hash)) throw new Refusal('weak-hash', 'its hash is MD5, SHA-1 or RIPEMD-160');
  if (!(hash in HASHES) || ![RSA, RSA_SIGN_ONLY, ECDSA, EDDSA_LEGACY, ED25519].includes(algorithm)) {
    throw new Refusal('algorithm-unsupported', `algorithm ${algorithm} with hash ${hash} is not supported`);
  }
  return signature;
}

/**
 * The key among `keys` whose material verifies the signature over `document`.
 *
 * @param document what is hashed: for a clear-signed text, in the form of `cleartextDocument`
 * @throws Refusal `key-unknown`, `algorithm-unsupported`, `weak-key`, `signature-bad` or `signature-malformed`
 */
export async function verifyOpenpgpSignature(
  signature: OpenpgpSignature,
  document: Uint8Array,
  keys: VerificationKeys,
): Promise<VerificationKey> {
  const candidates = keys.find(signature.issuer).slice(0, MAX_CANDIDATES);
  if (candidates.length === 0) throw new Refusal('key-unknown', 'no certificate has the key that it names');
  const fitting = candidates.filter(
    ({ algorithm, key }) => key !== null && algorithm === signature.algorithm,
  );
  if (fitting.length === 0)
    throw new Refusal('algorithm-unsupported', 'its algorithm is not the one of the key');
  const hash = HASHES[signature.hash];
  if (hash === undefined) throw new Refusal('algorithm-unsupported', 'its hash is not supported');
  const signed = signedBytes(signature, document);
  const digest = createHash(hash).update(signed).digest();
  if (!digest.subarray(0, 2).equals(signature.quickCheck))
    throw new Refusal('signature-bad', 'the hash does not match');
  let weak = false;
  for (const candidate of fitting) {
    if (candidate.key === null) continue;
    if (isWeak(candidate.key)) weak = true;
    else if (await verifyValue(signature, candidate.key, hash, signed, digest)) return candidate;
  }
  if (weak) throw new Refusal('weak-key', 'its RSA key is too small');
  throw new Refusal('signature-bad', 'it is no signature over these bytes by the key that it names');
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

/** RFC 9580 section 5.2.4: the document, the hashed part, then version, 0xFF and the hashed part's length. */
function signedBytes({ hashedPart }: OpenpgpSignature, document: Uint8Array): Uint8Array {
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(hashedPart.length, 2);
  return Buffer.concat([document, hashedPart, trailer]);
}

function verifyValue(
  { algorithm, value }: OpenpgpSignature,
  key: PublicKey,
  hash: HashName,
  signed: Uint8Array,
  digest: Uint8Array,
): Promise<boolean> {
  const cursor = cursorOver(value);
  switch (algorithm) {
    case ED25519:
      return verifyEd25519(key, digest, takeRest(cursor));
    case EDDSA_LEGACY: {
      // RFC 9580 section 5.2.3.3.1: R and s as numbers, so leading zeros of 32 bytes each are missing.
      const [r, s] = takePair(cursor);
      if (r.length > 32 || s.length > 32) throw malformed('the signature is too long');
      const raw = new Uint8Array(64);
      raw.set(r, 32 - r.length);
      raw.set(s, 64 - s.length);
      return verifyEd25519(key, digest, raw);
    }
    case ECDSA: {
      const [r, s] = takePair(cursor);
      return verifyEcdsa(key, hash, signed, r, s);
    }
    default: {
      const number = takeRsaSignature(cursor);
      refuseMore(cursor);
      return verifyRsa(key, hash, signed, number);
    }
  }
}

function takePair(cursor: Cursor): readonly [Uint8Array, Uint8Array] {
  const pair = [takeMpi(cursor), takeMpi(cursor)] as const;
  refuseMore(cursor);
  return pair;
}

function refuseMore(cursor: Cursor): void {
  if (remaining(cursor) > 0) throw new Refusal('trailing-bytes', 'there are bytes after the signature');
}
