import { createECDH, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { rsaPrivateKey } from './rsa.ts';
import { seeded } from './seeded.ts';

export type KeyKind = 'rsa2048' | 'rsa3072' | 'rsa4096' | 'ed25519' | 'p256' | 'p384';

/** A private key that is the same at each run. It guards nothing. */
export interface SigningKey {
  readonly kind: KeyKind;
  readonly secret: KeyObject;
  readonly open: KeyObject;
  /** Of the public key, each a big-endian number without padding: RSA n and e; Ed25519 x; ECDSA the point 04 x y. */
  readonly parts: readonly Uint8Array[];
}

/** One call of `crypto.verify`: what is left of checking a signature once everything around it is done. */
export interface RawCheck {
  readonly hash: string | null;
  readonly data: Uint8Array;
  readonly key: KeyObject;
  readonly signature: Uint8Array;
}

const made = new Map<string, SigningKey>();

export function signingKey(label: string, kind: KeyKind): SigningKey {
  const name = `${label} ${kind}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  const secret = makeSecret(name, kind);
  const open = createPublicKey(secret);
  const key = { kind, secret, open, parts: publicParts(open) };
  made.set(name, key);
  return key;
}

/**
 * An ECDSA signature is DER, as OpenSSL has it: node:crypto would turn any other form into DER on the main thread.
 *
 * @param hash `null` for Ed25519, which signs `data` as it is
 */
export function signRaw(key: SigningKey, hash: string | null, data: Uint8Array): RawCheck {
  return { hash, data, key: key.open, signature: sign(hash, data, key.secret) };
}

/** The numbers that a signature consists of, big-endian: r and s of ECDSA and Ed25519, the one number of RSA. */
export function signatureNumbers({ kind }: SigningKey, signature: Uint8Array): Uint8Array[] {
  if (kind === 'ed25519') return [signature.subarray(0, 32), signature.subarray(32)];
  return isCurve(kind) ? parseDerPair(signature) : [signature];
}

/** RFC 3279 section 2.2.3: `30 <length> 02 <length> r 02 <length> s`, all lengths below 128 for these curves. */
function parseDerPair(der: Uint8Array): Uint8Array[] {
  const r = 4;
  const s = r + (der[3] ?? 0) + 2;
  return [der.subarray(r, s - 2), der.subarray(s)];
}

export function isCurve(kind: KeyKind): kind is 'p256' | 'p384' {
  return kind === 'p256' || kind === 'p384';
}

/** RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function makeSecret(name: string, kind: KeyKind): KeyObject {
  const source = seeded(name);
  switch (kind) {
    case 'rsa2048':
    case 'rsa3072':
    case 'rsa4096':
      return rsaPrivateKey(Number(kind.slice(3)), source);
    case 'ed25519': {
      const key = Buffer.concat([ED25519_PKCS8, source.bytes(32)]);
      return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    }
    case 'p256':
      return curveKey('P-256', 'prime256v1', source.bytes(32));
    case 'p384':
      return curveKey('P-384', 'secp384r1', source.bytes(48));
  }
}

/** A scalar at or above the curve's order is refused by `setPrivateKey`; the chance is below 2^-32, and the seed fixed. */
function curveKey(crv: string, curve: string, scalar: Uint8Array): KeyObject {
  const pair = createECDH(curve);
  pair.setPrivateKey(scalar);
  const point = pair.getPublicKey();
  const x = point.subarray(1, 1 + scalar.length).toString('base64url');
  const y = point.subarray(1 + scalar.length).toString('base64url');
  const d = Buffer.from(scalar).toString('base64url');
  return createPrivateKey({ key: { kty: 'EC', crv, x, y, d }, format: 'jwk' });
}

function publicParts(open: KeyObject): Uint8Array[] {
  const { kty, n = '', e = '', x = '', y = '' } = open.export({ format: 'jwk' });
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  if (kty === 'RSA') return [bytes(n), bytes(e)];
  if (kty === 'OKP') return [bytes(x)];
  return [Buffer.concat([Uint8Array.of(4), bytes(x), bytes(y)])];
}
