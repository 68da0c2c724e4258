import { createHash } from 'node:crypto';
import { encodeString } from '../src/core/signature/ssh-wire.ts';
import { sshArmor } from './armor.ts';
import { signatureNumbers, signRaw } from './signing-key.ts';
import type { RawCheck, SigningKey } from './signing-key.ts';

export interface SshSigner {
  readonly key: SigningKey;
  readonly type: string;
  /** RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4. */
  readonly blob: Uint8Array;
}

/** @param key Ed25519, RSA or P-256 */
export function makeSshSigner(key: SigningKey): SshSigner {
  const [first = new Uint8Array(), second = new Uint8Array()] = key.parts;
  if (key.kind === 'ed25519') return withType('ssh-ed25519', key, [encodeString(first)]);
  if (key.kind === 'p256') {
    return withType('ecdsa-sha2-nistp256', key, [encodeString('nistp256'), encodeString(first)]);
  }
  return withType('ssh-rsa', key, [mpint(second), mpint(first)]);
}

function withType(type: string, key: SigningKey, parts: readonly Uint8Array[]): SshSigner {
  return { key, type, blob: Buffer.concat([encodeString(type), ...parts]) };
}

/** One line of a `.pub` file. */
export function publicLine({ type, blob }: SshSigner, comment: string): string {
  return `${type} ${Buffer.from(blob).toString('base64')} ${comment}\n`;
}

/** What `ssh-keygen -Y sign -n git` writes (PROTOCOL.sshsig). */
export function signSsh(
  { key, type, blob }: SshSigner,
  payload: Uint8Array,
): { armor: string; check: RawCheck } {
  const about = [encodeString('git'), encodeString(''), encodeString('sha512')];
  const digest = createHash('sha512').update(payload).digest();
  const message = Buffer.concat([Buffer.from('SSHSIG'), ...about, encodeString(digest)]);
  const check = signRaw(key, HASH[key.kind] ?? null, message);
  const value = Buffer.concat([
    encodeString(type === 'ssh-rsa' ? 'rsa-sha2-512' : type),
    encodeString(key.kind === 'p256' ? pair(key, check.signature) : check.signature),
  ]);
  const head = [Buffer.from('SSHSIG'), Uint8Array.of(0, 0, 0, 1), encodeString(blob)];
  return { armor: sshArmor(Buffer.concat([...head, ...about, encodeString(value)])), check };
}

const HASH: Readonly<Partial<Record<SigningKey['kind'], string>>> = {
  p256: 'sha256',
  rsa2048: 'sha512',
  rsa3072: 'sha512',
  rsa4096: 'sha512',
};

/** RFC 5656 section 3.1.2: r and s. */
function pair(key: SigningKey, signature: Uint8Array): Uint8Array {
  return Buffer.concat(signatureNumbers(key, signature).map(mpint));
}

/** RFC 4251 section 5, of a positive number. */
function mpint(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const trimmed = bytes.subarray(start);
  return encodeString((trimmed[0] ?? 0) < 0x80 ? trimmed : Buffer.concat([Uint8Array.of(0), trimmed]));
}
