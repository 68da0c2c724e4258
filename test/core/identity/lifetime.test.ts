import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import { keyOf, NOW, use } from './opened.ts';

const TEXT = Buffer.from('text\n');
let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

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
    expect(standingOf(before, use(NOW, false))).toEqual(['key-expired']);
    expect(standingOf(before, use(Date.UTC(2020, 5, 1) / 1000, false))).toEqual([]);
    expect(standingOf(before, use(NOW, true))).toEqual([]);

    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y']));
    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y', key.fingerprints[1] ?? '']));
    const prolonged = await keys.exportCertificate(key.fingerprint);
    expect(standingOf(await keyOf(prolonged, 0), use(NOW, false))).toEqual([]);
    expect(standingOf(await keyOf(prolonged, 1), use(NOW, false))).toEqual([]);
    for (const certificate of [key.certificate, prolonged]) {
      expect((await proof(certificate, signature)).status).toBe('good');
    }
    // The old copy beside the new one does not take the prolonging back.
    expect(standingOf(await keyOf([prolonged, key.certificate], 1), use(NOW, false))).toEqual([]);
  });

  it('ends when its primary key does', async () => {
    const key = await keys.makeGpgKey('alice', {
      at: '20200101T000000',
      expires: '1y',
      signingSubkeys: ['ed25519'],
    });
    must('gpg', await keys.gpg(['--quick-set-expire', key.fingerprint, '10y', key.fingerprints[1] ?? '']));
    const certificate = await keys.exportCertificate(key.fingerprint);
    expect(standingOf(await keyOf(certificate, 1), use(NOW, false))).toEqual(['key-expired']);
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
      expect(standingOf(revoked, use(NOW + 60, false))).toEqual([`key-revoked-${kind}`]);
      expect(standingOf(revoked, use(0, false))).toEqual([`key-revoked-${kind}`]);
      expect(standingOf(revoked, use(NOW + 60, true))).toEqual(
        kind === 'hard' ? [`key-revoked-${kind}`] : [],
      );
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
});

async function proof(certificates: Uint8Array | readonly Uint8Array[], armor: Uint8Array) {
  const list = certificates instanceof Uint8Array ? [certificates] : certificates;
  const { keys } = await openKeyring(list.map((bytes, index) => ({ path: String(index), bytes })));
  return verifySignature({ payload: TEXT, armor, form: 'detached', namespace: 'git' }, keys);
}
