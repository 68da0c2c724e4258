import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokenTrust, findEntry, openTrust, type Trust } from '../../src/trust/find.ts';
import { BOB, COMMIT, DIGEST, entryText, oid, trustText } from './texts.ts';

let root: string;
let home: string;
let own: string;
let project: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cs-'));
  home = join(root, 'home');
  own = join(home, '.config', 'countersign', 'trust.yaml');
  project = join(home, 'project');
  await mkdir(join(project, '.git'), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
}

const open = (folder: string | null = project, file: string | null = null): Promise<Trust> =>
  openTrust({ file, folder, environment: { HOME: home } });

const URL = 'https://github.com/acme/nixpkgs';
const OTHER = oid('beef');

describe('what is trusted', () => {
  test('is nothing where no file says anything', async () => {
    expect(await open()).toEqual({ entries: [], files: [], warnings: [] });
    expect(await openTrust({ file: null, folder: project, environment: {} })).toMatchObject({ entries: [] });
    expect(findEntry(await open(), URL)).toBeNull();
  });

  test('is what the user and the project say', async () => {
    await put(own, trustText());
    await put(join(project, 'countersign.lock'), trustText({ url: '/srv/fork' }));
    const trust = await open();
    expect(trust.files).toEqual([
      { path: own, kind: 'own' },
      { path: join(project, 'countersign.lock'), kind: 'lock' },
    ]);
    expect(trust.warnings).toEqual([]);
    expect(findEntry(trust, 'git@github.com:acme/nixpkgs.git')).toMatchObject({ from: own });
    expect(findEntry(trust, 'file:///srv/fork')).toMatchObject({ from: join(project, 'countersign.lock') });
  });

  test('is found by URL and branch', async () => {
    await put(own, trustText() + entryText({ branch: 'stable', introduction: OTHER }));
    const trust = await open();
    expect(findEntry(trust, URL, 'master')).toMatchObject({ introduction: COMMIT });
    expect(findEntry(trust, URL, 'stable')).toMatchObject({ introduction: OTHER });
    expect(findEntry(trust, `github:acme/nixpkgs/stable`)).toMatchObject({ introduction: OTHER });
    expect(findEntry(trust, `git+${URL}?ref=stable`)).toMatchObject({ introduction: OTHER });
    expect(findEntry(trust, URL, 'other')).toBeNull();
    expect(findEntry(trust, 'github:acme/nixpkgs/other')).toBeNull();
    expect(findEntry(trust, 'https://github.com/mallory/nixpkgs')).toBeNull();
    expect(findEntry(trust, './nixpkgs')).toBeNull();
    expect(() => findEntry(trust, URL)).toThrow(/`master`, `stable`/);
    expect(() => findEntry(trust, 'https://hunter2@github.com/acme/nixpkgs')).not.toThrow(/hunter2/);
  });

  test('is what the given file says, and nothing else', async () => {
    await put(own, trustText());
    await put(join(project, 'countersign.lock'), 'nonsense');
    const file = join(root, 'company.yaml');
    await put(file, trustText({ introduction: OTHER }));
    const trust = await open(project, file);
    expect(trust.entries).toMatchObject([{ introduction: OTHER, from: file }]);
    await expect(open(project, join(root, 'missing.yaml'))).rejects.toThrow(/there is no such file/);
  });
});

describe('a countersign.lock', () => {
  test('is looked for up to the root of the repository', async () => {
    await put(join(project, 'countersign.lock'), trustText());
    await mkdir(join(project, 'a', 'b', '.git'), { recursive: true });
    await mkdir(join(project, 'c', 'd'), { recursive: true });
    expect((await open(join(project, 'c', 'd'))).entries).toHaveLength(1);
    expect((await open(join(project, 'a', 'b'))).entries).toEqual([]);
  });

  test('is looked for up to home, and no further', async () => {
    await rm(join(project, '.git'), { recursive: true });
    await put(join(root, 'countersign.lock'), trustText());
    expect((await open()).entries).toEqual([]);
    await put(join(home, 'countersign.lock'), trustText());
    expect((await open()).entries).toHaveLength(1);
  });

  test('above a folder that is in no repository and not at home is not the project’s', async () => {
    await put(join(root, 'countersign.lock'), trustText());
    const outside = join(root, 'elsewhere');
    await mkdir(outside);
    expect((await open(outside)).entries).toEqual([]);
    expect((await open(root)).entries).toHaveLength(1);
  });

  test('that is a link is refused: messages would show what it leads to', async () => {
    await put(join(home, 'secret'), 'hunter2');
    await symlink(join(home, 'secret'), join(project, 'countersign.lock'));
    const opening = open();
    await expect(opening).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(opening).rejects.toThrow(/symbolic link/);
    await expect(opening).rejects.not.toThrow(/hunter2/);
  });

  test('of another user is left out', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can give files away');
    await put(join(project, 'countersign.lock'), trustText());
    execFileSync('chown', ['12345', join(project, 'countersign.lock')]);
    expect(await open()).toMatchObject({ entries: [], warnings: [{ code: 'trust-file-ignored' }] });
    execFileSync('chown', ['12345', project]);
    expect(await open()).toMatchObject({
      entries: [{ introduction: COMMIT }],
      warnings: [{ code: 'trust-file-foreign' }],
    });
  });
});

describe('the user’s file and the project’s', () => {
  const lock = (text: string): Promise<void> => put(join(project, 'countersign.lock'), text);
  const heads = (key: string): string => `heads: { bob: [{ openpgp: ${key.repeat(40)} }] }`;

  test.each([
    ['introduction', {}, { introduction: OTHER }],
    ['policy', { policy: `sha256:${DIGEST}` }, { policy: `sha256:${'e'.repeat(64)}` }],
    ['project', { project: 'github.com/acme/nixpkgs' }, { project: 'github.com/mallory/nixpkgs' }],
    ['heads', { more: heads('A') }, { more: heads('B') }],
  ])('may not disagree about the %s', async (_what, ours, theirs) => {
    await put(own, trustText(ours));
    await lock(trustText({ ...theirs, url: 'git@github.com:Acme/nixpkgs' }));
    const opening = open();
    await expect(opening).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(opening).rejects.toThrow(/disagree about branch `master`/);
  });

  test('may say the same', async () => {
    await put(own, trustText({ more: heads('A') }));
    await lock(
      trustText({ more: heads('a'), policy: `sha256:${DIGEST}`, project: 'github.com/acme/nixpkgs' }),
    );
    expect((await open()).entries).toMatchObject([
      { from: own, policy: DIGEST, project: 'github.com/acme/nixpkgs' },
    ]);
  });

  test('the project never says who knows the newest head of what the user trusts', async () => {
    await put(own, trustText());
    await lock(trustText({ more: `heads: { bob: [{ ssh: ${BOB} }] }` }));
    expect((await open()).entries[0]?.heads.size).toBe(0);
  });
});

describe('files that are not as they should be', () => {
  test('errors come with their place, and without passwords', async () => {
    await put(own, trustText({ url: 'https://alice:hunter2@github.com/acme/nixpkgs' }));
    const broken: unknown = await open().catch((error: unknown) => error);
    if (!(broken instanceof BrokenTrust)) throw new Error('not broken');
    expect(broken).toMatchObject({ file: own, diagnostics: [{ code: 'trust-credentials', line: 3 }] });
    expect(broken.message).toContain(`${own}:3:10`);
    expect(broken.message + broken.text).not.toContain('hunter2');
  });

  test('what anybody may write is not the user’s word', async () => {
    await put(own, trustText());
    await chmod(own, 0o606);
    await expect(open()).rejects.toThrow(/anybody may write it/);
    await chmod(own, 0o660);
    expect((await open()).warnings).toEqual([]);
  });

  test('and is reported elsewhere', async () => {
    const file = join(project, 'countersign.lock');
    await put(file, trustText());
    await chmod(file, 0o666);
    expect(await open()).toMatchObject({ warnings: [{ code: 'trust-file-writable' }] });
    expect(await open(null, file)).toMatchObject({ warnings: [{ code: 'trust-file-writable' }] });
  });

  test('a link in the user’s own place is followed, and reported', async () => {
    await put(join(home, 'dotfiles.yaml'), trustText());
    await mkdir(dirname(own), { recursive: true });
    await symlink(join(home, 'dotfiles.yaml'), own);
    expect(await open()).toMatchObject({ entries: [{}], warnings: [{ code: 'trust-file-link', file: own }] });
    await rm(join(home, 'dotfiles.yaml'));
    await expect(open()).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  test('the user’s own file belongs to the user', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can give files away');
    await put(own, trustText());
    execFileSync('chown', ['12345', own]);
    await expect(open()).rejects.toThrow(/belongs to another user/);
  });

  test.each([
    ['a folder', (path: string) => mkdir(path, { recursive: true }).then(() => undefined)],
    ['too large', (path: string) => put(path, trustText() + '#'.repeat(300_000))],
    [
      'a pipe',
      async (path: string) => {
        await mkdir(dirname(path), { recursive: true });
        execFileSync('mkfifo', [path]);
      },
    ],
  ])('%s is refused', async (_what, make) => {
    await make(own);
    await expect(open()).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
