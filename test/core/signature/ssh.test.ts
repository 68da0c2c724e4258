import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { armorSsh, makeAuthenticator, sshsig, sshsigMessage, string } from '../../keys/authenticator.ts';
import { checkSsh, must, openKeys, run } from '../../keys/keys.ts';
import type { Keys, SshKey, SshKeyOptions } from '../../keys/keys.ts';

const TEXT = Buffer.from('text to sign\n');
const TYPES: readonly (readonly [string, SshKeyOptions])[] = [
  ['ssh-ed25519', { type: 'ed25519' }],
  ['ssh-rsa', { type: 'rsa', bits: 2048 }],
  ['ecdsa-sha2-nistp256', { type: 'ecdsa', bits: 256 }],
  ['ecdsa-sha2-nistp384', { type: 'ecdsa', bits: 384 }],
  ['ecdsa-sha2-nistp521', { type: 'ecdsa', bits: 521 }],
];

let keys: Keys;
let people: ReadonlyMap<string, SshKey>;
beforeAll(async () => {
  keys = await openKeys();
  const made = TYPES.map(async ([type, options]) => [type, await keys.makeSshKey('alice', options)] as const);
  people = new Map(await Promise.all(made));
});
afterAll(() => keys.close());

function person(type: string): SshKey {
  const key = people.get(type);
  if (key === undefined) throw new Error(type);
  return key;
}

function verify(
  armor: Uint8Array,
  payload: Uint8Array = TEXT,
  form: 'detached' | 'cleartext' = 'detached',
): Promise<Proof> {
  return verifySignature({ payload, armor, form, namespace: 'git' }, noKeys);
}

/** What ssh-keygen says: the fingerprint of a good signature's key, or null. */
async function sshSays(armor: Uint8Array, payload: Uint8Array): Promise<string | null> {
  const { code, stdout } = await checkSsh(await keys.writeTemporary(armor), payload, 'git');
  return code === 0 ? (/(SHA256:\S+)/.exec(stdout.toString())?.[1] ?? null) : null;
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}

function decode(armor: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(armor)
      .toString()
      .replace(/-----[^\n]*-----/g, '')
      .replaceAll('\n', ''),
    'base64',
  );
}

describe('SSH signatures agree with ssh-keygen', () => {
  it.each(TYPES.map(([type]) => type))('%s verifies over its own text only', async (type) => {
    for (const args of [[], ['-O', 'hashalg=sha256']]) {
      const armor = await keys.sshSign(person(type), TEXT, 'git', args);
      const fingerprint = await sshSays(armor, TEXT);
      const blob = blobOf(person(type).publicKey).toString('base64');
      expect(await verify(armor)).toEqual({
        kind: 'ssh',
        status: 'good',
        reason: null,
        key: { kind: 'ssh', type, blob, fingerprint },
        issuer: null,
        presence: null,
        claimedAt: null,
      });
      const other = Buffer.from('other');
      expect(await verify(armor, other)).toMatchObject({ status: 'bad', reason: 'signature-bad' });
      expect(await sshSays(armor, other)).toBeNull();
    }
  });

  it('verifies a hundred signatures of each curve, short numbers among them', async () => {
    const signatures = Array.from({ length: 100 }, async (_, index) => {
      const bytes = Buffer.from(`text ${index}`);
      return verify(await keys.sshSign(person('ecdsa-sha2-nistp256'), bytes, 'git'), bytes);
    });
    expect((await Promise.all(signatures)).filter(({ status }) => status !== 'good')).toEqual([]);
  });

  it.each(['ed25519', 'p256'] as const)('sk %s says whether the person was there', async (kind) => {
    const authenticator = makeAuthenticator(kind);
    for (const [flags, touched, verified] of [
      [0x00, false, false],
      [0x01, true, false],
      [0x04, false, true],
      [0x05, true, true],
    ] as const) {
      const armor = authenticator.sign(TEXT, 'git', flags);
      const proof = await verify(armor);
      expect(proof).toMatchObject({ status: 'good', presence: { touched, verified } });
      expect(await sshSays(armor, TEXT)).toBe(proof.key?.fingerprint);
      expect(await verify(armor, Buffer.from('other'))).toMatchObject({ status: 'bad', presence: null });
    }
  });

  it.each(['ed25519', 'p256'] as const)(
    'sk %s does not let flags, counter or application be changed',
    async (kind) => {
      const blob = decode(makeAuthenticator(kind).sign(TEXT, 'git', 0x00));
      for (const [from, change] of [
        [5, 0x01],
        [1, 0x01],
      ] as const) {
        const changed = Buffer.from(blob);
        changed.writeUInt8(changed.readUInt8(changed.length - from) ^ change, changed.length - from);
        expect(await verify(armorSsh(changed))).toMatchObject({ status: 'bad', reason: 'signature-bad' });
        expect(await sshSays(armorSsh(changed), TEXT)).toBeNull();
      }
      const renamed = Buffer.from(blob.toString('latin1').replace('ssh:', 'ssH:'), 'latin1');
      expect(await verify(armorSsh(renamed))).toMatchObject({ status: 'bad', reason: 'signature-bad' });
    },
  );
});

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
    const armor = await keys.sshSign(person('ssh-ed25519'), TEXT, 'countersign@v1');
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
    [
      'a key of type ssh-dss',
      sshsig(string('ssh-dss'), 'git', signature),
      'unsupported',
      'algorithm-unsupported',
    ],
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
    const rsa = blobOf(person('ssh-rsa').publicKey);
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
    const armor = Buffer.from(await keys.sshSign(person('ssh-ed25519'), TEXT, 'git'));
    expect(await verify(armor, TEXT, 'cleartext')).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
    expect(await verify(Buffer.concat([armor, armor]))).toMatchObject({ reason: 'several-signatures' });
    expect(await verify(Buffer.concat([armor, Buffer.from('x')]))).toMatchObject({
      reason: 'signature-malformed',
    });
  });
});

describe('an SSH public key', () => {
  it.each(TYPES.map(([type]) => type))('of type %s is named as ssh-keygen names it', async (type) => {
    const { path, publicKey } = person(type);
    const listed = must('ssh-keygen', await run('ssh-keygen', ['-l', '-f', `${path}.pub`])).toString();
    const [bits, fingerprint] = listed.split(' ');
    const blob = blobOf(publicKey).toString('base64');
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
