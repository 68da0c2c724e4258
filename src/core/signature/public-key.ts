import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { malformed } from './refusal.ts';

/** A public key of any format, ready for node:crypto. */
export interface PublicKey {
  readonly algorithm: 'rsa' | 'ed25519' | Curve;
  /** Modulus or field size. */
  readonly bits: number;
  /** One spelling of the raw key that is equal over all formats: `rsa:<n>:<e>`, `ed25519:<hex>`, `p256:<point>`. */
  readonly material: string;
  readonly object: KeyObject;
}

export type Curve = 'p256' | 'p384' | 'p521';
export type HashName = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** RSA below this size is refused (trust.md D21). */
export const MIN_RSA_BITS = 2048;
/** OpenSSL and OpenSSH refuse more: OPENSSL_RSA_MAX_MODULUS_BITS. */
const MAX_RSA_BITS = 16384;

const CURVES = {
  p256: { crv: 'P-256', bits: 256, bytes: 32 },
  p384: { crv: 'P-384', bits: 384, bytes: 48 },
  p521: { crv: 'P-521', bits: 521, bytes: 66 },
} as const;

/** @param modulus big-endian without leading zeros, like `exponent` */
export function rsaKey(modulus: Uint8Array, exponent: Uint8Array): PublicKey {
  const bits = bitLength(modulus);
  // With e = 1 anybody can sign; an even e has no inverse. OpenSSL bounds e to 64 bits for large keys.
  const odd = ((exponent.at(-1) ?? 0) & 1) === 1;
  if (bits > MAX_RSA_BITS || exponent.length > 8 || !odd || bitLength(exponent) < 2) {
    throw malformed('the RSA key is out of bounds');
  }
  const object = importKey({ kty: 'RSA', n: base64url(modulus), e: base64url(exponent) });
  return { algorithm: 'rsa', bits, material: `rsa:${hex(modulus)}:${hex(exponent)}`, object };
}

/** @param point uncompressed (SEC 1 section 2.3.3): 04, x, y. It must lie on the curve, which OpenSSL checks on import. */
export function ecdsaKey(curve: Curve, point: Uint8Array): PublicKey {
  const { crv, bits, bytes } = CURVES[curve];
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) throw malformed('the point is not uncompressed');
  const x = base64url(point.subarray(1, 1 + bytes));
  const y = base64url(point.subarray(1 + bytes));
  const object = importKey({ kty: 'EC', crv, x, y });
  return { algorithm: curve, bits, material: `${curve}:${hex(point)}`, object };
}

/** @param raw 32 bytes (RFC 8032 section 5.1.5) */
export function ed25519Key(raw: Uint8Array): PublicKey {
  if (raw.length !== 32) throw malformed('an Ed25519 key has 32 bytes');
  const object = importKey({ kty: 'OKP', crv: 'Ed25519', x: base64url(raw) });
  return { algorithm: 'ed25519', bits: 256, material: `ed25519:${hex(raw)}`, object };
}

export function isWeak({ algorithm, bits }: Pick<PublicKey, 'algorithm' | 'bits'>): boolean {
  return algorithm === 'rsa' && bits < MIN_RSA_BITS;
}

/** PKCS #1 v1.5 over `data`; a signature shorter than the modulus is filled up with zeros (RFC 9580 section 5.2.3). */
export function verifyRsa(
  key: PublicKey,
  hash: HashName,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const padded = leftPad(signature, Math.ceil(key.bits / 8));
  return padded === null ? Promise.resolve(false) : verifyOnPool(hash, data, key.object, padded);
}

/** @param r big-endian without leading zeros, like `s` */
export function verifyEcdsa(
  key: PublicKey,
  hash: HashName,
  data: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
): Promise<boolean> {
  const bytes = Math.ceil(key.bits / 8);
  const parts = [leftPad(r, bytes), leftPad(s, bytes)].filter((part) => part !== null);
  if (parts.length !== 2) return Promise.resolve(false);
  return verifyOnPool(hash, data, { key: key.object, dsaEncoding: 'ieee-p1363' }, Buffer.concat(parts));
}

export function verifyEd25519(key: PublicKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return signature.length === 64 ? verifyOnPool(null, data, key.object, signature) : Promise.resolve(false);
}

/** The asynchronous form runs on libuv's pool. An error of OpenSSL's means that nothing was verified. */
function verifyOnPool(
  hash: HashName | null,
  data: Uint8Array,
  key: KeyObject | { key: KeyObject; dsaEncoding: 'ieee-p1363' },
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    verify(hash, data, key, signature, (error, good) => {
      resolve(error === null && good);
    });
  });
}

/** @throws Refusal `signature-malformed` where OpenSSL can't make a key of it */
function importKey(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw malformed('the public key is not valid');
  }
}

/** Of a big-endian number without leading zeros. */
export function bitLength(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - (Math.clz32(number[0] ?? 0) - 24);
}

function leftPad(number: Uint8Array, length: number): Uint8Array | null {
  if (number.length > length) return null;
  const padded = new Uint8Array(length);
  padded.set(number, length - number.length);
  return padded;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
