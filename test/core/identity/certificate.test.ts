import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import { keyOf, NOW, open, use } from './opened.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

const binary = async (armored: Uint8Array) =>
  new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armored)));

const CLEAN = {
  binding: 'verified',
  canSign: true,
  backSignature: 'verified',
  expiresAt: null,
  revoked: null,
};

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
      expect(own.map(({ standing }) => standing)).toEqual([CLEAN, CLEAN, CLEAN]);
      expect(own.map((key) => standingOf(key, use(NOW, false)))).toEqual([[], [], []]);
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
    expect(standingOf(await keyOf(ordinary.certificate, 0), use(NOW, true))).toEqual([]);
    expect(standingOf(await keyOf(ordinary.certificate, 1), use(NOW, true))).toContain('key-not-for-signing');
    const certifying = await keys.makeGpgKey('alice', { usage: 'cert', signingSubkeys: ['ed25519'] });
    expect(standingOf(await keyOf(certifying.certificate, 0), use(NOW, true))).toEqual([
      'key-not-for-signing',
    ]);
    expect(standingOf(await keyOf(certifying.certificate, 1), use(NOW, true))).toEqual([]);
  });

  it('with weak or unsupported keys says so', async () => {
    const weak = await keys.makeGpgKey('alice', { algorithm: 'rsa1024' });
    expect(standingOf(await keyOf(weak.certificate), use(NOW, true))).toEqual(['weak-key']);
    for (const algorithm of ['dsa2048', 'brainpoolP256r1'] as const) {
      const other = await keys.makeGpgKey('alice', { algorithm });
      expect(standingOf(await keyOf(other.certificate), use(NOW, true))).toContain('algorithm-unsupported');
    }
  });
});
