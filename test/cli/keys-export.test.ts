import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run, type GpgKey, type SshKey } from '../keys/keys.ts';
import { codeOf, policyOf, PROJECT, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();
let alice: SshKey;
let dave: GpgKey;
beforeAll(async () => {
  alice = await stage().keys.makeSshKey('alice');
  dave = await stage().keys.makeGpgKey('dave');
});
beforeEach(async () => {
  const key = alice.publicKey.split(' ').slice(0, 2).join(' ');
  await stage().reset(
    policyOf(
      `  alice: { keys: [{ ssh: "${key}" }] }\n  dave: { keys: [{ openpgp: ${dave.fingerprint} }] }\n`,
    ),
    { 'dave.asc': dave.certificate },
  );
});

const content = (name: string): Promise<string> => readFile(join(stage().dir, name), 'utf8');

describe('keys export -o', () => {
  test('says in the first line what wrote the file, which ssh-keygen skips, and how many keys', async () => {
    const { code, out, err } = await stage().run('export', '-o', 'allowed');
    expect([code, out, err.split('\n')[0]]).toEqual([0, '', '2 keys written to allowed']);
    const text = await content('allowed');
    expect(text).toBe(
      `# ${PROJECT}: written by countersign keys export --format allowed-signers\n${(await stage().run('export')).out}`,
    );
    const signed = Buffer.from('text\n');
    await stage().put('text.sig', await stage().keys.sshSign(alice, signed, 'git'));
    const files = ['-f', join(stage().dir, 'allowed'), '-s', join(stage().dir, 'text.sig')];
    const verified = await run('ssh-keygen', ['-Y', 'verify', '-I', 'alice', '-n', 'git', ...files], signed);
    expect(verified.code).toBe(0);
  });

  test('of OpenPGP writes what gpg reads', async () => {
    const { err } = await stage().run('export', '--format', 'openpgp', '-o', 'keys.asc');
    expect(err.split('\n')[0]).toBe('1 key written to keys.asc');
    expect(await content('keys.asc')).toMatch(/^# github.com\/acme\/nixpkgs: written by .*\n-----BEGIN PGP/);
    const shown = await stage().keys.gpg(['--with-colons', '--show-keys', join(stage().dir, 'keys.asc')]);
    expect(shown.stdout.toString()).toContain(dave.fingerprint);
  });

  test('replaces its own file, and no other', async () => {
    expect((await stage().run('export', '-o', 'allowed')).code).toBe(0);
    expect((await stage().run('export', '-o', 'allowed')).code).toBe(0);
    const own = await content('allowed');
    for (const other of [
      'erin@example.org ssh-ed25519 AAAA\n',
      '',
      own.replace(PROJECT, 'github.com/acme/other'),
      own.replace('# ', '#  '),
    ]) {
      await stage().put('allowed', other);
      const { code, err } = await stage().run('export', '-o', 'allowed');
      expect([code, codeOf(err), await content('allowed')]).toEqual([1, 'file-not-ours', other]);
      expect(err).toContain('`--force`');
      expect(err).not.toContain('written to');
    }
    const openpgp = await stage().run('export', '--format', 'openpgp', '-o', 'allowed');
    expect(codeOf(openpgp.err)).toBe('file-not-ours');
    expect((await stage().run('export', '-o', 'allowed', '--force')).code).toBe(0);
    expect(await content('allowed')).toBe(own);
  });

  test('makes no folder, and follows no link', async () => {
    const missing = await stage().run('export', '-o', 'a b/allowed');
    expect([missing.code, codeOf(missing.err)]).toEqual([2, 'folder-missing']);
    expect(missing.err).toContain(`mkdir -p '${join(stage().dir, 'a b')}'`);
    await mkdir(join(stage().dir, 'folder'));
    await stage().put('real', 'x');
    await symlink('real', join(stage().dir, 'link'));
    for (const name of ['folder', 'link']) {
      const { code, err } = await stage().run('export', '-o', name, '--force');
      expect([code, codeOf(err)]).toEqual([2, 'file-unwritable']);
    }
    expect(await content('real')).toBe('x');
  });
});
