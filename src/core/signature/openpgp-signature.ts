import { cursorOver, remaining, takeBytes, takeNumber, takeRest } from './cursor.ts';
import { takePacket, takeSubpacketLength } from './openpgp-packet.ts';
import { malformed, Refusal } from './refusal.ts';
import type { Issuer } from './verification-keys.ts';

/** A signature packet of version 4 (RFC 9580 section 5.2.3). Nothing is verified yet. */
export interface OpenpgpSignature {
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
  readonly issuer: Issuer;
  /** First two bytes of the hash. */
  readonly quickCheck: Uint8Array;
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

/** @throws Refusal `algorithm-unsupported` for another version or a critical unknown subpacket, `signature-malformed` */
export function parseSignatureBody(body: Uint8Array): OpenpgpSignature {
  const cursor = cursorOver(body);
  const version = takeNumber(cursor, 1);
  if (version !== 4)
    throw new Refusal('algorithm-unsupported', `signatures of version ${version} are not supported`);
  const type = takeNumber(cursor, 1);
  const algorithm = takeNumber(cursor, 1);
  const hash = takeNumber(cursor, 1);
  const hashed = parseSubpackets(takeBytes(cursor, takeNumber(cursor, 2)));
  const hashedPart = body.subarray(0, cursor.at);
  const unhashed = parseSubpackets(takeBytes(cursor, takeNumber(cursor, 2)));
  const quickCheck = takeBytes(cursor, 2);
  const value = takeRest(cursor);

  const unknown = [...hashed, ...unhashed].find(({ critical, type }) => critical && !KNOWN.has(type));
  if (unknown)
    throw new Refusal('algorithm-unsupported', `critical subpacket ${unknown.type} is not supported`);
  const [created, ...more] = hashed.filter((subpacket) => subpacket.type === SUBPACKET.creationTime);
  if (created?.body.length !== 4 || more.length > 0) throw malformed('it does not have one creation time');
  return {
    type,
    algorithm,
    hash,
    hashedPart,
    hashed,
    unhashed,
    createdAt: takeNumber(cursorOver(created.body), 4),
    issuer: issuerOf([...hashed, ...unhashed]),
    quickCheck,
    value,
    body,
  };
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
function issuerOf(subpackets: readonly Subpacket[]): Issuer {
  const fingerprints = new Set<string>();
  const keyIds = new Set<string>();
  for (const { type, body } of subpackets) {
    if (type === SUBPACKET.issuerKeyId) {
      if (body.length !== 8) throw malformed('an issuer key id has 8 bytes');
      keyIds.add(hex(body));
    } else if (type === SUBPACKET.issuerFingerprint) {
      if (body[0] !== 4 || body.length !== 21) throw malformed('an issuer fingerprint has 20 bytes');
      fingerprints.add(hex(body.subarray(1)));
      keyIds.add(hex(body.subarray(13)));
    }
  }
  if (fingerprints.size > 1 || keyIds.size > 1) throw malformed('it names several issuers');
  const [fingerprint = null] = fingerprints;
  const [keyId = null] = keyIds;
  return { fingerprint, keyId };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
