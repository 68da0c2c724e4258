import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { armorSsh, makeAuthenticator, sshsig, sshsigMessage, string } from '../../keys/authenticator.ts';
import { must, openKeys, run } from '../../keys/keys.ts';

const TEXT = Buffer.from('text to sign\n');
const keys = await openKeys();
const alice = await keys.makeSshKey('alice');
afterAll(() => keys.close());

function verify(
  armor: Uint8Array,
  payload: Uint8Array = TEXT,
  form: 'detached' | 'cleartext' = 'detached',
): Promise<Proof> {
  return verifySignature({ payload, armor, form, namespace: 'git' }, noKeys);
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}

function decode(armor: Uint8Array): Buffer {
  const body = Buffer.from(armor)
    .toString()
    .replace(/-----[^\n]*-----/g, '');
  return Buffer.from(body.replaceAll('\n', ''), 'base64');
}

describe('an SSH signature is refused', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const key = Buffer.concat([string('ssh-ed25519'), string(raw)]);
  const value = sign(null, sshsigMessage(TEXT, 'git'), privateKey);
  const signature = Buffer.concat([string('ssh-ed25519'), string(value)]);

  it('only for the reasons below: as built here it is good', async () => {
    expect((await verify(sshsig(key, 'git', signature))).status).toBe('good');
  });

  it('with another namespace', async () => {
    const armor = await keys.sshSign(alice, TEXT, 'countersign@v1');
    expect(await verify(armor)).toMatchObject({ status: 'malformed', reason: 'wrong-namespace' });
    expect(await verify(sshsig(key, 'countersign@v1', signature))).toMatchObject({
      reason: 'wrong-namespace',
    });
  });

  it.each([
    ['after the blob', sshsig(key, 'git', signature, { tail: 'x' }), 'trailing-bytes'],
    ['after the key', sshsig(Buffer.concat([key, Buffer.from('x')]), 'git', signature), 'trailing-bytes'],
    [
      'after the signature',
      sshsig(key, 'git', Buffer.concat([signature, Buffer.from('x')])),
      'trailing-bytes',
    ],
    ['in the reserved field', sshsig(key, 'git', signature, { reserved: 'x' }), 'signature-malformed'],
  ])('with bytes %s', async (_, armor, reason) => {
    expect(await verify(armor)).toMatchObject({ status: 'malformed', reason });
  });

  it.each([
    [
      'a version to come',
      sshsig(key, 'git', signature, { version: 2 }),
      'unsupported',
      'algorithm-unsupported',
    ],
    ['the hash sha1', sshsig(key, 'git', signature, { hashName: 'sha1' }), 'bad', 'weak-hash'],
    [
      'the hash sha384',
      sshsig(key, 'git', signature, { hashName: 'sha384' }),
      'unsupported',
      'algorithm-unsupported',
    ],
    [
      'a signature algorithm of another key',
      sshsig(key, 'git', Buffer.concat([string('rsa-sha2-512'), string(value)])),
      'unsupported',
      'algorithm-unsupported',
    ],
    ['a key of type ssh-dss', sshsig(string('ssh-dss'), 'git', signature), 'unsupported', 'dsa-refused'],
    [
      'a short signature',
      sshsig(key, 'git', Buffer.concat([string('ssh-ed25519'), string(value.subarray(1))])),
      'bad',
      'signature-bad',
    ],
    [
      'a cut blob',
      armorSsh(decode(sshsig(key, 'git', signature)).subarray(0, 60)),
      'malformed',
      'signature-malformed',
    ],
    ['nothing after the magic', armorSsh(Buffer.from('SSHSIG')), 'malformed', 'signature-malformed'],
    ['another magic', armorSsh(Buffer.from('SSHSIX\0\0\0\u0001')), 'malformed', 'signature-malformed'],
  ])('with %s', async (_, armor, status, reason) => {
    expect(await verify(armor)).toMatchObject({ status, reason });
  });

  it('by RSA with SHA-1 or with fewer than 2048 bits', async () => {
    const rsa = blobOf((await keys.makeSshKey('alice', { type: 'rsa', bits: 2048 })).publicKey);
    const old = sshsig(rsa, 'git', Buffer.concat([string('ssh-rsa'), string(Buffer.alloc(256))]));
    expect(await verify(old)).toMatchObject({ status: 'bad', reason: 'weak-hash' });
    const small = await keys.makeSshKey('alice', { type: 'rsa', bits: 1024 });
    const armor = await keys.sshSign(small, TEXT, 'git');
    expect(await verify(armor)).toMatchObject({ status: 'bad', reason: 'weak-key' });
  });

  it('by a certificate', async () => {
    const [authority, user] = [await keys.makeSshKey('authority'), await keys.makeSshKey('alice')];
    must(
      'ssh-keygen',
      await run('ssh-keygen', ['-q', '-s', authority.path, '-I', 'alice', `${user.path}.pub`]),
    );
    const certificate = (await readFile(`${user.path}-cert.pub`, 'utf8')).trim();
    const armor = sshsig(blobOf(certificate), 'git', signature);
    expect(await verify(armor)).toMatchObject({ status: 'unsupported', reason: 'ssh-certificate' });
    expect(parseSshPublicKey(certificate)).toMatchObject({ ok: false });
  });

  it('as clear text, twice, or with text around it', async () => {
    const armor = Buffer.from(await keys.sshSign(alice, TEXT, 'git'));
    expect(await verify(armor, TEXT, 'cleartext')).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
    expect(await verify(Buffer.concat([armor, armor]))).toMatchObject({ reason: 'several-signatures' });
    expect(await verify(Buffer.concat([armor, Buffer.from('x')]))).toMatchObject({
      reason: 'signature-malformed',
    });
  });

  it.each([
    ['empty', ''],
    ['that only begins like ours', 'git@evil'],
    ['in other letters', 'GIT'],
    ['with a zero byte', 'git\0'],
    ['that is not ASCII', 'g\u00eft'],
    ['of 256 bytes', 'g'.repeat(256)],
    ['of 60,000 bytes', 'g'.repeat(60_000)],
  ])('with a namespace %s, however right it is', async (_, namespace) => {
    const own = sign(null, sshsigMessage(TEXT, namespace), privateKey);
    const armor = sshsig(key, namespace, Buffer.concat([string('ssh-ed25519'), string(own)]));
    expect(await verify(armor)).toMatchObject({
      status: 'malformed',
      reason: 'wrong-namespace',
      presence: null,
    });
  });

  it.each([
    'ssh-ed448',
    'ssh-xmss@openssh.com',
    'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
    'sk-ssh-ed448@openssh.com',
    'rsa-sha2-512',
    'ecdsa-sha2-nistp192',
    'SSH-ED25519',
    '',
  ])('by a key of type `%s`', async (type) => {
    const blob = Buffer.concat([string(type), string(raw), string('ssh:')]);
    const armor = sshsig(blob, 'git', Buffer.concat([string(type), string(value), Buffer.alloc(5)]));
    expect(await verify(armor)).toMatchObject({
      status: 'unsupported',
      reason: 'algorithm-unsupported',
      key: null,
    });
  });

  it.each([
    'ssh-ed25519-cert-v01@openssh.com',
    'ssh-rsa-cert-v00@openssh.com',
    'ecdsa-sha2-nistp521-cert-v01@openssh.com',
    'sk-ssh-ed25519-cert-v01@openssh.com',
    'ssh-anything-cert-v99@example.org',
  ])('by a certificate of type `%s`', async (type) => {
    const blob = Buffer.concat([string(type), string(Buffer.alloc(32)), string(raw)]);
    const armor = sshsig(blob, 'git', signature);
    expect(await verify(armor)).toMatchObject({
      status: 'unsupported',
      reason: 'ssh-certificate',
      key: null,
    });
  });

  it.each([
    'ssh-ed25519-cert-v01@openssh.com',
    'sk-ssh-ed25519@openssh.com',
    'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
    'ssh-dss',
    'none',
    '',
  ])('of the algorithm `%s` by an ordinary key', async (algorithm) => {
    const armor = sshsig(key, 'git', Buffer.concat([string(algorithm), string(value)]));
    expect(await verify(armor)).toMatchObject({ status: 'unsupported', reason: 'algorithm-unsupported' });
  });

  it.each(['ed25519', 'p256'] as const)('of WebAuthn by an sk %s key', async (kind) => {
    const armor = Buffer.from(makeAuthenticator(kind).sign(TEXT, 'git'));
    const blob = decode(armor);
    const [name = ''] = /sk-[a-z0-9-]+@openssh\.com/.exec(blob.toString('latin1')) ?? [];
    // The last name is the signature's; the length before it and that of all of it grow with it.
    const at = blob.lastIndexOf(string(name));
    const renamed = string(`webauthn-${name}`);
    const value = Buffer.concat([renamed, blob.subarray(at + string(name).length)]);
    const changed = Buffer.concat([blob.subarray(0, at - 4), string(value)]);
    expect(await verify(armorSsh(changed))).toMatchObject({
      status: 'unsupported',
      reason: 'algorithm-unsupported',
    });
  });

  it('with lengths that point outside of it', async () => {
    const blob = decode(sshsig(key, 'git', signature));
    for (const at of [10, 14, 29, 65, 72, 76, 86, 90]) {
      for (const length of [0x7fffffff, 0xffffffff, blob.length]) {
        const changed = Buffer.from(blob);
        changed.writeUInt32BE(length, at);
        expect((await verify(armorSsh(changed))).status).toMatch(/^(?:malformed|unsupported)$/);
      }
    }
  });

  it('by an Ed25519 key of small order, with which anybody signs', async () => {
    const identity = Buffer.concat([Uint8Array.of(1), Buffer.alloc(31)]);
    const blob = Buffer.concat([string('ssh-ed25519'), string(identity)]);
    const anything = Buffer.concat([
      string('ssh-ed25519'),
      string(Buffer.concat([identity, Buffer.alloc(32)])),
    ]);
    expect(await verify(sshsig(blob, 'git', anything))).toMatchObject({
      reason: 'signature-malformed',
      key: null,
    });
    expect(parseSshPublicKey(`ssh-ed25519 ${blob.toString('base64')}`).ok).toBe(false);
  });
});

describe('many keys', () => {
  it('are told apart, however often each was seen', async () => {
    const pairs = Array.from({ length: 1200 }, () => generateKeyPairSync('ed25519'));
    const blobs = pairs.map(({ publicKey }) => {
      const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
      return Buffer.concat([string('ssh-ed25519'), string(raw)]);
    });
    const armorOf = (keyOf: number, by: number) => {
      const pair = pairs[by];
      const blob = blobs[keyOf];
      if (pair === undefined || blob === undefined) throw new Error('no such pair');
      const value = sign(null, sshsigMessage(TEXT, 'git'), pair.privateKey);
      return sshsig(blob, 'git', Buffer.concat([string('ssh-ed25519'), string(value)]));
    };
    for (const round of [0, 1]) {
      for (let index = 0; index < pairs.length; index += 1) {
        const other = (index + 1 + round) % pairs.length;
        const [own, foreign] = await Promise.all([
          verify(armorOf(index, index)),
          verify(armorOf(index, other)),
        ]);
        expect([own.status, foreign.status]).toEqual(['good', 'bad']);
        expect(own.key).toMatchObject({ blob: blobs[index]?.toString('base64') });
      }
    }
  });
});
