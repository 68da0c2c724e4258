import { cursorOver, remaining, takeBytes } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { ECDSA, ED25519, ED448, EDDSA_LEGACY } from './openpgp-key.ts';
import { takeMpi, takeRsaSignature } from './openpgp-mpi.ts';
import type { OpenpgpSignature } from './openpgp-signature.ts';
import { verifyEcdsa, verifyEddsa, verifyRsa } from './public-key.ts';
import type { HashName, PublicKey } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';

/** RFC 9580 section 9.5. Without MD5, SHA-1 and RIPEMD-160, which are weak (trust.md D21). */
export const SIGNATURE_HASHES: Readonly<Record<number, { readonly name: HashName; readonly bits: number }>> =
  {
    8: { name: 'sha256', bits: 256 },
    9: { name: 'sha384', bits: 384 },
    10: { name: 'sha512', bits: 512 },
    11: { name: 'sha224', bits: 224 },
    12: { name: 'sha3-256', bits: 256 },
    14: { name: 'sha3-512', bits: 512 },
  };

/** RFC 9580 sections 5.2.3.3, 5.2.3.4 and 5.2.3.5: whoever verifies must refuse a shorter hash. */
const EDDSA_HASH_BITS: Readonly<Record<number, number>> = {
  [EDDSA_LEGACY]: 256,
  [ED25519]: 256,
  [ED448]: 512,
};
/** RFC 9580 section 5.2.3.2; gpg makes no shorter ones either. */
const ECDSA_HASH_BITS: Readonly<Record<string, number>> = { p256: 256, p384: 384, p521: 512 };

/**
 * The least bits that a hash must have for an algorithm (RFC 9580 section 9.1) to be believed; of ECDSA the key must be
 * known for that.
 */
export function shortestHash(algorithm: number, key: PublicKey | null): number {
  return EDDSA_HASH_BITS[algorithm] ?? ECDSA_HASH_BITS[key?.algorithm ?? ''] ?? 0;
}

/**
 * Whether the numbers of a signature are one over `signed` by `key`, whose algorithm is the signature's. Nothing else is
 * looked at.
 *
 * @param signed what `signedBytes` gives
 * @param digest the hash over `signed`, hex
 * @throws Refusal `signature-malformed` or `trailing-bytes` where they are no such numbers
 */
export function verifyValue(
  { algorithm, value }: Pick<OpenpgpSignature, 'algorithm' | 'value'>,
  key: PublicKey,
  hashName: HashName,
  signed: Uint8Array,
  digest: string,
): Promise<boolean> {
  const cursor = cursorOver(value);
  switch (algorithm) {
    case ED25519:
    case ED448: {
      const raw = takeBytes(cursor, algorithm === ED25519 ? 64 : 114);
      refuseMore(cursor);
      return verifyEddsa(key, Buffer.from(digest, 'hex'), raw);
    }
    case EDDSA_LEGACY: {
      // RFC 9580 section 5.2.3.3.1: R and s as numbers, so leading zeros of 32 bytes each are missing.
      const [r, s] = takePair(cursor);
      if (r.length > 32 || s.length > 32) throw malformed('the signature is too long');
      const raw = new Uint8Array(64);
      raw.set(r, 32 - r.length);
      raw.set(s, 64 - s.length);
      return verifyEddsa(key, Buffer.from(digest, 'hex'), raw);
    }
    case ECDSA: {
      const [r, s] = takePair(cursor);
      return verifyEcdsa(key, hashName, signed, r, s);
    }
    default: {
      const number = takeRsaSignature(cursor);
      refuseMore(cursor);
      return verifyRsa(key, hashName, signed, number);
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
