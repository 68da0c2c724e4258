import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { makeAuthenticator, sshsig, sshsigMessage, string } from '../../keys/authenticator.ts';
import type { SignatureExpectation, SignatureVector } from '../vector.ts';
import { refused, TEXT, vector } from './vectors.ts';

const BY_HAND = 'SSHSIG by hand with node:crypto';
export const SSH = { kind: 'ssh' } as const;
export const MALFORMED = refused('malformed', 'signature-malformed', SSH);
const UNSUPPORTED = refused('unsupported', 'algorithm-unsupported', SSH);
const TRAILING = refused('malformed', 'trailing-bytes', SSH);
const WEAK_HASH = refused('bad', 'weak-hash', SSH);
const WEAK_KEY = refused('bad', 'weak-key', SSH);

/** What ssh-keygen does not make: wrong at one place each. */
export function makeSshByHand(): SignatureVector[] {
  return [...refusedEd25519(), ...refusedKeys()];
}

function refusedEd25519(): SignatureVector[] {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { blob, type } = sshKey(privateKey);
  const raw = sign(null, sshsigMessage(TEXT, 'git'), privateKey);
  const value = Buffer.concat([string(type), string(raw)]);
  const named = { ...SSH, fingerprint: fingerprintOf(blob) };
  const bad = refused('bad', 'signature-bad', named);
  const of = (name: string, armor: Uint8Array, expect: SignatureExpectation) =>
    vector(`by hand: ${name}`, BY_HAND, { armor }, expect);
  const tail = Buffer.from('x');
  const flipped = Buffer.from(raw);
  flipped.writeUInt8(flipped.readUInt8(10) ^ 1, 10);
  return [
    of('as it should be', sshsig(blob, 'git', value), goodBy(blob)),
    of('bytes after the signature', sshsig(blob, 'git', value, { tail: 'x' }), TRAILING),
    of('bytes after the key', sshsig(Buffer.concat([blob, tail]), 'git', value), TRAILING),
    of('bytes after the value', sshsig(blob, 'git', Buffer.concat([value, tail])), TRAILING),
    of('reserved field that is not empty', sshsig(blob, 'git', value, { reserved: 'x' }), MALFORMED),
    of('version 2', sshsig(blob, 'git', value, { version: 2 }), UNSUPPORTED),
    of('version 0', sshsig(blob, 'git', value, { version: 0 }), UNSUPPORTED),
    of('SHA-1', sshsig(blob, 'git', value, { hashName: 'sha1' }), WEAK_HASH),
    of('MD5', sshsig(blob, 'git', value, { hashName: 'md5' }), WEAK_HASH),
    of('sha384', sshsig(blob, 'git', value, { hashName: 'sha384' }), UNSUPPORTED),
    of('sha256 said of a signature with sha512', sshsig(blob, 'git', value, { hashName: 'sha256' }), bad),
    of('empty namespace', sshsig(blob, '', value), refused('malformed', 'wrong-namespace', named)),
    of(
      'namespace with a zero byte',
      sshsig(blob, 'git\0', value),
      refused('malformed', 'wrong-namespace', named),
    ),
    of(
      'a value of another type',
      sshsig(blob, 'git', Buffer.concat([string('rsa-sha2-512'), string(raw)])),
      UNSUPPORTED,
    ),
    of(
      'a value with a bit flipped',
      sshsig(blob, 'git', Buffer.concat([string(type), string(flipped)])),
      bad,
    ),
    of(
      'a value that is too short',
      sshsig(blob, 'git', Buffer.concat([string(type), string(raw.subarray(1))])),
      bad,
    ),
    of(
      'a value that is too long',
      sshsig(blob, 'git', Buffer.concat([string(type), string(Buffer.concat([raw, tail]))])),
      bad,
    ),
    of('cut off', sshsig(blob, 'git', value.subarray(0, -1)), MALFORMED),
    ...refusedRsa(),
    ...refusedEcdsa(),
    ...refusedSecurityKey(),
  ];
}

function refusedRsa(): SignatureVector[] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { blob } = sshKey(privateKey);
  const named = { ...SSH, fingerprint: fingerprintOf(blob) };
  const of = (name: string, algorithm: string, raw: Uint8Array, expect: SignatureExpectation) =>
    vector(
      `by hand: ${name}`,
      BY_HAND,
      { armor: sshsig(blob, 'git', Buffer.concat([string(algorithm), string(raw)])) },
      expect,
    );
  const message = sshsigMessage(TEXT, 'git');
  const raw = sign('sha512', message, privateKey);
  const cut = raw.subarray(raw.findIndex((byte) => byte !== 0) + 1);
  const bad = refused('bad', 'signature-bad', named);
  return [
    of('RSA with SHA-1 (`ssh-rsa`)', 'ssh-rsa', sign('sha1', message, privateKey), WEAK_HASH),
    of('RSA, the other hash', 'rsa-sha2-256', raw, bad),
    of(
      'RSA, longer than its modulus',
      'rsa-sha2-512',
      Buffer.concat([Buffer.alloc(1), raw]),
      bad,
    ),
    of('RSA, shorter by a byte that is no zero', 'rsa-sha2-512', cut, bad),
    of('RSA, its last byte left out', 'rsa-sha2-512', raw.subarray(0, -1), bad),
    of('RSA, without a number', 'rsa-sha2-512', Buffer.alloc(0), bad),
    of(
      'RSA, a number of one',
      'rsa-sha2-512',
      Buffer.concat([Buffer.alloc(255), Buffer.from([1])]),
      bad,
    ),
  ];
}

function refusedEcdsa(): SignatureVector[] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { blob, type } = sshKey(privateKey);
  const named = { ...SSH, fingerprint: fingerprintOf(blob) };
  const of = (name: string, r: Uint8Array, s: Uint8Array, expect: SignatureExpectation) => {
    const value = Buffer.concat([string(type), string(Buffer.concat([string(r), string(s)]))]);
    return vector(`by hand: ${name}`, BY_HAND, { armor: sshsig(blob, 'git', value) }, expect);
  };
  const one = Buffer.from([1]);
  return [
    of('ECDSA, numbers of one', one, one, refused('bad', 'signature-bad', named)),
    of(
      'ECDSA, a negative number',
      Buffer.from([0x80]),
      one,
      refused('malformed', 'signature-malformed', named),
    ),
    of('ECDSA, leading zeros', Buffer.from([0, 1]), one, refused('malformed', 'signature-malformed', named)),
    of('ECDSA, a number of zero', Buffer.alloc(0), one, refused('malformed', 'signature-malformed', named)),
    of('ECDSA, a number too long', Buffer.alloc(40, 1), one, refused('bad', 'signature-bad', named)),
  ];
}

/** Flags, counter and application are signed by the authenticator: none can be changed afterwards. */
function refusedSecurityKey(): SignatureVector[] {
  const key = makeAuthenticator('ed25519');
  const armor = Buffer.from(key.sign(TEXT, 'git', 0x00));
  const blob = Buffer.from(armor.toString().replace(/-----.*-----/g, ''), 'base64');
  const rearmored = (changed: Buffer) =>
    `-----BEGIN SSH SIGNATURE-----\n${changed.toString('base64')}\n-----END SSH SIGNATURE-----\n`;
  const at = (index: number) => {
    const changed = Buffer.from(blob);
    changed.writeUInt8(changed.readUInt8(changed.length - index) ^ 1, changed.length - index);
    return rearmored(changed);
  };
  const renamed = Buffer.from(blob.toString('latin1').replace('ssh:', 'ssH:'), 'latin1');
  const ownName = { ...SSH, fingerprint: fingerprintOf(blobOf(key.publicKey)) };
  const otherName = {
    ...SSH,
    fingerprint: fingerprintOf(
      Buffer.from(blobOf(key.publicKey).toString('latin1').replace('ssh:', 'ssH:'), 'latin1'),
    ),
  };
  const of = (name: string, changed: string, named: typeof ownName) =>
    vector(
      `authenticator: ${name}`,
      'software authenticator of test/keys, then changed',
      { armor: changed },
      refused('bad', 'signature-bad', named),
    );
  return [
    of('the touch flag set afterwards', at(5), ownName),
    of('the counter changed', at(1), ownName),
    of('another application', rearmored(renamed), otherName),
  ];
}

function refusedKeys(): SignatureVector[] {
  const { privateKey: small } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const value = Buffer.concat([
    string('rsa-sha2-512'),
    string(sign('sha512', sshsigMessage(TEXT, 'git'), small)),
  ]);
  const any = Buffer.concat([string('x'), string('y')]);
  const of = (name: string, blob: Uint8Array, signature: Uint8Array, expect: SignatureExpectation) =>
    vector(`by hand: ${name}`, BY_HAND, { armor: sshsig(blob, 'git', signature) }, expect);
  const off = Buffer.concat([Uint8Array.of(4), Buffer.alloc(64, 1)]);
  const dss = Buffer.concat([string('ssh-dss'), ...[1, 2, 3, 4].map((byte) => string(Buffer.from([byte])))]);
  const webauthn = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';
  return [
    of('RSA-1024', sshKey(small).blob, value, WEAK_KEY),
    of('DSA', dss, any, refused('unsupported', 'dsa-refused', SSH)),
    of('a key type that nobody knows', Buffer.concat([string('ssh-unknown'), string('x')]), any, UNSUPPORTED),
    of('Ed448', Buffer.concat([string('ssh-ed448'), string(Buffer.alloc(57))]), any, UNSUPPORTED),
    of(
      'webauthn',
      Buffer.concat([string(webauthn), string('nistp256'), string(off), string('ssh:')]),
      any,
      UNSUPPORTED,
    ),
    of(
      'a point that is not on its curve',
      Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp256'), string(off)]),
      any,
      MALFORMED,
    ),
    of(
      'a curve that is not that of its type',
      Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp384'), string(off)]),
      any,
      MALFORMED,
    ),
    of(
      'an Ed25519 key of 31 bytes',
      Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(31, 1))]),
      any,
      MALFORMED,
    ),
  ];
}

/** RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4. */
function sshKey(key: KeyObject): { type: string; blob: Buffer } {
  const { kty, x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const field = (text: string) => Buffer.from(text, 'base64url');
  if (kty === 'RSA') {
    const blob = Buffer.concat([
      string('ssh-rsa'),
      string(field(e)),
      string(Buffer.concat([Uint8Array.of(0), field(n)])),
    ]);
    return { type: 'ssh-rsa', blob };
  }
  if (kty === 'OKP')
    return { type: 'ssh-ed25519', blob: Buffer.concat([string('ssh-ed25519'), string(field(x))]) };
  const point = Buffer.concat([Uint8Array.of(4), field(x), field(y)]);
  const type = 'ecdsa-sha2-nistp256';
  return { type, blob: Buffer.concat([string(type), string('nistp256'), string(point)]) };
}

export function goodBy(
  blob: Uint8Array,
  presence: SignatureExpectation['presence'] = null,
): SignatureExpectation {
  return { ...refused('good', ''), kind: 'ssh', reason: null, fingerprint: fingerprintOf(blob), presence };
}

export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace('=', '')}`;
}

export function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}
