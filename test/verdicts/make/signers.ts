import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { string } from '../../keys/authenticator.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import type { HandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, keyOf } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { armorPgp, mpi, packet, signByHand, TAG } from '../../keys/packets.ts';
import type { PersonKey } from '../../fork/policy.ts';

/** Somebody with a key: what a policy pins, and how it signs. The same name has the same key, today and tomorrow. */
export interface Signer {
  readonly key: PersonKey;
  /** An armored signature, ended by LF. */
  sign(bytes: Uint8Array, namespace: 'git' | 'countersign@v1'): string;
}

/** Signatures of Ed25519 have no chance in them, so a case that is made anew is the same to the byte. */
export function sshSigner(name: string): Signer {
  const privateKey = privateKeyOf(name);
  const blob = Buffer.concat([string('ssh-ed25519'), string(publicBytes(privateKey))]);
  const publicKey = `ssh-ed25519 ${blob.toString('base64')} ${name}`;
  return {
    key: { kind: 'ssh', name, path: '', publicKey },
    sign(bytes, namespace) {
      const digest = createHash('sha512').update(bytes).digest();
      const fields = [namespace, '', 'sha512'].map((text) => string(text));
      const signed = Buffer.concat([Buffer.from('SSHSIG'), ...fields, string(digest)]);
      const signature = Buffer.concat([string('ssh-ed25519'), string(sign(null, signed, privateKey))]);
      const version = Uint8Array.of(0, 0, 0, 1);
      const whole = Buffer.concat([
        Buffer.from('SSHSIG'),
        version,
        string(blob),
        ...fields,
        string(signature),
      ]);
      const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
      return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
    },
  };
}

/** @param certificate what is unusual about the certificate: its expiry, a revocation */
export function openpgpSigner(name: string, certificate: Partial<HandCertificate> = {}): Signer {
  const primary = handKey(name);
  const userIds = [{ text: `${name} <${name}@example.org>` }];
  const made = makeHandCertificate({ primary, userIds, ...certificate });
  return {
    key: {
      kind: 'openpgp',
      name,
      fingerprint: hexOf(primary),
      fingerprints: [hexOf(primary)],
      certificate: Buffer.from(armorPgp('PUBLIC KEY BLOCK', made)),
    },
    sign: (bytes) => armorPgp('SIGNATURE', packet(TAG.signature, signByHand(primary, bytes))),
  };
}

/** RFC 9580 sections 5.5.5.5 and 5.2.3.3.1. */
export function handKey(name: string): HandKey {
  const privateKey = privateKeyOf(name);
  const curve = Buffer.from('2b06010401da470f01', 'hex');
  const point = Buffer.concat([Uint8Array.of(0x40), publicBytes(privateKey)]);
  return keyOf({
    id: 22,
    parameters: Buffer.concat([Uint8Array.of(curve.length), curve, mpi(point)]),
    privateKey,
    usualHash: 'sha256',
    makeValue(hash, signed) {
      const value = sign(null, createHash(hash).update(signed).digest(), privateKey);
      return Buffer.concat([mpi(value.subarray(0, 32)), mpi(value.subarray(32))]);
    },
  });
}

/** RFC 8410: a private key of Ed25519 is 32 bytes behind a head that is always the same. */
function privateKeyOf(name: string): KeyObject {
  const seed = createHash('sha256').update(`a key for tests: ${name}`).digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function publicBytes(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
}
