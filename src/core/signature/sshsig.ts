import { hash } from 'node:crypto';
import type { Cursor } from './cursor.ts';
import { cursorOver, remaining, takeBytes, takeNumber } from './cursor.ts';
import type { Presence } from './proof.ts';
import { verifyEcdsa, verifyEddsa, verifyRsa } from './public-key.ts';
import type { Curve, HashName } from './public-key.ts';
import { malformed, Refusal } from './refusal.ts';
import { recallSshKey } from './ssh-key.ts';
import type { SshKeyMaterial } from './ssh-key.ts';
import { encodeString, takeName, takePositive, takeString } from './ssh-wire.ts';

/** An SSHSIG whose parts fit together. Nothing is verified yet. */
export interface SshSignature {
  readonly signer: SshKeyMaterial;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  /** Signature algorithm, `rsa-sha2-512` and the like; fits the key's type. */
  readonly algorithm: string;
  readonly value: Uint8Array;
  /** What the authenticator adds to what it signs; `null` for anything but an sk key. */
  readonly authenticator: { readonly flags: number; readonly counter: Uint8Array } | null;
}

const MAGIC = Buffer.from('SSHSIG');
const EMPTY = encodeString('');
const ENCODED_NAMES = { sha256: encodeString('sha256'), sha512: encodeString('sha512') };
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/**
 * Reads an SSHSIG blob (PROTOCOL.sshsig). Stricter than ssh-keygen: the reserved field must be empty and nothing may
 * follow at any level.
 *
 * @throws Refusal with the reason
 */
export function parseSshSignature(blob: Uint8Array): SshSignature {
  const cursor = cursorOver(blob);
  if (!MAGIC.equals(takeBytes(cursor, MAGIC.length))) throw malformed('it does not start with SSHSIG');
  if (takeNumber(cursor, 4) !== 1)
    throw new Refusal('algorithm-unsupported', 'only SSHSIG version 1 is supported');
  const key = takeString(cursor);
  const namespace = takeString(cursor);
  const reserved = takeString(cursor);
  const hashName = takeName(cursor);
  const signature = takeString(cursor);
  refuseMore(cursor);
  if (reserved.length > 0) throw malformed('the reserved field is not empty');
  const signer = recallSshKey(key);
  return {
    signer,
    namespace: Buffer.from(namespace).toString('latin1'),
    hash: acceptedHash(hashName),
    ...parseValue(signature, signer),
  };
}

/**
 * Whether the signature is one over `payload` by the key that it carries, and, for an sk key, what the authenticator says
 * of the person before it. Namespace and owner of the key are for the caller to judge.
 */
export async function verifySshSignature(
  signature: SshSignature,
  payload: Uint8Array,
): Promise<{ good: boolean; presence: Presence | null }> {
  const { signer, authenticator } = signature;
  const message = Buffer.concat([
    MAGIC,
    encodeString(Buffer.from(signature.namespace, 'latin1')),
    EMPTY,
    ENCODED_NAMES[signature.hash],
    encodeString(hash(signature.hash, payload, 'buffer')),
  ]);
  if (authenticator === null || signer.application === null) {
    return { good: await verifyValue(signature, message), presence: null };
  }
  const { flags, counter } = authenticator;
  // PROTOCOL.u2f: sha256(application) ‖ flags ‖ counter ‖ sha256(message)
  const asserted = Buffer.concat([
    sha256(signer.application),
    Uint8Array.of(flags),
    counter,
    sha256(message),
  ]);
  const good = await verifyValue(signature, asserted);
  const presence = { touched: (flags & USER_PRESENT) !== 0, verified: (flags & USER_VERIFIED) !== 0 };
  return { good, presence };
}

function parseValue(
  bytes: Uint8Array,
  { named }: SshKeyMaterial,
): Pick<SshSignature, 'algorithm' | 'value' | 'authenticator'> {
  const cursor = cursorOver(bytes);
  const algorithm = takeName(cursor);
  if (named.type === 'ssh-rsa' && algorithm === 'ssh-rsa') {
    throw new Refusal('weak-hash', 'RSA signatures of type `ssh-rsa` use SHA-1');
  }
  if (!ALGORITHMS[named.type]?.includes(algorithm)) {
    throw new Refusal('algorithm-unsupported', 'the signature algorithm does not fit the key');
  }
  const value = takeString(cursor);
  const authenticator = named.sk ? { flags: takeNumber(cursor, 1), counter: takeBytes(cursor, 4) } : null;
  refuseMore(cursor);
  return { algorithm, value, authenticator };
}

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-256', 'rsa-sha2-512'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'sk-ssh-ed25519@openssh.com': ['sk-ssh-ed25519@openssh.com'],
  'sk-ecdsa-sha2-nistp256@openssh.com': ['sk-ecdsa-sha2-nistp256@openssh.com'],
};

/** RFC 5656 section 6.2.1: the hash goes with the curve. */
const CURVE_HASH: Readonly<Record<Curve, HashName>> = { p256: 'sha256', p384: 'sha384', p521: 'sha512' };

function verifyValue(signature: SshSignature, data: Uint8Array): Promise<boolean> {
  const { algorithm, value } = signature;
  const { key } = signature.signer;
  if (key.algorithm === 'ed25519' || key.algorithm === 'ed448') return verifyEddsa(key, data, value);
  if (key.algorithm === 'rsa') {
    // RFC 8332 section 3 wants it as long as the modulus. gpg-agent leaves out leading zeros, which one signature in 256 has,
    // and OpenSSH puts them back before it verifies (ssh-rsa.c, `ssh_rsa_verify`), as `verifyRsa` does.
    return verifyRsa(key, algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512', data, value);
  }
  const cursor = cursorOver(value);
  const r = takePositive(cursor);
  const s = takePositive(cursor);
  refuseMore(cursor);
  return verifyEcdsa(key, CURVE_HASH[key.algorithm], data, r, s);
}

function acceptedHash(name: string): 'sha256' | 'sha512' {
  if (name === 'sha256' || name === 'sha512') return name;
  if (name === 'sha1' || name === 'md5') throw new Refusal('weak-hash', `\`${name}\` is not accepted`);
  throw new Refusal('algorithm-unsupported', 'only sha256 and sha512 are supported');
}

function refuseMore(cursor: Cursor): void {
  if (remaining(cursor) > 0) throw new Refusal('trailing-bytes', 'there are bytes after the signature');
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
