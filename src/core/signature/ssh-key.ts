import { hash } from 'node:crypto';
import { parseBase64 } from './base64.ts';
import type { Cursor } from './cursor.ts';
import { cursorOver, remaining } from './cursor.ts';
import type { Curve, PublicKey } from './public-key.ts';
import { ecdsaKey, eddsaKey, isWeak, rsaKey } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';
import { takeName, takePositive, takeString } from './ssh-wire.ts';

export interface SshPublicKey {
  readonly type: string;
  /** The whole key, canonical base64, as in an `authorized_keys` line. */
  readonly blob: string;
  /** `SHA256:` and unpadded base64, as ssh-keygen prints it. */
  readonly fingerprint: string;
  /**
   * One spelling of the raw key over all formats, OpenPGP included: `rsa:<n>:<e>`, `ed25519:<hex>`, `p256:<point>`. An
   * sk key's application is no part of it.
   */
  readonly material: string;
  /** Held by a security key (FIDO). */
  readonly sk: boolean;
  /** Modulus or field size. */
  readonly bits: number;
}

export type ParsedSshPublicKey =
  | { readonly ok: true; readonly key: SshPublicKey }
  | {
      readonly ok: false;
      /** A sentence in lower case. */
      readonly reason: string;
    };

/** A key with what verifying needs; `application` is `null` for anything but an sk key. */
export interface SshKeyMaterial {
  readonly named: SshPublicKey;
  readonly key: PublicKey;
  readonly application: Uint8Array | null;
}

/** Public key of RSA-16384: 2,070 bytes. */
const MAX_KEY_BYTES = 4096;

/**
 * Reads `type base64 [comment]`, as in a `.pub` file. The type must be the one inside the key, the base64 canonical, with
 * nothing after the key; RSA of at least 2048 bits; certificates are refused.
 */
export function parseSshPublicKey(text: string): ParsedSshPublicKey {
  if (text.length > 3 * MAX_KEY_BYTES) return { ok: false, reason: 'the key is too long' };
  const [type = '', base64 = ''] = text.trim().split(/[ \t]+/, 2);
  if (/[\r\n]/.test(text.trim())) return { ok: false, reason: 'a key is one line' };
  const blob = parseBase64(base64);
  if (blob === null) return { ok: false, reason: 'expected a key type and canonical base64' };
  try {
    const { named } = parseSshKeyBlob(blob);
    return named.type === type
      ? { ok: true, key: named }
      : { ok: false, reason: `the label says \`${type.slice(0, 64)}\`, the key inside is \`${named.type}\`` };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

/**
 * Keys that were read, by all their bytes. What is kept under them depends on nothing else, so it cannot be another key's;
 * refusals are not kept. Whoever signs with many keys makes us read them again and no more.
 */
const known = new Map<string, SshKeyMaterial>();
const MAX_KNOWN = 1024;

/**
 * As `parseSshKeyBlob`, for the key in a signature: people sign much with few keys, and making a key of node:crypto costs
 * as much as verifying.
 */
export function recallSshKey(blob: Uint8Array): SshKeyMaterial {
  const name = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('latin1');
  const recalled = known.get(name);
  if (recalled !== undefined) return recalled;
  // A copy: the blob is a part of a signature, and all of that would be kept with it.
  const key = parseSshKeyBlob(Uint8Array.from(blob));
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(name, key);
  return key;
}

/**
 * Reads the wire form of a public key (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4, PROTOCOL.u2f).
 *
 * @throws Refusal `ssh-certificate`, `algorithm-unsupported`, `weak-key`, `trailing-bytes` or `signature-malformed`
 */
export function parseSshKeyBlob(blob: Uint8Array): SshKeyMaterial {
  if (blob.length > MAX_KEY_BYTES) throw malformed('the key is too long');
  const cursor = cursorOver(blob);
  const type = takeName(cursor);
  if (/-cert-v\d\d@/.test(type)) throw new Refusal('ssh-certificate', 'SSH certificates are not accepted');
  const key = takeKey(type, cursor);
  const sk = type.startsWith('sk-');
  const application = sk ? takeString(cursor) : null;
  if (remaining(cursor) > 0) throw new Refusal('trailing-bytes', 'there are bytes after the key');
  if (isWeak(key)) throw new Refusal('weak-key', `an RSA key of ${key.bits} bits is too small`);
  if (key.imported() === null) throw malformed('the public key is not valid');
  const digest = hash('sha256', blob, 'base64').replace('=', '');
  const named: SshPublicKey = {
    type,
    blob: Buffer.from(blob).toString('base64'),
    fingerprint: `SHA256:${digest}`,
    material: key.material,
    sk,
    bits: key.bits,
  };
  return { named, key, application };
}

function takeKey(type: string, cursor: Cursor): PublicKey {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com':
      return eddsaKey('ed25519', takeString(cursor));
    case 'ssh-rsa': {
      const exponent = takePositive(cursor);
      return rsaKey(takePositive(cursor), exponent);
    }
    case 'ecdsa-sha2-nistp256':
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return takePoint('p256', cursor);
    case 'ecdsa-sha2-nistp384':
      return takePoint('p384', cursor);
    case 'ecdsa-sha2-nistp521':
      return takePoint('p521', cursor);
    case 'ssh-dss':
      throw new Refusal('dsa-refused', 'it is a DSA key');
    default:
      throw new Refusal('algorithm-unsupported', `keys of type \`${type.slice(0, 64)}\` are not supported`);
  }
}

function takePoint(curve: Curve, cursor: Cursor): PublicKey {
  if (takeName(cursor) !== `nist${curve}`) throw malformed('the curve is not the one of the key type');
  return ecdsaKey(curve, takeString(cursor));
}
