import { createHash } from 'node:crypto';
import { bitLength } from '../src/core/signature/public-key.ts';
import { pgpArmor } from './armor.ts';
import { isCurve, signatureNumbers, signRaw } from './signing-key.ts';
import type { KeyKind, RawCheck, SigningKey } from './signing-key.ts';

/** A key in a certificate of version 4 (RFC 9580 section 5.5.2.2). */
export interface OpenpgpSigner {
  readonly key: SigningKey;
  readonly body: Uint8Array;
  readonly fingerprint: Buffer;
}

export interface OpenpgpCertificate {
  readonly armored: string;
  /** Fingerprint of the primary key, upper-case hex: what a policy pins. */
  readonly primary: string;
  /** The subkey where there is one, else the primary key. */
  readonly signer: OpenpgpSigner;
}

const TAG = { signature: 2, publicKey: 6, userId: 13, subkey: 14 };
const TYPE = { binary: 0x00, certification: 0x13, binding: 0x18, backSignature: 0x19 };
const CERTIFY = 0x01;
const SIGN = 0x02;

interface Curve {
  readonly oid: string;
  readonly hash: HashName;
}

/** RFC 9580 section 9.2. */
const CURVES: Readonly<Record<'p256' | 'p384', Curve>> = {
  p256: { oid: '2a8648ce3d030107', hash: 'sha256' },
  p384: { oid: '2b81040022', hash: 'sha384' },
};
const ED25519_LEGACY_OID = '2b06010401da470f01';

type HashName = 'sha256' | 'sha384' | 'sha512';
/** RFC 9580 section 9.5. */
const HASH_ID: Readonly<Record<HashName, number>> = { sha256: 8, sha384: 9, sha512: 10 };

/**
 * A certificate of one user id and at most one signing subkey with its back signature (RFC 9580 section 10.1). A primary
 * key with a subkey only certifies.
 *
 * @param at seconds since the epoch, for keys and signatures alike
 */
export function makeCertificate(
  userId: string,
  primaryKey: SigningKey,
  subkeyKey: SigningKey | null,
  at: number,
): OpenpgpCertificate {
  const primary = makeSigner(primaryKey, at);
  const name = Buffer.from(userId);
  const flags = subkeyKey === null ? CERTIFY | SIGN : CERTIFY;
  // RFC 9580 section 5.2.4: 0xB4 and a length of four bytes stand before a user id.
  const named = Buffer.concat([hashedKey(primary), Uint8Array.of(0xb4), number(name.length, 4), name]);
  const certification = signPacket(primary, TYPE.certification, named, at, [keyFlags(flags)]);
  const packets = [
    packet(TAG.publicKey, primary.body),
    packet(TAG.userId, name),
    packet(TAG.signature, certification.body),
  ];
  const pin = primary.fingerprint.toString('hex').toUpperCase();
  if (subkeyKey === null) {
    const armored = pgpArmor('PGP PUBLIC KEY BLOCK', Buffer.concat(packets));
    return { armored, primary: pin, signer: primary };
  }

  const subkey = makeSigner(subkeyKey, at);
  const both = Buffer.concat([hashedKey(primary), hashedKey(subkey)]);
  const back = signPacket(subkey, TYPE.backSignature, both, at, []);
  const binding = signPacket(primary, TYPE.binding, both, at, [keyFlags(SIGN), subpacket(32, back.body)]);
  packets.push(packet(TAG.subkey, subkey.body), packet(TAG.signature, binding.body));
  const armored = pgpArmor('PGP PUBLIC KEY BLOCK', Buffer.concat(packets));
  return { armored, primary: pin, signer: subkey };
}

/** A detached signature as `gpg --armor --detach-sign` writes it. */
export function signOpenpgp(
  signer: OpenpgpSigner,
  payload: Uint8Array,
  at: number,
): { armor: string; check: RawCheck } {
  const { body, check } = signPacket(signer, TYPE.binary, payload, at, []);
  return { armor: pgpArmor('PGP SIGNATURE', packet(TAG.signature, body)), check };
}

function makeSigner(key: SigningKey, createdAt: number): OpenpgpSigner {
  const body = Buffer.concat([
    Uint8Array.of(4),
    number(createdAt, 4),
    Uint8Array.of(algorithmId(key.kind)),
    ...keyParameters(key),
  ]);
  const signer = { key, body };
  return { ...signer, fingerprint: createHash('sha1').update(hashedKey(signer)).digest() };
}

/** RFC 9580 section 5.5.5. */
function keyParameters({ kind, parts }: SigningKey): Uint8Array[] {
  if (kind === 'ed25519') {
    const point = Buffer.concat([Uint8Array.of(0x40), ...parts]);
    return [oidOf(ED25519_LEGACY_OID), mpi(point)];
  }
  return isCurve(kind) ? [oidOf(CURVES[kind].oid), ...parts.map(mpi)] : parts.map(mpi);
}

function oidOf(hex: string): Uint8Array {
  const oid = Buffer.from(hex, 'hex');
  return Buffer.concat([Uint8Array.of(oid.length), oid]);
}

/** RFC 9580 section 9.1: RSA, ECDSA, EdDSA legacy. */
function algorithmId(kind: KeyKind): number {
  if (kind === 'ed25519') return 22;
  return isCurve(kind) ? 19 : 1;
}

/** What gpg chooses, but for RSA-4096: SHA-512, as many people have it in their `gpg.conf`. */
function hashFor(kind: KeyKind): HashName {
  if (isCurve(kind)) return CURVES[kind].hash;
  return kind === 'rsa4096' ? 'sha512' : 'sha256';
}

/** RFC 9580 section 5.2.4, version 4. */
function hashedKey({ body }: Pick<OpenpgpSigner, 'body'>): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x99), number(body.length, 2), body]);
}

/** RFC 9580 section 5.2.3, version 4: issuer fingerprint and time in the hashed area, key id in the other, as gpg does. */
function signPacket(
  { key, fingerprint }: OpenpgpSigner,
  type: number,
  document: Uint8Array,
  at: number,
  more: readonly Uint8Array[],
): { body: Uint8Array; check: RawCheck } {
  const hash = hashFor(key.kind);
  const issuer = subpacket(33, Buffer.concat([Uint8Array.of(4), fingerprint]));
  const area = Buffer.concat([issuer, subpacket(2, number(at, 4)), ...more]);
  const hashedPart = Buffer.concat([
    Uint8Array.of(4, type, algorithmId(key.kind), HASH_ID[hash]),
    number(area.length, 2),
    area,
  ]);
  const signed = Buffer.concat([document, hashedPart, Uint8Array.of(4, 0xff), number(hashedPart.length, 4)]);
  const digest = createHash(hash).update(signed).digest();
  const check = key.kind === 'ed25519' ? signRaw(key, null, digest) : signRaw(key, hash, signed);
  const unhashed = subpacket(16, fingerprint.subarray(-8));
  const body = Buffer.concat([
    hashedPart,
    number(unhashed.length, 2),
    unhashed,
    digest.subarray(0, 2),
    ...signatureNumbers(key, check.signature).map(mpi),
  ]);
  return { body, check };
}

function keyFlags(flags: number): Uint8Array {
  return subpacket(27, Uint8Array.of(flags));
}

function subpacket(type: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([encodeLength(content.length + 1), Uint8Array.of(type), content]);
}

function packet(tag: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0xc0 | tag), encodeLength(body.length), body]);
}

/** RFC 9580 section 4.2.1: one byte below 192, two below 8384, which nothing here reaches. */
function encodeLength(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 0xff);
}

/** RFC 9580 section 3.2. */
function mpi(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const trimmed = start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start);
  return Buffer.concat([number(bitLength(trimmed), 2), trimmed]);
}

function number(value: number, width: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}
