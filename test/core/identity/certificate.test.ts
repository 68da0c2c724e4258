import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { config, generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_CERTIFICATES, openKeyring } from '../../../src/core/identity/certificate.ts';
import { MAX_KEY_FILE_BYTES } from '../../../src/core/identity/certificate-packets.ts';
import type { Certificate, CertificateKey } from '../../../src/core/identity/keyring.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { parsePackets } from '../../../src/core/signature/openpgp-packet.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { GpgKey, Keys } from '../../keys/keys.ts';
import { stealSubkey } from '../../keys/thief.ts';

const NOW = Date.now() / 1000;
const TEXT = Buffer.from('text\n');
let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

async function open(...certificates: Uint8Array[]): Promise<readonly Certificate[]> {
  const { keyring } = await openKeyring(
    certificates.map((bytes, index) => ({ path: `${index}.asc`, bytes })),
  );
  expect(keyring.unreadable).toEqual([]);
  return keyring.certificates;
}

/** The key number `index` of the one certificate that the bytes hold. */
async function keyOf(certificate: Uint8Array | readonly Uint8Array[], index = 0): Promise<CertificateKey> {
  const [opened] = await open(...(certificate instanceof Uint8Array ? [certificate] : certificate));
  const key = opened?.keys[index];
  if (key === undefined) throw new Error('no such key');
  return key;
}

async function unreadable(bytes: Uint8Array): Promise<unknown> {
  const { keyring, keys } = await openKeyring([{ path: 'a', bytes }]);
  expect(keyring.certificates).toEqual([]);
  expect(keys.find({ fingerprint: null, keyId: null })).toEqual([]);
  return keyring.unreadable;
}

const binary = async (armored: Uint8Array) =>
  new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armored)));
const clean = { bound: true, canSign: true, backSigned: true, expiresAt: null, revoked: null };

describe('a certificate', () => {
  it('is described as gpg describes it', async () => {
    const made = await Promise.all(
      (['ed25519', 'rsa2048', 'nistp256', 'nistp384', 'nistp521'] as const).map((algorithm) =>
        keys.makeGpgKey('alice', { algorithm, signingSubkeys: ['ed25519', 'nistp256'] }),
      ),
    );
    const opened = await open(...made.map(({ certificate }) => certificate));
    expect(opened.map(({ primary }) => primary)).toEqual(made.map(({ fingerprint }) => fingerprint));
    expect(opened.map(({ keys }) => keys.map(({ fingerprint }) => fingerprint))).toEqual(
      made.map(({ fingerprints }) => fingerprints),
    );
    expect(opened.map(({ keys: [primary] }) => `${primary?.algorithm ?? ''} ${primary?.bits ?? 0}`)).toEqual([
      'ed25519 256',
      'rsa 2048',
      'p256 256',
      'p384 384',
      'p521 521',
    ]);
    for (const { keys: own, userIds, file } of opened) {
      expect(userIds).toEqual(['alice <alice@example.org>']);
      expect(file).toMatch(/^\d\.asc$/);
      expect(own.map(({ standing }) => standing)).toEqual([clean, clean, clean]);
      expect(own.map((key) => standingOf(key, NOW, false))).toEqual([[], [], []]);
    }
  });

  it('is the same armored and binary, alone and among others in one file', async () => {
    const [alice, bob] = await Promise.all([keys.makeGpgKey('alice'), keys.makeGpgKey('bob')]);
    const apart = await open(alice.certificate, bob.certificate);
    const bytes = Buffer.concat([await binary(alice.certificate), await binary(bob.certificate)]);
    const texts = Buffer.concat([alice.certificate, bob.certificate]);
    for (const together of [bytes, texts]) {
      expect((await open(together)).map(({ keys }) => keys)).toEqual(apart.map(({ keys }) => keys));
    }
  });

  it('spells a key as SSH does, so that one key under two people is seen', async () => {
    const alice = await keys.makeGpgKey('alice', { algorithm: 'rsa2048', usage: 'sign,cert' });
    for (const key of [alice, await keys.makeGpgKey('bob', { algorithm: 'nistp256' })]) {
      // gpg gives out only authentication keys as SSH keys: `!` names this one all the same.
      const line = must('gpg', await keys.gpg(['--export-ssh-key', `${key.fingerprint}!`])).toString();
      const ssh = parseSshPublicKey(line);
      expect(ssh.ok && ssh.key.material).toBe((await keyOf(key.certificate)).material);
    }
  });

  it('tells signing keys from others', async () => {
    const ordinary = await keys.makeGpgKey('alice', { algorithm: 'default' });
    expect(standingOf(await keyOf(ordinary.certificate, 0), NOW, true)).toEqual([]);
    expect(standingOf(await keyOf(ordinary.certificate, 1), NOW, true)).toContain('key-not-for-signing');
    const certifying = await keys.makeGpgKey('alice', { usage: 'cert', signingSubkeys: ['ed25519'] });
    expect(standingOf(await keyOf(certifying.certificate, 0), NOW, true)).toEqual(['key-not-for-signing']);
    expect(standingOf(await keyOf(certifying.certificate, 1), NOW, true)).toEqual([]);
  });

  it('with weak or unsupported keys says so', async () => {
    const weak = await keys.makeGpgKey('alice', { algorithm: 'rsa1024' });
    expect(standingOf(await keyOf(weak.certificate), NOW, true)).toEqual(['weak-key']);
    for (const algorithm of ['dsa2048', 'brainpoolP256r1'] as const) {
      const other = await keys.makeGpgKey('alice', { algorithm });
      expect(standingOf(await keyOf(other.certificate), NOW, true)).toContain('algorithm-unsupported');
    }
  });
});

describe('a key', () => {
  it('that was prolonged stays good, and its old signatures with it (attack 34)', async () => {
    const key = await keys.makeGpgKey('alice', {
      at: '20200101T000000',
      expires: '1y',
      signingSubkeys: ['ed25519'],
    });
    const signature = await keys.signDetached(key, TEXT, ['--faked-system-time', '20200601T000000!']);
    const before = await keyOf(key.certificate, 1);
    expect(before.standing.expiresAt).toBeLessThan(Date.UTC(2021, 0, 3) / 1000);
    expect(standingOf(before, NOW, false)).toEqual(['key-expired']);
    expect(standingOf(before, Date.UTC(2020, 5, 1) / 1000, false)).toEqual([]);
    expect(standingOf(before, NOW, true)).toEqual([]);

    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y']));
    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y', key.fingerprints[1] ?? '']));
    const prolonged = await keys.exportCertificate(key.fingerprint);
    expect(standingOf(await keyOf(prolonged, 0), NOW, false)).toEqual([]);
    expect(standingOf(await keyOf(prolonged, 1), NOW, false)).toEqual([]);
    for (const certificate of [key.certificate, prolonged]) {
      expect((await proof(certificate, signature)).status).toBe('good');
    }
    // The old copy beside the new one does not take the prolonging back.
    expect(standingOf(await keyOf([prolonged, key.certificate], 1), NOW, false)).toEqual([]);
  });

  it('ends when its primary key does', async () => {
    const key = await keys.makeGpgKey('alice', {
      at: '20200101T000000',
      expires: '1y',
      signingSubkeys: ['ed25519'],
    });
    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y', key.fingerprints[1] ?? '']));
    const certificate = await keys.exportCertificate(key.fingerprint);
    expect(standingOf(await keyOf(certificate, 1), NOW, false)).toEqual(['key-expired']);
  });

  it.each([
    ['0', 'hard'],
    ['1', 'hard'],
    ['2', 'soft'],
    ['3', 'soft'],
  ])('revoked with gpg’s reason %s is revoked the %s way, subkeys too', async (reason, kind) => {
    const key = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
    const revocation = must(
      'gpg',
      await run(
        'gpg',
        [
          '--homedir',
          keys.home,
          '--no-tty',
          '--yes',
          '--command-fd',
          '0',
          '--pinentry-mode',
          'loopback',
          '--passphrase',
          '',
          '--gen-revoke',
          key.fingerprint,
        ],
        Buffer.from(`y\n${reason}\n\ny\n`),
      ),
    );
    must('gpg', await keys.gpg(['--import'], revocation));
    const certificate = await keys.exportCertificate(key.fingerprint);
    for (const index of [0, 1]) {
      const revoked = await keyOf(certificate, index);
      expect(revoked.standing.revoked?.kind).toBe(kind);
      expect(standingOf(revoked, NOW + 60, false)).toEqual(['key-revoked']);
      expect(standingOf(revoked, 0, false)).toEqual(kind === 'hard' ? ['key-revoked'] : []);
      expect(standingOf(revoked, NOW + 60, true)).toEqual(kind === 'hard' ? ['key-revoked'] : []);
    }
    // In whatever order, and in whichever copy: a revocation is heard.
    for (const copies of [
      [key.certificate, certificate],
      [certificate, key.certificate],
    ]) {
      expect((await keyOf(copies)).standing.revoked?.kind).toBe(kind);
    }
  });

  it('that is a revoked subkey leaves its primary key as it is', async () => {
    const key = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519', 'ed25519'] });
    const edit = [
      '--no-tty',
      '--yes',
      '--command-fd',
      '0',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
    ];
    const commands = Buffer.from('key 1\nrevkey\ny\n3\n\ny\nsave\n');
    must('gpg', await run('gpg', ['--homedir', keys.home, ...edit, '--edit-key', key.fingerprint], commands));
    const certificate = await keys.exportCertificate(key.fingerprint);
    const kinds = await Promise.all(
      [0, 1, 2].map(async (index) => (await keyOf(certificate, index)).standing.revoked?.kind),
    );
    expect(kinds).toEqual([undefined, 'soft', undefined]);
  });

  it('revoked by the certificate that gpg keeps for that is revoked', async () => {
    const key = await keys.makeGpgKey('alice');
    const kept = await readFile(join(keys.home, 'openpgp-revocs.d', `${key.fingerprint}.rev`), 'utf8');
    must('gpg', await keys.gpg(['--import'], Buffer.from(kept.replace(':-----', '-----'))));
    const revoked = await keyOf(await keys.exportCertificate(key.fingerprint));
    expect(revoked.standing.revoked?.kind).toBe('hard');
  });

  it('bound with SHA-1 is bound where that was before February 2023 only', async () => {
    const args = ['--cert-digest-algo', 'SHA1', '--allow-weak-digest-algos'];
    const options = { args, algorithm: 'rsa2048' } as const;
    const old = await keys.makeGpgKey('alice', { ...options, at: '20230131T000000' });
    const late = await keys.makeGpgKey('alice', { ...options, at: '20230202T000000' });
    expect(must('gpg', await keys.gpg(['--list-packets'], late.certificate)).toString()).toContain(
      'digest algo 2,',
    );
    expect(standingOf(await keyOf(old.certificate), NOW, true)).toEqual([]);
    expect(standingOf(await keyOf(late.certificate), NOW, true)).toContain('key-not-bound');
    const worse = await keys.makeGpgKey('alice', {
      algorithm: 'rsa2048',
      args: ['--cert-digest-algo', 'MD5', '--allow-weak-digest-algos'],
      at: '20100101T000000',
    });
    expect(standingOf(await keyOf(worse.certificate), NOW, true)).toContain('key-not-bound');
  });

  it('of somebody else, taken below one’s own primary key, has no back signature (attack 33)', async () => {
    const alice = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
    const stolen = await stealFrom(alice);
    const key = await keyOf(stolen, 1);
    expect(key.fingerprint).toBe(alice.fingerprints[1]);
    expect(key.standing).toMatchObject({ bound: true, canSign: true, backSigned: false });
    expect(standingOf(key, NOW, true)).toEqual(['back-signature-missing']);
    // Whichever file comes first, what the subkey signs is its owner's.
    const signature = await keys.signDetached(alice.fingerprints[1] ?? '', TEXT);
    for (const files of [
      [stolen, alice.certificate],
      [alice.certificate, stolen],
    ]) {
      expect((await proof(files, signature)).key).toMatchObject({ primary: alice.fingerprint });
    }
  });

  it('put below another certificate as it is, is not bound', async () => {
    const [alice, mallory] = [
      await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] }),
      await keys.makeGpgKey('mallory'),
    ];
    const tail = await packetsFrom(alice.certificate, 14);
    const certificate = Buffer.concat([await binary(mallory.certificate), tail]);
    expect(standingOf(await keyOf(certificate, 1), NOW, true)).toEqual([
      'key-not-bound',
      'key-not-for-signing',
      'back-signature-missing',
    ]);
  });

  it('is not bound by signatures with one changed bit', async () => {
    const alice = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
    const bytes = Buffer.from(await binary(alice.certificate));
    let unbound = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        const { keyring } = await openKeyring([{ path: 'a', bytes: changed }]);
        const all = keyring.certificates.flatMap((certificate) => certificate.keys);
        unbound += all.filter(({ standing }) => !standing.bound).length;
        // What is still bound is what alice made.
        const bound = all.filter(({ standing }) => standing.bound).map(({ fingerprint }) => fingerprint);
        expect(alice.fingerprints).toEqual(expect.arrayContaining(bound));
        expect(all.every(({ standing }) => standing.expiresAt === null && standing.revoked === null)).toBe(
          true,
        );
      }),
      { numRuns: 300 },
    );
    expect(unbound).toBeGreaterThan(0);
  });
});

describe('a key file is not read', () => {
  it('when it holds a private key', async () => {
    const key = await keys.makeGpgKey('alice');
    const armored = must('gpg', await keys.gpg(['--armor', '--export-secret-keys', key.fingerprint]));
    for (const bytes of [armored, await binary(armored)]) {
      expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'private-key' }]);
    }
    const both = Buffer.concat([await binary(key.certificate), await binary(armored)]);
    expect(await unreadable(both)).toEqual([{ path: 'a', reason: 'private-key' }]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['noise', Buffer.alloc(100, 0xff)],
    ['a signature only', Buffer.from([0x88, 1, 4])],
    ['an empty primary key', Buffer.from([0x98, 1, 4])],
  ])('when it holds %s', async (_, bytes) => {
    expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'not-a-certificate' }]);
  });

  it('when it is too large', async () => {
    const key = await keys.makeGpgKey('alice');
    const bytes = await binary(key.certificate);
    const padded = Buffer.concat([bytes, Buffer.alloc(MAX_KEY_FILE_BYTES)]);
    expect(await unreadable(padded)).toEqual([{ path: 'a', reason: 'too-large' }]);
    const subkey = await packetsFrom(
      (await keys.makeGpgKey('bob', { signingSubkeys: ['ed25519'] })).certificate,
      14,
    );
    const many = Buffer.concat([bytes, ...Array.from({ length: 64 }, () => subkey)]);
    expect(await unreadable(many)).toEqual([{ path: 'a', reason: 'too-large' }]);
    const exactly = Buffer.concat([bytes, ...Array.from({ length: 63 }, () => subkey)]);
    expect((await open(exactly))[0]?.keys).toHaveLength(64);
  });

  it('beyond the number of certificates', async () => {
    const primary = Buffer.from(await binary((await keys.makeGpgKey('alice')).certificate));
    const length = 2 + primary.readUInt8(1);
    const files = Array.from({ length: MAX_CERTIFICATES + 1 }, (_, index) => {
      const bytes = Buffer.from(primary.subarray(0, length));
      // Another creation time is another fingerprint.
      bytes.writeUInt32BE(index, 3);
      return { path: String(index), bytes };
    });
    const { keyring } = await openKeyring(files);
    expect(keyring.certificates).toHaveLength(MAX_CERTIFICATES);
    expect(keyring.unreadable).toEqual([{ path: String(MAX_CERTIFICATES), reason: 'too-large' }]);
  });

  it('when its keys are of another version', async () => {
    const options = { userIDs: [{ name: 'alice' }], format: 'binary' as const };
    const { publicKey } = await generateKey({ ...options, config: { ...config, v6Keys: true } });
    expect(await unreadable(publicKey)).toEqual([{ path: 'a', reason: 'unsupported-version' }]);
  });

  it('and never makes the reader throw', async () => {
    const real = await binary((await keys.makeGpgKey('alice', { signingSubkeys: ['nistp256'] })).certificate);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: real.length }),
        fc.uint8Array({ maxLength: 20 }),
        fc.nat({ max: 20 }),
        async (at, noise, cut) => {
          const bytes = Buffer.concat([real.subarray(0, at), noise, real.subarray(at + cut)]);
          const { keyring } = await openKeyring([{ path: 'a', bytes }]);
          expect(keyring.certificates.length + keyring.unreadable.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

async function proof(certificates: Uint8Array | readonly Uint8Array[], armor: Uint8Array) {
  const list = certificates instanceof Uint8Array ? [certificates] : certificates;
  const { keys } = await openKeyring(list.map((bytes, index) => ({ path: String(index), bytes })));
  return verifySignature({ payload: TEXT, armor, form: 'detached', namespace: 'git' }, keys);
}

/** A certificate's binary packets from the first one of type `tag`, by the offsets that gpg lists. */
async function packetsFrom(certificate: Uint8Array, tag: number): Promise<Uint8Array> {
  const bytes = await binary(certificate);
  const listed = must('gpg', await keys.gpg(['--list-packets'], bytes)).toString();
  const offset = new RegExp(`off=(\\d+) ctb=\\w+ tag=${tag} `).exec(listed)?.[1];
  if (offset === undefined) throw new Error('no such packet');
  return bytes.subarray(Number(offset));
}

/** Mallory's certificate over the body of alice's first subkey packet. */
async function stealFrom(alice: GpgKey): Promise<Uint8Array> {
  const [first] = parsePackets(await packetsFrom(alice.certificate, 14));
  if (first === undefined) throw new Error('no subkey');
  return stealSubkey(first.body);
}
