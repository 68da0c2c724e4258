import { createHash } from 'node:crypto';
import { cursorOver, remaining, takeBytes, takeNumber, takeRest } from './cursor.ts';
import { takeMpi } from './openpgp-mpi.ts';
import { ecdsaKey, ed25519Key, rsaKey } from './public-key.ts';
import type { Curve, PublicKey } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';

/** A public key or subkey packet. */
export interface OpenpgpKey {
  /** SHA-1 over 0x99, length and body (RFC 9580 section 5.5.4.2): upper-case hex, computed, never read from a label. */
  readonly fingerprint: string;
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

/** RFC 9580 section 9.2. */
const CURVE_OIDS: Readonly<Record<string, Curve>> = {
  '2a8648ce3d030107': 'p256',
  '2b81040022': 'p384',
  '2b81040023': 'p521',
};
const ED25519_LEGACY_OID = '2b06010401da470f01';

/**
 * Reads the body of a public key or subkey packet, version 4 (RFC 9580 section 5.5.2).
 *
 * @throws Refusal `algorithm-unsupported` for another version, `signature-malformed` for the rest
 */
export function parseOpenpgpKey(body: Uint8Array): OpenpgpKey {
  const cursor = cursorOver(body);
  const version = takeNumber(cursor, 1);
  if (version !== 4)
    throw new Refusal('algorithm-unsupported', `keys of version ${version} are not supported`);
  if (body.length > 0xffff) throw malformed('the key is too long');
  const createdAt = takeNumber(cursor, 4);
  const algorithm = takeNumber(cursor, 1);
  const parameters = takeRest(cursor);
  const key = parseParameters(algorithm, parameters);
  const digest = createHash('sha1')
    .update(Uint8Array.of(0x99, body.length >> 8, body.length & 0xff))
    .update(body);
  return {
    fingerprint: digest.digest('hex').toUpperCase(),
    createdAt,
    algorithm,
    key,
    material: key?.material ?? `openpgp-${algorithm}:${Buffer.from(parameters).toString('hex')}`,
    body,
  };
}

function parseParameters(algorithm: number, parameters: Uint8Array): PublicKey | null {
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
        if (hex(takeBytes(cursor, takeNumber(cursor, 1))) !== ED25519_LEGACY_OID) return null;
        const point = takeMpi(cursor);
        // RFC 9580 section 11.2: the prefix 0x40 marks a native point.
        if (point[0] !== 0x40) throw malformed('the Ed25519 point has no native prefix');
        return ed25519Key(point.subarray(1));
      }
      case ED25519:
        return ed25519Key(takeBytes(cursor, 32));
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
