import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * A FIDO security key in software: makes `sk-` keys and their SSHSIG signatures with whatever flags the test wants
 * (PROTOCOL.u2f, PROTOCOL.sshsig). OpenSSH accepts them like those of a real token.
 */
export interface Authenticator {
  /** `type blob comment`, as in a `.pub` file. */
  readonly publicKey: string;
  /** Armored SSHSIG. `flags`: 0x01 touched, 0x04 PIN or fingerprint checked; default touched. */
  sign(bytes: Uint8Array, namespace: string, flags?: number): Uint8Array;
}

export function makeAuthenticator(kind: 'ed25519' | 'p256', application = 'ssh:'): Authenticator {
  const ed25519 = kind === 'ed25519';
  const type = ed25519 ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
  const { publicKey, privateKey } = ed25519
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const blob = Buffer.concat([string(type), rawKey(publicKey), string(application)]);
  let counter = 0;
  return {
    publicKey: `${type} ${blob.toString('base64')} authenticator`,
    sign(bytes, namespace, flags = 0x01) {
      const signed = sshsigMessage(bytes, namespace);
      counter += 1;
      const assertion = Buffer.concat([Uint8Array.of(flags), uint32(counter)]);
      const data = Buffer.concat([hash('sha256', application), assertion, hash('sha256', signed)]);
      const value = ed25519
        ? sign(null, data, privateKey)
        : ecdsaValue(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
      return sshsig(blob, namespace, Buffer.concat([string(type), string(value), assertion]));
    },
  };
}

/** What an SSHSIG with sha512 is made over. */
export function sshsigMessage(bytes: Uint8Array, namespace: string): Buffer {
  return Buffer.concat([
    Buffer.from('SSHSIG'),
    string(namespace),
    string(''),
    string('sha512'),
    string(hash('sha512', bytes)),
  ]);
}

/** Puts key and signature together as an armored SSHSIG with sha512. */
export function sshsig(
  key: Uint8Array,
  namespace: string,
  signature: Uint8Array,
  { reserved = '', hashName = 'sha512', version = 1, tail = '' } = {},
): Uint8Array {
  const parts = [string(key), string(namespace), string(reserved), string(hashName), string(signature)];
  return armorSsh(Buffer.concat([Buffer.from('SSHSIG'), uint32(version), ...parts, Buffer.from(tail)]));
}

export function armorSsh(blob: Uint8Array): Uint8Array {
  const lines =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return Buffer.from(`-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`);
}

/** RFC 4251 `string`. */
export function string(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function rawKey(key: KeyObject): Buffer {
  const { x = '', y } = key.export({ format: 'jwk' });
  const first = Buffer.from(x, 'base64url');
  if (y === undefined) return string(first);
  return Buffer.concat([
    string('nistp256'),
    string(Buffer.concat([Uint8Array.of(4), first, Buffer.from(y, 'base64url')])),
  ]);
}

function ecdsaValue(pair: Buffer): Buffer {
  return Buffer.concat([string(mpint(pair.subarray(0, 32))), string(mpint(pair.subarray(32)))]);
}

function mpint(number: Buffer): Buffer {
  let start = 0;
  while (number[start] === 0) start += 1;
  const minimal = number.subarray(start);
  return (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), minimal]) : minimal;
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function hash(name: 'sha256' | 'sha512', content: Uint8Array | string): Buffer {
  return createHash(name).update(content).digest();
}
