import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { HAND_TIME, mpi, number } from './packets.ts';
import type { HashName, Signer } from './packets.ts';

/** An OpenPGP key pair made by hand. */
export interface HandKey extends Signer {
  readonly version: 4 | 5 | 6;
  readonly createdAt: number;
  /** Of the public key or subkey packet. */
  readonly body: Buffer;
  readonly privateKey: KeyObject;
}

export type HandKeyKind =
  | 'rsa1024'
  | 'rsa2048'
  | 'rsa3072'
  | 'rsa4096'
  | 'dsa2048'
  | 'p256'
  | 'p384'
  | 'p521'
  | 'brainpoolP256r1'
  | 'secp256k1'
  | 'ed25519-legacy'
  | 'ed25519'
  | 'ed448'
  | 'x25519';

/** Key pair without its place in a packet: one raw key can so stand in several packets. */
export interface Material {
  /** Public key algorithm id, RFC 9580 section 9.1. */
  readonly id: number;
  readonly parameters: Buffer;
  readonly privateKey: KeyObject;
  readonly usualHash: HashName;
  readonly makeValue: Signer['makeValue'];
}

export interface HandKeyOptions {
  readonly version?: 4 | 5 | 6;
  /** Seconds since the epoch. */
  readonly createdAt?: number;
}

export function makeHandKey(kind: HandKeyKind, options: HandKeyOptions = {}): HandKey {
  return keyOf(makeMaterial(kind), options);
}

/** RFC 9580 section 5.5.2; version 5 as LibrePGP has it, which differs from 6 in the number and in what is hashed. */
export function keyOf(
  { id, parameters, privateKey, usualHash, makeValue }: Material,
  { version = 4, createdAt = HAND_TIME }: HandKeyOptions = {},
): HandKey {
  const head = Buffer.concat([Uint8Array.of(version), number(createdAt, 4), Uint8Array.of(id)]);
  const counted = version === 4 ? Buffer.alloc(0) : number(parameters.length, 4);
  const body = Buffer.concat([head, counted, parameters]);
  const fingerprint = createHash(version === 4 ? 'sha1' : 'sha256')
    .update(hashedKey({ version, body }))
    .digest();
  return { version, algorithm: id, createdAt, body, fingerprint, privateKey, usualHash, makeValue };
}

/** A key as signatures and fingerprints hash it, RFC 9580 section 5.2.4. */
export function hashedKey({ version, body }: Pick<HandKey, 'version' | 'body'>): Buffer {
  const head = version === 4 ? 0x99 : version === 5 ? 0x9a : 0x9b;
  return Buffer.concat([Uint8Array.of(head), number(body.length, version === 4 ? 2 : 4), body]);
}

export function hexOf({ fingerprint }: Pick<Signer, 'fingerprint'>): string {
  return Buffer.from(fingerprint).toString('hex').toUpperCase();
}

export function makeMaterial(kind: HandKeyKind): Material {
  switch (kind) {
    case 'rsa1024':
    case 'rsa2048':
    case 'rsa3072':
    case 'rsa4096':
      return rsa(Number(kind.slice(3)));
    case 'dsa2048':
      return dsa();
    case 'p256':
      return ecdsa('P-256', '2a8648ce3d030107', 'sha256');
    case 'p384':
      return ecdsa('P-384', '2b81040022', 'sha384');
    case 'p521':
      return ecdsa('P-521', '2b81040023', 'sha512');
    case 'brainpoolP256r1':
      return ecdsa('brainpoolP256r1', '2b2403030208010107', 'sha256');
    case 'secp256k1':
      return ecdsa('secp256k1', '2b8104000a', 'sha256');
    case 'ed25519-legacy':
      return ed25519Legacy();
    case 'ed25519': {
      const { privateKey } = generateKeyPairSync('ed25519');
      return native(27, privateKey, 'sha256');
    }
    case 'ed448': {
      const { privateKey } = generateKeyPairSync('ed448');
      return native(28, privateKey, 'sha512');
    }
    case 'x25519': {
      const { publicKey, privateKey } = generateKeyPairSync('x25519');
      const parameters = jwkField(publicKey, 'x');
      return { id: 25, parameters, privateKey, usualHash: 'sha256', makeValue: () => Buffer.alloc(64) };
    }
  }
}

function rsa(modulusLength: number): Material {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    id: 1,
    parameters: Buffer.concat([mpi(jwkField(publicKey, 'n')), mpi(jwkField(publicKey, 'e'))]),
    privateKey,
    usualHash: 'sha256',
    makeValue: (hash, signed) => mpi(sign(hash, signed, privateKey)),
  };
}

/** Brainpool has no name as a JWK, so the point is read from the end of the DER form. */
function ecdsa(namedCurve: string, oid: string, usualHash: HashName): Material {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const bytes = namedCurve === 'P-384' ? 48 : namedCurve === 'P-521' ? 66 : 32;
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-(1 + 2 * bytes));
  return {
    id: 19,
    parameters: Buffer.concat([Uint8Array.of(oid.length / 2), Buffer.from(oid, 'hex'), mpi(point)]),
    privateKey,
    usualHash,
    makeValue: (hash, signed) => pair(sign(hash, signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

/** p, q, g and y in the order of RFC 9580 section 5.5.5.2, which DER has as well: numbers of a known nesting. */
function dsa(): Material {
  const { publicKey, privateKey } = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const numbers: Buffer[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0;
    const wide = first > 0x80 ? first - 0x80 : 0;
    const start = at + 2 + wide;
    const size = wide === 0 ? first : der.readUIntBE(at + 2, wide);
    if (tag === 0x02) numbers.push(mpi(der.subarray(start, start + size)));
    // Into sequences and the bit string (after its count of unused bits), over all the rest.
    at = tag === 0x30 ? start : tag === 0x03 ? start + 1 : start + size;
  }
  if (numbers.length !== 4) throw new Error('unexpected form of a DSA key');
  return {
    id: 17,
    parameters: Buffer.concat(numbers),
    privateKey,
    usualHash: 'sha256',
    makeValue: (hash, signed) => pair(sign(hash, signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

/** RFC 9580 sections 5.5.5.5 and 5.2.3.3.1. */
function ed25519Legacy(): Material {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const oid = Buffer.from('2b06010401da470f01', 'hex');
  const point = Buffer.concat([Uint8Array.of(0x40), jwkField(publicKey, 'x')]);
  return {
    id: 22,
    parameters: Buffer.concat([Uint8Array.of(oid.length), oid, mpi(point)]),
    privateKey,
    usualHash: 'sha256',
    makeValue: (hash, signed) => pair(sign(null, digestOf(hash, signed), privateKey)),
  };
}

/** RFC 9580 sections 5.5.5.9, 5.5.5.10, 5.2.3.4 and 5.2.3.5. */
function native(id: number, privateKey: KeyObject, usualHash: HashName): Material {
  return {
    id,
    parameters: jwkField(privateKey, 'x'),
    privateKey,
    usualHash,
    makeValue: (hash, signed) => sign(null, digestOf(hash, signed), privateKey),
  };
}

function pair(value: Buffer): Buffer {
  const half = value.length / 2;
  return Buffer.concat([mpi(value.subarray(0, half)), mpi(value.subarray(half))]);
}

function digestOf(hash: HashName, bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest();
}

function jwkField(key: KeyObject, field: 'x' | 'n' | 'e'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[field] ?? '', 'base64url');
}
