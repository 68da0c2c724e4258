import { createHash } from 'node:crypto';

/**
 * OpenPGP packets made by hand from RFC 9580, for what no tool makes: rare versions, wrong types, broken bindings.
 * Key pairs are in `hand-keys.ts`, whole certificates in `hand-certificates.ts`.
 *
 *     const alice = makeHandKey('ed25519', { version: 6 });
 *     const body = signByHand(alice, Buffer.from('text'), { type: 0x00, hash: 'sha512' });
 *     const armored = armorPgp('SIGNATURE', packet(TAG.signature, body));
 */
export const TAG = {
  signature: 2,
  secretKey: 5,
  secretSubkey: 7,
  publicKey: 6,
  compressed: 8,
  marker: 10,
  literal: 11,
  userId: 13,
  publicSubkey: 14,
  attribute: 17,
} as const;

/** Hash algorithm ids, RFC 9580 section 9.5, and the names that node:crypto has for them. */
export const HASH_IDS = {
  md5: 1,
  sha1: 2,
  ripemd160: 3,
  sha256: 8,
  sha384: 9,
  sha512: 10,
  sha224: 11,
  'sha3-256': 12,
  'sha3-512': 14,
} as const;
export type HashName = keyof typeof HASH_IDS;

/** Bytes of salt that a v6 signature has with each hash, RFC 9580 section 9.5. */
export const SALT_LENGTHS: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 16,
  ripemd160: 16,
  sha256: 16,
  sha384: 24,
  sha512: 32,
  sha224: 16,
  'sha3-256': 16,
  'sha3-512': 32,
};

/** What signs: a key pair of `hand-keys.ts`, or anything else that has a body and makes values. */
export interface Signer {
  readonly version: number;
  /** Public key algorithm id, RFC 9580 section 9.1. */
  readonly algorithm: number;
  readonly fingerprint: Uint8Array;
  /** At least as strong as the key: gpg refuses less for ECDSA, RFC 9580 section 5.2.3.5 for Ed448. */
  readonly usualHash: HashName;
  /** The algorithm's numbers, as they stand at the end of a signature. */
  makeValue(hash: HashName, signed: Uint8Array): Uint8Array;
}

export interface HandSignature {
  /** Default: that of the key. */
  readonly version?: 3 | 4 | 5 | 6;
  /** RFC 9580 section 5.2.1; default 0x00, a binary document. */
  readonly type?: number;
  /** Default: the key's usual one. */
  readonly hash?: HashName;
  /** What the packet says that its hash is; default: what was used. */
  readonly hashId?: number;
  /** What the packet says that its algorithm is; default: that of the key. */
  readonly algorithm?: number;
  /** Seconds since the epoch. */
  readonly createdAt?: number;
  /** Hashed subpackets; default: creation time and issuer fingerprint, which `more` follows. */
  readonly hashed?: readonly Uint8Array[];
  readonly more?: readonly Uint8Array[];
  /** Default: of v4 the issuer's key id, as gpg has it, which finds no key without. */
  readonly unhashed?: readonly Uint8Array[];
  readonly salt?: Uint8Array;
  /** Instead of the first two bytes of the hash. */
  readonly quickCheck?: Uint8Array;
  /** Instead of the algorithm's numbers. */
  readonly value?: Uint8Array;
}

/** When everything made by hand is made, unless told otherwise: 2023-11-14T22:13:20Z. */
export const HAND_TIME = 1_700_000_000;

/** The body of a signature packet over `document`, RFC 9580 section 5.2; versions 3 and 5 as RFC 4880 and LibrePGP have them. */
export function signByHand(key: Signer, document: Uint8Array, options: HandSignature = {}): Buffer {
  const { type = 0x00, createdAt = HAND_TIME, more = [] } = options;
  const version = options.version ?? key.version;
  const hash = options.hash ?? key.usualHash;
  const unhashed = options.unhashed ?? usualHint(key);
  const { algorithm = key.algorithm, hashId = HASH_IDS[hash] } = options;
  const finish = (signed: Uint8Array): Uint8Array[] => {
    const digest = createHash(hash).update(signed).digest();
    return [options.quickCheck ?? digest.subarray(0, 2), options.value ?? key.makeValue(hash, signed)];
  };
  if (version === 3) {
    const counted = Buffer.concat([Uint8Array.of(type), number(createdAt, 4)]);
    const head = Buffer.concat([keyIdOf(key), Uint8Array.of(algorithm, hashId)]);
    return Buffer.concat([Uint8Array.of(3, 5), counted, head, ...finish(Buffer.concat([document, counted]))]);
  }
  const subpackets = Buffer.concat([
    ...(options.hashed ?? [subpacket(2, number(createdAt, 4)), issuerFingerprint(key)]),
    ...more,
  ]);
  const width = version === 6 ? 4 : 2;
  const head = Buffer.concat([
    Uint8Array.of(version, type, algorithm, hashId),
    number(subpackets.length, width),
    subpackets,
  ]);
  const salt = version === 6 ? (options.salt ?? Buffer.alloc(SALT_LENGTHS[hash], 0x5a)) : Buffer.alloc(0);
  // LibrePGP section 5.2.4: a v5 signature of a document hashes format, name and date of a literal packet too.
  const literal = version === 5 && type <= 0x01 ? Buffer.alloc(6) : Buffer.alloc(0);
  const trailer = Buffer.concat([
    literal,
    Uint8Array.of(version, 0xff),
    number(head.length, version === 5 ? 8 : 4),
  ]);
  const [quickCheck = head, value = head] = finish(Buffer.concat([salt, document, head, trailer]));
  const area = Buffer.concat(unhashed);
  const salted = version === 6 ? Buffer.concat([Uint8Array.of(salt.length), salt]) : salt;
  return Buffer.concat([head, number(area.length, width), area, quickCheck, salted, value]);
}

/** Header and body. `old`: with a header of the old format, RFC 9580 section 4.2.2, as gpg writes it. */
export function packet(tag: number, body: Uint8Array, format: 'new' | 'old' = 'new'): Buffer {
  if (format === 'old') {
    const width = body.length < 256 ? 1 : body.length < 65_536 ? 2 : 4;
    return Buffer.concat([Uint8Array.of(0x80 | (tag << 2) | (width >> 1)), number(body.length, width), body]);
  }
  return Buffer.concat([Uint8Array.of(0xc0 | tag), length(body.length), body]);
}

/** RFC 9580 section 5.2.3.7. */
export function subpacket(type: number, body: Uint8Array, critical = false): Buffer {
  return Buffer.concat([length(body.length + 1), Uint8Array.of(critical ? type | 0x80 : type), body]);
}

export function issuerFingerprint({ version, fingerprint }: Pick<Signer, 'version' | 'fingerprint'>): Buffer {
  return subpacket(33, Buffer.concat([Uint8Array.of(version), fingerprint]));
}

export function issuerKeyId(key: Pick<Signer, 'version' | 'fingerprint'>): Buffer {
  return subpacket(16, keyIdOf(key));
}

export function usualHint(key: Pick<Signer, 'version' | 'fingerprint'>): readonly Uint8Array[] {
  return key.version === 4 ? [issuerKeyId(key)] : [];
}

/** Last 8 bytes of a v4 fingerprint, first 8 of later ones (RFC 9580 section 5.5.4). */
export function keyIdOf({ version, fingerprint }: Pick<Signer, 'version' | 'fingerprint'>): Uint8Array {
  return version === 4 ? fingerprint.subarray(-8) : fingerprint.subarray(0, 8);
}

/** ASCII armor with its optional checksum, RFC 9580 section 6.2. `label` goes after `PGP`. */
export function armorPgp(label: string, bytes: Uint8Array, checksum = true): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const sum = checksum ? [`=${number(crc24(bytes), 3).toString('base64')}`] : [];
  return [`-----BEGIN PGP ${label}-----`, '', ...lines, ...sum, `-----END PGP ${label}-----`, ''].join('\n');
}

/** RFC 9580 section 3.2. */
export function mpi(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const minimal = start < 0 ? bytes.subarray(0, 0) : bytes.subarray(start);
  const bits = minimal.length === 0 ? 0 : minimal.length * 8 - (Math.clz32(minimal[0] ?? 0) - 24);
  return Buffer.concat([number(bits, 2), minimal]);
}

/** Big-endian. */
export function number(value: number, width: number): Buffer {
  const hex = value.toString(16).padStart(2 * width, '0');
  return Buffer.from(hex.slice(-2 * width), 'hex');
}

function length(value: number): Buffer {
  if (value < 192) return number(value, 1);
  return value < 8384
    ? number(value - 192 + 0xc000, 2)
    : Buffer.concat([Uint8Array.of(255), number(value, 4)]);
}

/** RFC 9580 section 6.1.1, by polynomial division. */
function crc24(bytes: Uint8Array): number {
  let rest = 0xb704ce;
  for (const byte of bytes) {
    for (let mask = 0x80; mask > 0; mask >>= 1) {
      const carry = ((rest & 0x800000) !== 0) !== ((byte & mask) !== 0);
      rest = ((rest << 1) & 0xffffff) ^ (carry ? 0x864cfb : 0);
    }
  }
  return rest;
}
