import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { encodeDerPair } from './der.ts';
import { malformed } from './refusal.ts';
import { hasSmallOrder } from './small-order.ts';

/** A public key of any format, ready for node:crypto. */
export interface PublicKey {
  readonly algorithm: 'rsa' | 'ed25519' | 'ed448' | Curve;
  /** Modulus or field size. */
  readonly bits: number;
  /**
   * One spelling of the raw key that is equal over all formats: `rsa:<n>:<e>`, `ed25519:<hex>`, `ed448:<hex>`,
   * `p256:<point>`.
   */
  readonly material: string;
  /**
   * The key as OpenSSL has it; `null` where OpenSSL takes it for none, as a point that is not on its curve. Made when
   * first asked for, and kept: it costs as much as verifying, and most keys of a roster sign nothing that is looked at.
   */
  readonly imported: () => KeyObject | null;
}

export type Curve = 'p256' | 'p384' | 'p521';
/** `sha1` for self-signatures of old certificates alone. */
export type HashName = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha3-256' | 'sha3-512';

/** RSA below this size is refused (trust.md D21). */
export const MIN_RSA_BITS = 2048;
/** OpenSSL and OpenSSH refuse more: OPENSSL_RSA_MAX_MODULUS_BITS. */
const MAX_RSA_BITS = 16384;
/**
 * Verifying takes time by the length of the exponent, and its owner chooses it. Real keys have 65537, old ones 3, 17, 35, 37
 * or 41; Windows has no place for more than 32 bits, Go refuses more than 31 (`crypto/rsa`, `checkPub`).
 */
const MAX_RSA_EXPONENT_BYTES = 4;

const CURVES = {
  p256: { crv: 'P-256', bits: 256, bytes: 32 },
  p384: { crv: 'P-384', bits: 384, bytes: 48 },
  p521: { crv: 'P-521', bits: 521, bytes: 66 },
} as const;

const EDWARDS = {
  ed25519: { crv: 'Ed25519', bits: 256, bytes: 32, signature: 64 },
  ed448: { crv: 'Ed448', bits: 448, bytes: 57, signature: 114 },
} as const;

/** @param modulus big-endian without leading zeros, like `exponent` */
export function rsaKey(modulus: Uint8Array, exponent: Uint8Array): PublicKey {
  const bits = bitLength(modulus);
  // With e = 1 anybody can sign; an even e has no inverse.
  const odd = ((exponent.at(-1) ?? 0) & 1) === 1;
  if (bits > MAX_RSA_BITS || exponent.length > MAX_RSA_EXPONENT_BYTES || !odd || bitLength(exponent) < 2) {
    throw malformed('the RSA key is out of bounds');
  }
  return publicKey('rsa', bits, `rsa:${hex(modulus)}:${hex(exponent)}`, () => ({
    kty: 'RSA',
    n: base64url(modulus),
    e: base64url(exponent),
  }));
}

/** @param point uncompressed (SEC 1 section 2.3.3): 04, x, y. Whether it lies on the curve, OpenSSL says on import. */
export function ecdsaKey(curve: Curve, point: Uint8Array): PublicKey {
  const { crv, bits, bytes } = CURVES[curve];
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) throw malformed('the point is not uncompressed');
  return publicKey(curve, bits, `${curve}:${hex(point)}`, () => ({
    kty: 'EC',
    crv,
    x: base64url(point.subarray(1, 1 + bytes)),
    y: base64url(point.subarray(1 + bytes)),
  }));
}

/** @param raw 32 bytes (RFC 8032 section 5.1.5) for Ed25519, 57 (section 5.2.5) for Ed448 */
export function eddsaKey(algorithm: 'ed25519' | 'ed448', raw: Uint8Array): PublicKey {
  const { crv, bits, bytes } = EDWARDS[algorithm];
  if (raw.length !== bytes) throw malformed(`an ${crv} key has ${bytes} bytes`);
  if (algorithm === 'ed25519' && hasSmallOrder(raw)) throw malformed('the key is a point of small order');
  return publicKey(algorithm, bits, `${algorithm}:${hex(raw)}`, () => ({
    kty: 'OKP',
    crv,
    x: base64url(raw),
  }));
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
  return padded === null ? Promise.resolve(false) : verifyOnPool(hash, data, key, padded);
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
  if (r.length > bytes || s.length > bytes) return Promise.resolve(false);
  // As DER, since node:crypto turns the plain form into DER on the main thread, at the cost of several verifications.
  return verifyOnPool(hash, data, key, encodeDerPair(r, s));
}

/** Pure EdDSA without context (RFC 8032). */
export function verifyEddsa(key: PublicKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { algorithm } = key;
  const fits =
    (algorithm === 'ed25519' || algorithm === 'ed448') && signature.length === EDWARDS[algorithm].signature;
  return fits ? verifyOnPool(null, data, key, signature) : Promise.resolve(false);
}

/**
 * The asynchronous form runs on libuv's pool. An error of OpenSSL's means that nothing was verified.
 *
 * Verifications that begin in one turn of the event loop go to the pool together at its end, so that its threads are woken
 * once and not for each: where verifying is quick (RSA-2048), waking costs the main thread as much as parsing.
 */
function verifyOnPool(
  hash: HashName | null,
  data: Uint8Array,
  key: PublicKey,
  signature: Uint8Array,
): Promise<boolean> {
  const object = key.imported();
  if (object === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    if (waiting.length === 0) setImmediate(startWaiting);
    waiting.push(() => {
      try {
        verify(hash, data, object, signature, (error, good) => {
          resolve(error === null && good);
        });
      } catch {
        resolve(false);
      }
    });
  });
}

let waiting: (() => void)[] = [];

function startWaiting(): void {
  const all = waiting;
  waiting = [];
  for (const start of all) start();
}

function publicKey(
  algorithm: PublicKey['algorithm'],
  bits: number,
  material: string,
  jwk: () => JsonWebKey,
): PublicKey {
  let object: KeyObject | null | undefined;
  return {
    algorithm,
    bits,
    material,
    imported() {
      if (object === undefined) object = importKey(jwk());
      return object;
    },
  };
}

function importKey(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}

/** Of a big-endian number without leading zeros. */
export function bitLength(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - (Math.clz32(number[0] ?? 0) - 24);
}

function leftPad(number: Uint8Array, length: number): Uint8Array | null {
  if (number.length === length) return number;
  if (number.length > length) return null;
  const padded = new Uint8Array(length);
  padded.set(number, length - number.length);
  return padded;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
