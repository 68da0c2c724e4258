import { afterAll, describe, expect, it } from 'vitest';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { makeAuthenticator, string } from '../../keys/authenticator.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { SshKeyOptions } from '../../keys/keys.ts';

const TYPES: readonly (readonly [string, SshKeyOptions])[] = [
  ['ssh-ed25519', { type: 'ed25519' }],
  ['ssh-rsa', { type: 'rsa', bits: 2048 }],
  ['ecdsa-sha2-nistp256', { type: 'ecdsa', bits: 256 }],
  ['ecdsa-sha2-nistp384', { type: 'ecdsa', bits: 384 }],
  ['ecdsa-sha2-nistp521', { type: 'ecdsa', bits: 521 }],
];

const keys = await openKeys();
afterAll(() => keys.close());

describe('an SSH public key', () => {
  it.each(TYPES)('of type %s is named as ssh-keygen names it', async (type, options) => {
    const { path, publicKey } = await keys.makeSshKey('alice', options);
    const listed = must('ssh-keygen', await run('ssh-keygen', ['-l', '-f', `${path}.pub`])).toString();
    const [bits, fingerprint] = listed.split(' ');
    const blob = publicKey.split(' ')[1] ?? '';
    const read = parseSshPublicKey(publicKey);
    expect(read).toMatchObject({ ok: true, key: { type, blob, fingerprint, sk: false, bits: Number(bits) } });
    expect(parseSshPublicKey(`${type} ${blob}`)).toEqual(read);
  });

  it.each(['ed25519', 'p256'] as const)('of an sk %s key has the same material as the plain key', (kind) => {
    const { publicKey } = makeAuthenticator(kind);
    const sk = parseSshPublicKey(publicKey);
    const [type = '', base64 = ''] = publicKey.split(' ');
    const plainType = type.replace('sk-', '').replace('@openssh.com', '');
    const blob = Buffer.from(base64, 'base64');
    const inner = blob.subarray(string(type).length, blob.length - string('ssh:').length);
    const plain = parseSshPublicKey(
      `${plainType} ${Buffer.concat([string(plainType), inner]).toString('base64')}`,
    );
    expect(sk).toMatchObject({ ok: true, key: { sk: true } });
    expect(plain).toMatchObject({ ok: true, key: { sk: false } });
    expect(sk.ok && plain.ok && sk.key.material === plain.key.material).toBe(true);
  });

  const ed25519 = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 1))]);
  const line = (type: string, blob: Uint8Array) => `${type} ${Buffer.from(blob).toString('base64')}`;
  const rsa = (e: number[], n: Buffer) =>
    Buffer.concat([string('ssh-rsa'), string(Buffer.from(e)), string(n)]);
  const n2048 = Buffer.concat([Buffer.from([0, 0xc1]), Buffer.alloc(255, 1)]);

  it('is accepted only as written below', () => {
    expect(parseSshPublicKey(line('ssh-ed25519', ed25519)).ok).toBe(true);
    expect(parseSshPublicKey(line('ssh-rsa', rsa([1, 0, 1], n2048))).ok).toBe(true);
  });

  it.each([
    ['another label', line('ssh-rsa', ed25519)],
    ['no label', Buffer.from(ed25519).toString('base64')],
    ['bytes after the key', line('ssh-ed25519', Buffer.concat([ed25519, Buffer.from('x')]))],
    ['too few bytes', line('ssh-ed25519', ed25519.subarray(0, 40))],
    ['base64 that is not canonical', line('ssh-ed25519', ed25519).replace(/.$/, '=')],
    ['two lines', `${line('ssh-ed25519', ed25519)}\n${line('ssh-ed25519', ed25519)}`],
    [
      'a point that is not on the curve',
      line(
        'ecdsa-sha2-nistp256',
        Buffer.concat([
          string('ecdsa-sha2-nistp256'),
          string('nistp256'),
          string(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])),
        ]),
      ),
    ],
    [
      'the point of another curve',
      line(
        'ecdsa-sha2-nistp256',
        Buffer.concat([
          string('ecdsa-sha2-nistp256'),
          string('nistp384'),
          string(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])),
        ]),
      ),
    ],
    ['RSA below 2048 bits', line('ssh-rsa', rsa([1, 0, 1], Buffer.alloc(255, 0x7f)))],
    ['RSA with exponent 1', line('ssh-rsa', rsa([1], n2048))],
    ['RSA with an even exponent', line('ssh-rsa', rsa([4], n2048))],
    ['RSA with a negative modulus', line('ssh-rsa', rsa([1, 0, 1], n2048.subarray(1)))],
    ['RSA with leading zeros', line('ssh-rsa', rsa([1, 0, 1], Buffer.concat([Buffer.from([0]), n2048])))],
    ['an unknown type', line('ssh-dss', Buffer.concat([string('ssh-dss'), string('x')]))],
    ['nothing', ''],
    ['far too much', line('ssh-ed25519', Buffer.alloc(100_000))],
  ])('is refused with %s', (_, text) => {
    const read = parseSshPublicKey(text);
    expect(read.ok).toBe(false);
    expect(read.ok || read.reason).toMatch(/^[a-zA-Z`].*[^.]$/);
  });
});
