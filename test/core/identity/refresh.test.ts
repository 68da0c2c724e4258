import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefresh } from '../../../src/core/identity/refresh.ts';
import { openKeys, type GpgKey, type Keys } from '../../keys/keys.ts';

/** trust.md B12: a certificate that was only prolonged is an ordinary change; anything else about it is governance's. */
describe('a changed key file', () => {
  let keys: Keys;
  let count = 0;
  beforeAll(async () => {
    keys = await openKeys();
  });
  afterAll(async () => {
    await keys.close();
  });

  /** A new key, made a while ago: a second signature in the same second as the first would replace nothing. */
  async function made(options: { subkeys?: boolean; expires?: string } = {}): Promise<GpgKey> {
    count += 1;
    return keys.makeGpgKey(`person${count}`, {
      at: '20250101T000000',
      expires: options.expires ?? '2028-01-01',
      ...(options.subkeys === true ? { signingSubkeys: ['ed25519'] } : {}),
    });
  }
  async function gpg(...args: string[]): Promise<void> {
    const { code, stderr } = await keys.gpg(args);
    if (code !== 0) throw new Error(stderr);
  }
  const now = ({ fingerprint }: GpgKey): Promise<Uint8Array> => keys.exportCertificate(fingerprint);

  test('is a refresh when its primary key was prolonged', async () => {
    const key = await made();
    await gpg('--quick-set-expire', key.fingerprint, '2031-01-01');
    const after = await now(key);
    expect(Buffer.compare(after, key.certificate)).not.toBe(0);
    expect(await isRefresh(key.certificate, after)).toBe(true);
  });

  test('is a refresh when a subkey was prolonged, and when all of it was, for ever', async () => {
    const key = await made({ subkeys: true });
    await gpg('--quick-set-expire', key.fingerprint, '2031-01-01', '*');
    const first = await now(key);
    expect(await isRefresh(key.certificate, first)).toBe(true);
    await gpg('--quick-set-expire', key.fingerprint, 'never');
    await gpg('--quick-set-expire', key.fingerprint, 'never', '*');
    expect(await isRefresh(first, await now(key))).toBe(true);
  });

  test('is a refresh when old and new self-signatures stand in it', async () => {
    const key = await made();
    await gpg('--quick-set-expire', key.fingerprint, '2031-01-01');
    const both = Buffer.concat([await binary(key.certificate), await binary(await now(key))]);
    expect(await isRefresh(key.certificate, both)).toBe(true);
    expect(await isRefresh(both, await now(key))).toBe(true);
  });

  test('is none when its end is nearer than before', async () => {
    const key = await made();
    await gpg('--quick-set-expire', key.fingerprint, '2027-01-01');
    expect(await isRefresh(key.certificate, await now(key))).toBe(false);
    expect(await isRefresh(await now(key), key.certificate)).toBe(true);
  });

  test('is none with another name, or with one name less', async () => {
    const key = await made();
    await gpg('--quick-add-uid', key.fingerprint, 'Mallory <mallory@example.org>');
    const after = await now(key);
    expect(await isRefresh(key.certificate, after)).toBe(false);
    expect(await isRefresh(after, key.certificate)).toBe(false);
  });

  test('is none with another subkey, or with one subkey less', async () => {
    const key = await made();
    await gpg('--quick-add-key', key.fingerprint, 'ed25519', 'sign', '2028-01-01');
    const after = await now(key);
    expect(await isRefresh(key.certificate, after)).toBe(false);
    expect(await isRefresh(after, key.certificate)).toBe(false);
  });

  test('is none when a name was revoked, nor when that revocation is dropped', async () => {
    const key = await made();
    await gpg('--quick-add-uid', key.fingerprint, 'Second <second@example.org>');
    const before = await now(key);
    await gpg('--quick-revoke-uid', key.fingerprint, 'Second <second@example.org>');
    const after = await now(key);
    expect(await isRefresh(before, after)).toBe(false);
    expect(await isRefresh(after, before)).toBe(false);
  });

  test('is none when the revocation of the key itself is dropped, prolonged or not', async () => {
    const key = await made();
    // gpg makes it beside every key, with a colon before its armor.
    const ascii = await readFile(join(keys.home, 'openpgp-revocs.d', `${key.fingerprint}.rev`), 'utf8');
    const revocation = Buffer.from(ascii.slice(ascii.indexOf('\n:-----BEGIN') + 2));
    const revoked = Buffer.concat([await binary(key.certificate), await binary(revocation)]);
    expect(await isRefresh(revoked, key.certificate)).toBe(false);
    expect(await isRefresh(key.certificate, revoked)).toBe(false);
    await gpg('--quick-set-expire', key.fingerprint, '2031-01-01');
    expect(await isRefresh(revoked, await now(key))).toBe(false);
  });

  test("is none with another person's certification, or without one that was there", async () => {
    const [key, other] = [await made(), await made()];
    await gpg('--local-user', other.fingerprint, '--quick-sign-key', key.fingerprint);
    const after = await now(key);
    expect(await isRefresh(key.certificate, after)).toBe(false);
    expect(await isRefresh(after, key.certificate)).toBe(false);
  });

  test("is none when it is another's certificate, in its place or beside it", async () => {
    const [key, other] = [await made(), await made()];
    expect(await isRefresh(key.certificate, other.certificate)).toBe(false);
    const both = Buffer.concat([await binary(key.certificate), await binary(other.certificate)]);
    expect(await isRefresh(key.certificate, both)).toBe(false);
    expect(await isRefresh(both, key.certificate)).toBe(false);
  });

  test('is none when what the key may do has changed', async () => {
    const key = await made({ subkeys: true });
    const edit = Buffer.from('key 1\nchange-usage\nA\nQ\nsave\n');
    const { code, stderr } = await keys.gpg(
      ['--command-fd', '0', '--expert', '--edit-key', key.fingerprint],
      edit,
    );
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    const after = await now(key);
    expect(Buffer.compare(after, key.certificate)).not.toBe(0);
    expect(await isRefresh(key.certificate, after)).toBe(false);
  });

  test('is none when a self-signature in it was tampered with', async () => {
    const key = await made();
    await gpg('--quick-set-expire', key.fingerprint, '2031-01-01');
    const after = Buffer.from(await binary(await now(key)));
    for (const from of [after.length - 1, after.length - 20]) {
      const forged = Buffer.from(after);
      forged[from] = (forged[from] ?? 0) ^ 1;
      expect(await isRefresh(key.certificate, forged)).toBe(false);
    }
  });

  test('is none when there is no certificate in it', async () => {
    const key = await made();
    expect(await isRefresh(Buffer.from('x'), Buffer.from('x'))).toBe(false);
    expect(await isRefresh(key.certificate, Buffer.from(''))).toBe(false);
    expect(await isRefresh(Buffer.from(''), key.certificate)).toBe(false);
  });

  async function binary(armored: Uint8Array): Promise<Uint8Array> {
    return (await keys.gpg(['--dearmor'], armored)).stdout;
  }
});
