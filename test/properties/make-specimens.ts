import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { makeAuthenticator, sshsig, sshsigMessage, string } from '../keys/authenticator.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { hexOf, makeHandKey, type HandKey, type HandKeyKind } from '../keys/hand-keys.ts';
import { packet, signByHand, TAG } from '../keys/packets.ts';
import type { StoredSpecimen } from './specimen.ts';

// node test/properties/make-specimens.ts writes specimens.json anew, with new keys.

const PAYLOAD = Buffer.from('tree 1\nauthor alice\n\nmessage\n');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function openpgp(version: 4 | 6, kind: HandKeyKind, below?: HandKeyKind): StoredSpecimen {
  const primary = makeHandKey(kind, { version });
  const subkey = below === undefined ? null : makeHandKey(below, { version });
  const key: HandKey = subkey ?? primary;
  return {
    name: `openpgp v${version} ${kind}${below === undefined ? '' : `, subkey ${below}`}`,
    kind: 'openpgp',
    payload: base64(PAYLOAD),
    signature: base64(packet(TAG.signature, signByHand(key, PAYLOAD))),
    certificate: base64(makeHandCertificate({ primary, subkeys: subkey === null ? [] : [{ key: subkey }] })),
    key: base64(key.body),
    fingerprint: hexOf(key),
  };
}

function dearmor(armor: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(armor).toString().split('\n').slice(1, -2).join(''), 'base64');
}

function ssh(name: string, key: Buffer, armor: Uint8Array): StoredSpecimen {
  const digest = createHash('sha256').update(key).digest('base64').replace('=', '');
  return {
    name: `ssh ${name}`,
    kind: 'ssh',
    payload: base64(PAYLOAD),
    signature: base64(dearmor(armor)),
    certificate: '',
    key: base64(key),
    fingerprint: `SHA256:${digest}`,
  };
}

function sshPlain(
  type: string,
  algorithm: string,
  key: Buffer,
  value: (message: Buffer) => Buffer,
): StoredSpecimen {
  const blob = Buffer.concat([string(type), key]);
  const signature = Buffer.concat([string(algorithm), string(value(sshsigMessage(PAYLOAD, 'git')))]);
  return ssh(algorithm, blob, sshsig(blob, 'git', signature));
}

function sshEd25519(): StoredSpecimen {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return sshPlain('ssh-ed25519', 'ssh-ed25519', string(field(publicKey, 'x')), (message) =>
    sign(null, message, privateKey),
  );
}

function sshRsa(hash: 'sha256' | 'sha512'): StoredSpecimen {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = Buffer.concat([string(mpint(field(publicKey, 'e'))), string(mpint(field(publicKey, 'n')))]);
  return sshPlain('ssh-rsa', `rsa-sha2-${hash.slice(3)}`, key, (message) => sign(hash, message, privateKey));
}

function sshEcdsa(namedCurve: string, name: string, hash: string): StoredSpecimen {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const point = Buffer.concat([Uint8Array.of(4), field(publicKey, 'x'), field(publicKey, 'y')]);
  const type = `ecdsa-sha2-${name}`;
  return sshPlain(type, type, Buffer.concat([string(name), string(point)]), (message) => {
    const value = sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const half = value.length / 2;
    return Buffer.concat([string(mpint(value.subarray(0, half))), string(mpint(value.subarray(half)))]);
  });
}

function sk(kind: 'ed25519' | 'p256'): StoredSpecimen {
  const token = makeAuthenticator(kind);
  const key = Buffer.from(token.publicKey.split(' ')[1] ?? '', 'base64');
  return ssh(`sk-${kind}`, key, token.sign(PAYLOAD, 'git', 0x05));
}

function field(key: KeyObject, name: 'x' | 'y' | 'n' | 'e'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[name] ?? '', 'base64url');
}

/** RFC 4251 section 5. */
function mpint(bytes: Buffer): Buffer {
  const minimal = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), minimal]) : minimal;
}

const kinds: readonly HandKeyKind[] = ['rsa2048', 'p256', 'p384', 'p521', 'ed25519', 'ed448'];
const specimens = [
  openpgp(4, 'ed25519-legacy'),
  ...kinds.map((kind) => openpgp(4, kind)),
  ...kinds.map((kind) => openpgp(6, kind)),
  openpgp(4, 'ed25519-legacy', 'p256'),
  openpgp(6, 'ed25519', 'ed448'),
  sshEd25519(),
  sshRsa('sha256'),
  sshRsa('sha512'),
  sshEcdsa('P-256', 'nistp256', 'sha256'),
  sshEcdsa('P-384', 'nistp384', 'sha384'),
  sshEcdsa('P-521', 'nistp521', 'sha512'),
  sk('ed25519'),
  sk('p256'),
];
writeFileSync(new URL('specimens.json', import.meta.url), `${JSON.stringify(specimens, null, 2)}\n`);
