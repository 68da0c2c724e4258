import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedKeyring } from '../../src/core/identity/certificate.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import { parseOid } from '../../src/core/object/id.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { makeLibraryKey } from '../keys/library-keys.ts';
import { openKeys, run } from '../keys/keys.ts';
import type { GpgKey, Keys, SshKey } from '../keys/keys.ts';
import { openBytes, readStatus } from './answers.ts';

/**
 * A repository of commits by many keys and none: what git says of each with gpg and ssh-keygen behind it, and what we say of
 * the bytes of the same commits.
 */
let keys: Keys;
let repository = '';
let opened: OpenedKeyring;
const commits = new Map<string, string>();

async function git(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const { code, stdout, stderr } = await run('git', ['-C', repository, ...args], input);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

beforeAll(async () => {
  keys = await openKeys();
  repository = join(keys.home, 'r');
  await mkdir(repository);
  // gpg of this home, whatever git or the person has configured.
  const gpg = join(keys.home, 'gpg.sh');
  await writeFile(gpg, `#!/bin/sh\nexec gpg --homedir '${keys.home}' --allow-weak-digest-algos "$@"\n`);
  await chmod(gpg, 0o700);
  const allowed = join(keys.home, 'allowed');
  await git(['init', '--quiet', '--initial-branch=main']);
  for (const [name, value] of [
    ['user.name', 'alice'],
    ['user.email', 'alice@example.org'],
    ['gpg.program', gpg],
    ['gpg.ssh.allowedSignersFile', allowed],
  ] as const) {
    await git(['config', name, value]);
  }
  const gpgKeys: GpgKey[] = [];
  for (const algorithm of ['ed25519', 'rsa2048', 'nistp256', 'nistp521'] as const) {
    const key = await keys.makeGpgKey('alice', { algorithm });
    gpgKeys.push(key);
    await commit(algorithm, ['-S' + key.fingerprint]);
  }
  const below = await keys.makeGpgKey('bob', { usage: 'cert', signingSubkeys: ['ed25519', 'rsa2048'] });
  gpgKeys.push(below);
  for (const fingerprint of below.fingerprints.slice(1)) {
    await commit(`subkey ${fingerprint}`, [`-S${fingerprint}!`]);
  }
  const sshKeys: SshKey[] = [];
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const key = await keys.makeSshKey('carol', { type });
    sshKeys.push(key);
    await commit(`ssh ${type}`, [`-S${key.path}.pub`], 'ssh');
  }
  const lines = sshKeys.map(({ publicKey }) => `carol ${publicKey}\n`).join('');
  await writeFile(allowed, lines);
  await commit('unsigned', ['--no-gpg-sign']);
  await commit('signed and of a long message\n\nline\n\n  blanks at the end  \nÄÖ €', [
    '-S' + (gpgKeys[0]?.fingerprint ?? ''),
  ]);
  const unknown = await keys.makeGpgKey('mallory');
  await commit('by an unknown key', ['-S' + unknown.fingerprint]);
  await keys.gpg(['--delete-secret-and-public-key', unknown.fingerprint]);
  await changed('openpgp, another message', 'ed25519', (raw) => raw.replace('\n\ned25519', '\n\nEd25519'));
  await changed('openpgp, another author', 'rsa2048', (raw) => raw.replace('author alice', 'author mallory'));
  await changed('ssh, another message', 'ssh ed25519', (raw) => raw.replace('\n\nssh', '\n\nSSH'));
  await merge(gpgKeys[0]?.fingerprint ?? '');
  opened = await openBytes(...gpgKeys.map(({ certificate }) => certificate));
});
afterAll(() => keys.close());

async function commit(message: string, args: readonly string[], format = 'openpgp'): Promise<void> {
  const all = [
    '-c',
    `gpg.format=${format}`,
    'commit',
    '--quiet',
    '--allow-empty',
    '--file=-',
    '--cleanup=verbatim',
  ];
  await git([...all, ...args], Buffer.from(message));
  await note(message, 'HEAD');
}

async function note(name: string, revision: string): Promise<void> {
  commits.set(name, (await git(['rev-parse', revision])).toString().trim());
}

/** A commit whose bytes were changed after it was signed. */
async function changed(name: string, from: string, change: (raw: string) => string): Promise<void> {
  const raw = (await git(['cat-file', 'commit', commits.get(from) ?? ''])).toString('latin1');
  const other = change(raw);
  if (other === raw) throw new Error(`${name} is not changed`);
  const id = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], Buffer.from(other, 'latin1'));
  commits.set(name, id.toString().trim());
}

/** A merge of a signed tag has the tag in a `mergetag` header, with a signature of its own. */
async function merge(fingerprint: string): Promise<void> {
  await git(['checkout', '--quiet', '-b', 'side', 'HEAD~2']);
  await commit('on the side', ['-S' + fingerprint]);
  await git(['tag', '--sign', '--local-user', fingerprint, '--message', 'a tag', 'v1']);
  await git(['checkout', '--quiet', 'main']);
  await git(['merge', '--quiet', '--no-ff', '-S' + fingerprint, '--message', 'a merge', 'v1']);
  await note('a merge of a signed tag', 'HEAD');
}

async function ours(id: string) {
  const oid = parseOid(id);
  if (oid === null) throw new Error(id);
  const parsed = parseCommit(oid, new Uint8Array(await git(['cat-file', 'commit', id])));
  if (!parsed.ok) throw new Error(`${id}: ${parsed.problem}`);
  const { payload, signature } = parsed.commit;
  const armor = signature?.armor ?? new Uint8Array();
  return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, opened.keys);
}

describe('git and we agree on', () => {
  it('which of the commits is signed well, and by which key', async () => {
    expect(commits.size).toBe(17);
    const said = new Map<string, { code: string; fingerprint: string; primary: string }>();
    for (const [name, id] of commits) {
      const line = (await git(['log', '-1', '--format=%G?%x00%GF%x00%GP', id])).toString().trim();
      const [code = '', fingerprint = '', primary = ''] = line.split('\0');
      said.set(name, { code, fingerprint, primary });
    }
    const found = new Map<string, { code: string; fingerprint: string; primary: string }>();
    for (const [name, id] of commits) {
      const { status, key } = await ours(id);
      // git: good and trusted, good and not trusted, bad, can't check, none. It names no key of what is not good.
      const codes = {
        good: 'G',
        bad: 'B',
        'unknown-key': 'E',
        unsigned: 'N',
        malformed: 'E',
        unsupported: 'E',
      };
      const good = status === 'good' && key !== null;
      const primary = good && key.kind === 'openpgp' ? key.primary : '';
      found.set(name, { code: codes[status], fingerprint: good ? key.fingerprint : '', primary });
    }
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(said));
    const counted = Object.groupBy(found.values(), ({ code }) => code);
    expect([counted['G']?.length, counted['B']?.length, counted['E']?.length, counted['N']?.length]).toEqual([
      12, 3, 1, 1,
    ]);
  });

  it('what `git verify-commit --raw` hands on from gpg', async () => {
    let compared = 0;
    for (const [name, id] of commits) {
      const { stderr } = await run('git', ['-C', repository, 'verify-commit', '--raw', id]);
      if (!stderr.includes('[GNUPG:]')) continue;
      compared += 1;
      const proof = await ours(id);
      const said = readStatus(stderr);
      const status = { good: 'good', bad: 'bad', 'unknown key': 'unknown-key' }[
        said.says as 'good' | 'bad' | 'unknown key'
      ];
      const key = said.fingerprint === null ? null : { fingerprint: said.fingerprint, primary: said.primary };
      expect([name, proof.status]).toEqual([name, status]);
      if (key !== null) expect(proof.key).toMatchObject(key);
    }
    // All but those by SSH and the unsigned one.
    expect(compared).toBe(12);
  });

  it('nothing of version 6, which gpg 2.2 does not know', async () => {
    const key = await makeLibraryKey({ version: 6, type: 'curve25519' });
    const raw = (await git(['cat-file', 'commit', commits.get('unsigned') ?? ''])).toString('latin1');
    const armor = (await key.sign(Buffer.from(raw, 'latin1'))).replaceAll('\r\n', '\n').trimEnd();
    const header = `gpgsig ${armor.split('\n').join('\n ')}\n`;
    await changed('version 6', 'unsigned', (text) => text.replace('\n\n', `\n${header}\n`));
    const id = commits.get('version 6') ?? '';
    expect((await git(['log', '-1', '--format=%G?', id])).toString().trim()).toMatch(/^[NE]$/);
    const known = await openBytes(Buffer.from(key.certificate));
    const before = opened;
    opened = known;
    expect(await ours(id)).toMatchObject({ status: 'good', key: { fingerprint: key.fingerprint } });
    opened = before;
  });
});
