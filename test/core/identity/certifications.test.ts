import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certifiersOf } from '../../../src/core/identity/certifications.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import { NOW } from './opened.ts';

const files = (...certificates: Uint8Array[]) =>
  certificates.map((bytes, index) => ({ path: `${index}.asc`, bytes }));

describe('certifications by gpg', () => {
  let keys: Keys;
  beforeAll(async () => {
    keys = await openKeys();
  });
  afterAll(() => keys.close());
  const as = (person: string, ...args: string[]) =>
    keys.gpg(['--local-user', person, ...args]).then((ran) => must('gpg', ran));

  it('count where the certifier is in the keyring, until they are revoked', async () => {
    const [alice, bob, carol] = [
      await keys.makeGpgKey('alice'),
      await keys.makeGpgKey('bob', { algorithm: 'rsa2048', usage: 'cert' }),
      await keys.makeGpgKey('carol', { algorithm: 'nistp256' }),
    ];
    await as(bob.fingerprint, '--quick-sign-key', alice.fingerprint);
    await as(carol.fingerprint, '--quick-sign-key', alice.fingerprint);
    const certified = await keys.exportCertificate(alice.fingerprint);
    const all = files(bob.certificate, certified, carol.certificate);
    expect(await certifiersOf(all, NOW)).toEqual(
      new Map([[alice.fingerprint, [bob.fingerprint, carol.fingerprint]]]),
    );
    expect(await certifiersOf(files(certified, carol.certificate), NOW)).toEqual(
      new Map([[alice.fingerprint, [carol.fingerprint]]]),
    );
    expect(await certifiersOf(files(certified), NOW)).toEqual(new Map());

    // gpg's clock counts seconds, and a revocation of the same second would not be newer.
    const later = ['--faked-system-time', String(NOW + 60)];
    await as(bob.fingerprint, ...later, '--quick-revoke-sig', alice.fingerprint, bob.fingerprint);
    const revoked = await keys.exportCertificate(alice.fingerprint);
    for (const copies of [
      [revoked, certified],
      [certified, revoked],
    ]) {
      const keyring = files(...copies, bob.certificate, carol.certificate);
      expect(await certifiersOf(keyring, NOW)).toEqual(new Map([[alice.fingerprint, [carol.fingerprint]]]));
    }
  });

  it('made for oneself are not exported, and do not count where they are', async () => {
    const [alice, bob] = [await keys.makeGpgKey('alice'), await keys.makeGpgKey('bob')];
    await as(bob.fingerprint, '--quick-lsign-key', alice.fingerprint);
    const local = must(
      'gpg',
      await keys.gpg(['--armor', '--export-options', 'export-local-sigs', '--export', alice.fingerprint]),
    );
    expect(local.length).toBeGreaterThan((await keys.exportCertificate(alice.fingerprint)).length);
    expect(await certifiersOf(files(local, bob.certificate), NOW)).toEqual(new Map());
  });

  it('by a key that is revoked or has expired since do not count', async () => {
    const [alice, bob] = [await keys.makeGpgKey('alice'), await keys.makeGpgKey('bob', { expires: '1y' })];
    await as(bob.fingerprint, '--quick-sign-key', alice.fingerprint);
    const keyring = files(await keys.exportCertificate(alice.fingerprint), bob.certificate);
    expect((await certifiersOf(keyring, NOW)).size).toBe(1);
    expect((await certifiersOf(keyring, NOW + 2 * 366 * 86_400)).size).toBe(0);
  });
});
