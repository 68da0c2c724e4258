import { hash } from 'node:crypto';
import { cursorOver, remaining, takeBytes, takeNumber, takeRest } from './cursor.ts';
import { takeMpi } from './openpgp-mpi.ts';
import { ecdsaKey, eddsaKey, rsaKey } from './public-key.ts';
import type { Curve, PublicKey } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';

/** A public key or subkey packet. */
export interface OpenpgpKey {
  readonly version: 4 | 6;
  /**
   * Hash over `hashedKey` (RFC 9580 section 5.5.4): 40 hex digits for version 4, 64 for version 6, upper case; computed,
   * never read from a label.
   */
  readonly fingerprint: string;
  /** See `keyIdOf`. */
  readonly keyId: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** Public key algorithm id, RFC 9580 section 9.1. */
  readonly algorithm: number;
  /** `null`: an algorithm that is not for signing or that we don't verify. */
  readonly key: PublicKey | null;
  /** As in `PublicKey`; for other algorithms `openpgp-<id>:<hex of the parameters>`. */
  readonly material: string;
  readonly body: Uint8Array;
}

export const RSA = 1;
export const RSA_SIGN_ONLY = 3;
export const ECDSA = 19;
export const EDDSA_LEGACY = 22;
export const ED25519 = 27;
export const ED448 = 28;
export const DSA = 17;

/** RFC 9580 section 9.2. */
const CURVE_OIDS: Readonly<Record<string, Curve>> = {
  '2a8648ce3d030107': 'p256',
  '2b81040022': 'p384',
  '2b81040023': 'p521',
};
const ED25519_LEGACY_OID = '2b06010401da470f01';

/**
 * Reads the body of a public key or subkey packet, version 4 or 6 (RFC 9580 section 5.5.2).
 *
 * @throws Refusal `version-unsupported` for another version, `signature-malformed` for the rest
 */
export function parseOpenpgpKey(body: Uint8Array): OpenpgpKey {
  const cursor = cursorOver(body);
  const version = takeNumber(cursor, 1);
  if (version !== 4 && version !== 6)
    throw new Refusal('version-unsupported', `keys of version ${version} are not supported`);
  if (!isKeySized(body)) throw malformed('the key is too long');
  const createdAt = takeNumber(cursor, 4);
  const algorithm = takeNumber(cursor, 1);
  if (version === 6 && takeNumber(cursor, 4) !== remaining(cursor))
    throw malformed('the key does not have the length that it states');
  const parameters = takeRest(cursor);
  const key = parseParameters(version, algorithm, parameters);
  const fingerprint = fingerprintOf(body);
  return {
    version,
    fingerprint,
    keyId: keyIdOf(fingerprint),
    createdAt,
    algorithm,
    key,
    material: key?.material ?? `openpgp-${algorithm}:${Buffer.from(parameters).toString('hex')}`,
    body,
  };
}

/** Whether the length of a version 4 key fits as it is hashed; version 6 has nothing larger either. */
export function isKeySized(body: Uint8Array): boolean {
  return body.length <= 0xffff;
}

/** The fingerprint of a key packet's body that `isKeySized`, whether it can be read or not (RFC 9580 section 5.5.4). */
export function fingerprintOf(body: Uint8Array): string {
  const version = body[0] === 6 ? 6 : 4;
  return hash(version === 4 ? 'sha1' : 'sha256', hashedKey({ version, body }), 'hex').toUpperCase();
}

/** 16 upper-case hex digits: the last of a version 4, the first of a version 6 fingerprint (RFC 9580 section 5.5.4). */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 64 ? fingerprint.slice(0, 16) : fingerprint.slice(-16);
}

/** A key as fingerprints and signatures hash it (RFC 9580 sections 5.5.4.2, 5.5.4.3 and 5.2.4). */
export function hashedKey({ version, body }: Pick<OpenpgpKey, 'version' | 'body'>): Uint8Array {
  const head = Buffer.alloc(version === 4 ? 3 : 5);
  if (version === 4) {
    head[0] = 0x99;
    head.writeUInt16BE(body.length, 1);
  } else {
    head[0] = 0x9b;
    head.writeUInt32BE(body.length, 1);
  }
  return Buffer.concat([head, body]);
}

function parseParameters(version: 4 | 6, algorithm: number, parameters: Uint8Array): PublicKey | null {
  const cursor = cursorOver(parameters);
  const key = ((): PublicKey | null => {
    switch (algorithm) {
      case RSA:
      case RSA_SIGN_ONLY: {
        const modulus = takeMpi(cursor);
        return rsaKey(modulus, takeMpi(cursor));
      }
      case ECDSA: {
        const curve = CURVE_OIDS[hex(takeBytes(cursor, takeNumber(cursor, 1)))];
        return curve === undefined ? null : ecdsaKey(curve, takeMpi(cursor));
      }
      case EDDSA_LEGACY: {
        // RFC 9580 section 9.1: not in version 6.
        if (version !== 4) return null;
        if (hex(takeBytes(cursor, takeNumber(cursor, 1))) !== ED25519_LEGACY_OID) return null;
        const point = takeMpi(cursor);
        // RFC 9580 section 11.2: the prefix 0x40 marks a native point.
        if (point[0] !== 0x40) throw malformed('the Ed25519 point has no native prefix');
        return eddsaKey('ed25519', point.subarray(1));
      }
      case ED25519:
        return eddsaKey('ed25519', takeBytes(cursor, 32));
      case ED448:
        return eddsaKey('ed448', takeBytes(cursor, 57));
      default:
        return null;
    }
  })();
  if (key !== null && remaining(cursor) > 0) throw malformed('there are bytes after the key');
  return key;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
