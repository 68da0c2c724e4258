import { cursorOver, remaining, takeBytes, takeNumber, takeRest } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { keyIdOf } from './openpgp-key.ts';
import { takePacket, takeSubpacketLength } from './openpgp-packet.ts';
import { malformed, Refusal } from './refusal.ts';
import type { Issuer } from './verification-keys.ts';

/** A signature packet of version 4 or 6 (RFC 9580 section 5.2.3). Nothing is verified yet. */
export interface OpenpgpSignature {
  readonly version: 4 | 6;
  /** Signature type id, RFC 9580 section 5.2.1. */
  readonly type: number;
  /** Public key algorithm id, RFC 9580 section 9.1. */
  readonly algorithm: number;
  /** Hash algorithm id, RFC 9580 section 9.5. */
  readonly hash: number;
  /** From the version to the end of the hashed subpackets: what is hashed after the document. */
  readonly hashedPart: Uint8Array;
  readonly hashed: readonly Subpacket[];
  /** Anybody may have changed these: only for hints, and for signatures that prove themselves. */
  readonly unhashed: readonly Subpacket[];
  /** Seconds since the epoch; from the hashed area. */
  readonly createdAt: number;
  /** When it ends by its own word, seconds since the epoch; from the hashed area; `null`: never. */
  readonly expiresAt: number | null;
  readonly issuer: Issuer;
  /** First two bytes of the hash. */
  readonly quickCheck: Uint8Array;
  /** What is hashed before the document; empty in version 4. */
  readonly salt: Uint8Array;
  /** The algorithm's numbers. */
  readonly value: Uint8Array;
  readonly body: Uint8Array;
}

export interface Subpacket {
  /** RFC 9580 section 5.2.3.7. */
  readonly type: number;
  readonly critical: boolean;
  readonly body: Uint8Array;
}

export const SUBPACKET = {
  creationTime: 2,
  signatureExpiration: 3,
  keyExpiration: 9,
  issuerKeyId: 16,
  keyFlags: 27,
  revocationReason: 29,
  embeddedSignature: 32,
  issuerFingerprint: 33,
} as const;

const SIGNATURE_TAG = 2;
const MAX_SUBPACKETS = 256;
/**
 * Types that RFC 9580 section 5.2.3.7 defines. A critical one beyond them makes the signature unusable, and so does a
 * critical notation (type 20), since we know none.
 */
const KNOWN = new Set([
  2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 39,
]);

/**
 * The one signature packet that `bytes` is.
 *
 * @throws Refusal `several-signatures`, `trailing-bytes`, or as `parseSignatureBody`
 */
export function parseOnlySignature(bytes: Uint8Array): OpenpgpSignature {
  const cursor = cursorOver(bytes);
  const packet = takePacket(cursor);
  if (packet.tag !== SIGNATURE_TAG) throw malformed('it is not a signature packet');
  if (remaining(cursor) > 0) throw whatFollows(takeRest(cursor));
  return parseSignatureBody(packet.body);
}

function whatFollows(rest: Uint8Array): Refusal {
  try {
    if (takePacket(cursorOver(rest)).tag === SIGNATURE_TAG) {
      return new Refusal('several-signatures', 'there are several signatures in one armor');
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return new Refusal('trailing-bytes', 'there are bytes after the signature');
}

/**
 * @throws Refusal `version-unsupported` for another version, `algorithm-unsupported` for a critical unknown subpacket,
 *   `signature-malformed`
 */
export function parseSignatureBody(body: Uint8Array): OpenpgpSignature {
  const cursor = cursorOver(body);
  const version = takeNumber(cursor, 1);
  if (version !== 4 && version !== 6)
    throw new Refusal('version-unsupported', `signatures of version ${version} are not supported`);
  const type = takeNumber(cursor, 1);
  const algorithm = takeNumber(cursor, 1);
  const hash = takeNumber(cursor, 1);
  const lengthBytes = version === 4 ? 2 : 4;
  const hashed = parseSubpackets(takeBytes(cursor, takeNumber(cursor, lengthBytes)));
  const hashedPart = body.subarray(0, cursor.at);
  const unhashed = parseSubpackets(takeBytes(cursor, takeNumber(cursor, lengthBytes)));
  const quickCheck = takeBytes(cursor, 2);
  const salt = version === 4 ? NO_SALT : takeSalt(cursor, hash);
  const value = takeRest(cursor);

  const subpackets = [...hashed, ...unhashed];
  for (const { critical, type } of subpackets) {
    if (critical && !KNOWN.has(type))
      throw new Refusal('algorithm-unsupported', `critical subpacket ${type} is not supported`);
  }
  const createdAt = takeOnlyTime(hashed, SUBPACKET.creationTime);
  if (createdAt === null) throw malformed('it has no creation time');
  // Zero means never (RFC 9580 section 5.2.3.18).
  const lifetime = takeOnlyTime(hashed, SUBPACKET.signatureExpiration) ?? 0;
  return {
    version,
    type,
    algorithm,
    hash,
    hashedPart,
    hashed,
    unhashed,
    createdAt,
    expiresAt: lifetime === 0 ? null : createdAt + lifetime,
    issuer: issuerOf(version, subpackets),
    quickCheck,
    salt,
    value,
    body,
  };
}

/**
 * What a signature over a document is made over (RFC 9580 section 5.2.4): salt, document, the hashed part, then version,
 * 0xFF and the hashed part's length.
 */
export function signedBytes(
  { version, salt, hashedPart }: Pick<OpenpgpSignature, 'version' | 'salt' | 'hashedPart'>,
  document: Uint8Array,
): Uint8Array {
  const trailer = Buffer.from([version, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(hashedPart.length, 2);
  return Buffer.concat([salt, document, hashedPart, trailer]);
}

const NO_SALT = new Uint8Array();

/** RFC 9580 section 5.2.3: a salt of another size than that of the hash (section 9.5) makes the signature malformed. */
function takeSalt(cursor: Cursor, hash: number): Uint8Array {
  const salt = takeBytes(cursor, takeNumber(cursor, 1));
  const size = SALT_SIZES[hash];
  if (size !== undefined && salt.length !== size)
    throw malformed('its salt does not have the size for its hash');
  return salt;
}

const SALT_SIZES: Readonly<Record<number, number>> = { 8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32 };

/** The four bytes of a subpacket that must not be there twice, since readers differ in which of two they believe. */
function takeOnlyTime(subpackets: readonly Subpacket[], type: number): number | null {
  let time: number | null = null;
  for (const subpacket of subpackets) {
    if (subpacket.type !== type) continue;
    if (time !== null || subpacket.body.length !== 4)
      throw malformed(`it does not have one subpacket ${type} of four bytes`);
    time = takeNumber(cursorOver(subpacket.body), 4);
  }
  return time;
}

function parseSubpackets(area: Uint8Array): Subpacket[] {
  const cursor = cursorOver(area);
  const subpackets: Subpacket[] = [];
  while (remaining(cursor) > 0) {
    const length = takeSubpacketLength(cursor);
    if (length === 0 || subpackets.length === MAX_SUBPACKETS) throw malformed('its subpackets are malformed');
    const type = takeNumber(cursor, 1);
    subpackets.push({
      type: type & 0x7f,
      critical: (type & 0x80) !== 0,
      body: takeBytes(cursor, length - 1),
    });
  }
  return subpackets;
}

/**
 * Who is said to have signed. All such hints must agree: gpg writes the fingerprint into the hashed area and the key id
 * into the other, and nobody is to read them differently.
 */
function issuerOf(version: 4 | 6, subpackets: readonly Subpacket[]): Issuer {
  let fingerprint: string | null = null;
  let keyId: string | null = null;
  const agree = (known: string | null, said: string): string => {
    if (known !== null && known !== said) throw malformed('it names several issuers');
    return said;
  };
  for (const { type, body } of subpackets) {
    if (type === SUBPACKET.issuerKeyId) {
      // RFC 9580 section 5.2.3.12: not for keys of version 6.
      if (version === 6 || body.length !== 8)
        throw malformed('an issuer key id has 8 bytes, in version 4 only');
      keyId = agree(keyId, hex(body));
    } else if (type === SUBPACKET.issuerFingerprint) {
      // RFC 9580 section 5.2.3.35: another version than the signature's makes it malformed.
      if (body[0] !== version || body.length !== (version === 4 ? 21 : 33))
        throw malformed('an issuer fingerprint is not of the version of the signature');
      fingerprint = agree(fingerprint, hex(body.subarray(1)));
      keyId = agree(keyId, keyIdOf(fingerprint));
    }
  }
  return { fingerprint, keyId };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase();
}
