import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHashedStore } from '../../src/git/hashed-store.ts';
import { inputsOfMerge } from '../../src/git/merge-inputs.ts';
import { mergeCommits } from '../../src/git/merges.ts';
import { mergeBases } from '../../src/git/walk.ts';
import { openMirror } from '../../src/git/mirror.ts';
import type { Mirror, MirrorOptions } from '../../src/git/mirror.ts';
import { runGit } from '../../src/git/run.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { serveGit, until } from './http-server.ts';
import type { GitServer } from './http-server.ts';
import { lines, oid, scratchAt, gitIn, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';
import type { Oid } from '../../src/core/object/id.ts';

const TOKEN = 'ghs_SecretTokenThatNobodyMaySee';
let root: string;
let repo: Scratch;
let server: GitServer;
let opened: Mirror[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cs-mirror-test-'));
  mkdirSync(join(root, 'srv/acme/pkgs.git'), { recursive: true });
  mkdirSync(join(root, 'data'));
  const dir = join(root, 'srv/acme/pkgs.git');
  gitIn(dir, ['init', '-q', '-b', 'master', '.']);
  repo = scratchAt(root, dir);
  server = await serveGit(join(root, 'srv'), TOKEN);
  opened = [];
});
afterEach(async () => {
  for (const mirror of opened) await mirror.dispose();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(options: Partial<MirrorOptions> = {}): Promise<Mirror> {
  const mirror = await openMirror({
    directory: join(root, 'data'),
    url: `${server.origin}/acme/pkgs`,
    token: () => Promise.resolve(TOKEN),
    allowHttp: true,
    ...options,
  });
  opened.push(mirror);
  return mirror;
}

/** A base and two sides: both change `a`, one moves `d/b`, the other changes it, and `quiet` stays as it is. */
function writeSides(): { base: Oid; side: Oid; master: Oid } {
  repo.write('a', lines(50));
  repo.write('d/b', lines(60));
  repo.write('quiet', 'nobody looks at this\n');
  const base = repo.commit('base');
  repo.git(['checkout', '-q', '-b', 'side']);
  repo.write('a', lines(50, { 3: 'three' }));
  repo.git(['mv', 'd/b', 'd/moved']);
  const side = repo.commit('side');
  repo.git(['checkout', '-q', 'master']);
  repo.write('a', lines(50, { 45: 'forty-five' }));
  repo.write('d/b', lines(60, { 30: 'thirty' }));
  const master = repo.commit('master');
  return { base, side, master };
}

function blobsHere(mirror: Mirror): string[] {
  return gitIn(mirror.gitDir, ['cat-file', '--batch-check', '--batch-all-objects'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(' blob '));
}

describe('fetching', () => {
  test('history without contents; contents when needed; nothing twice', async () => {
    const { base, side, master } = writeSides();
    const mirror = await open();
    expect(mirror.gitDir).toBe(
      join(root, 'data/mirrors', new URL(server.origin).host.replace(':', '_'), 'acme/pkgs.git'),
    );
    expect(await mirror.fetchBranchTip('master')).toBe(master);
    await mirror.fetchCommits([side]);
    expect(await mirror.repository.mergeBases(side, master)).toEqual([base]);
    const diff = await mirror.repository.diffTrees(repo.id(`${base}^{tree}`), repo.id(`${side}^{tree}`), 10);
    expect(diff.files.map(({ path }) => text(path))).toEqual(['a', 'd/b', 'd/moved']);
    expect(blobsHere(mirror)).toEqual([]);

    const blob = repo.id(`${side}:a`);
    const hashes = await mirror.repository.contentHashes([blob]);
    const sum = execFileSync('sha256sum', { input: lines(50, { 3: 'three' }) })
      .toString()
      .slice(0, 64);
    expect(hashes).toEqual(new Map([[blob, sum]]));
    expect(blobsHere(mirror)).toHaveLength(1);

    const before = server.requests.length;
    await mirror.fetchCommits([side, master]);
    await mirror.repository.contentHashes([blob]);
    const second = await open();
    await second.fetchCommits([master]);
    await second.repository.contentHashes([blob]);
    expect(server.requests.length).toBe(before);
    // Unknown to the second's memory, so looked up in the mirror itself.
    expect(await second.repository.listCommits(base, side, 5)).toEqual([side]);
  });

  test('commits that are asked for by chance are fetched where the server has them, and missing ones break nothing', async () => {
    const { side, master } = writeSides();
    const dropped = repo.id(repo.git(['commit-tree', '-p', side, '-m', 'dropped', `${side}^{tree}`]));
    const blob = repo.id('HEAD:a');
    const gone = oid('e'.repeat(40));
    const mirror = await open();
    await mirror.fetchBranchTip('master');
    const found = await mirror.repository.obtain([gone, dropped, master, blob, oid('e'.repeat(64))]);
    expect(found).toEqual(new Set([dropped, master]));
    expect(await mirror.repository.listCommits(master, dropped, 5)).toEqual([dropped, side]);
    const before = server.requests.length;
    expect(await mirror.repository.obtain([gone])).toEqual(new Set());
    expect(server.requests.length).toBe(before);
  });

  test('a merge gets the contents it needs, in one request, and no others', async () => {
    const { side, master } = writeSides();
    const mirror = await open();
    await mirror.fetchCommits([master, side]);
    const before = server.requests.filter((line) => line.startsWith('POST')).length;
    const merged = await mirror.repository.mergeCommits(master, side, []);
    expect(server.requests.filter((line) => line.startsWith('POST')).length - before).toBeLessThanOrEqual(2);
    repo.git(['merge', '-q', '--no-edit', 'side']);
    expect(merged).toEqual({ clean: true, tree: repo.id('HEAD^{tree}') });
    expect(blobsHere(mirror).some((line) => line.startsWith(repo.id('HEAD:quiet')))).toBe(false);
    if (!merged.clean) return;
    // The tree that was just made is read through the process that was started before it existed.
    const landing = await mirror.repository.diffTrees(repo.id(`${master}^{tree}`), merged.tree, 10);
    expect(landing.files.map(({ path }) => text(path))).toEqual(['a', 'd/b', 'd/moved']);
    const contents = landing.files.flatMap(({ after }) => (after === null ? [] : [after.id]));
    expect((await mirror.repository.contentHashes(contents)).size).toBe(contents.length);
  });

  test('a criss-cross merge gets the contents of its merge bases', async () => {
    repo.write('a', lines(30));
    repo.commit('root');
    repo.git(['checkout', '-q', '-b', 'side']);
    repo.write('a', lines(30, { 2: 'side' }));
    const s1 = repo.commit('side 1');
    repo.git(['checkout', '-q', 'master']);
    repo.write('a', lines(30, { 28: 'master' }));
    const m1 = repo.commit('master 1');
    repo.git(['merge', '-q', '--no-edit', s1]);
    repo.write('a', lines(30, { 2: 'side', 28: 'master', 10: 'ten' }));
    const m2 = repo.commit('master 2');
    repo.git(['checkout', '-q', 'side']);
    repo.git(['merge', '-q', '--no-edit', m1]);
    repo.write('a', lines(30, { 2: 'side', 28: 'master', 20: 'twenty' }));
    const s2 = repo.commit('side 2');
    const mirror = await open();
    await mirror.fetchCommits([m2, s2]);
    expect(await mirror.repository.mergeBases(m2, s2)).toHaveLength(2);
    const merged = await mirror.repository.mergeCommits(m2, s2, []);
    repo.git(['merge', '-q', '--no-edit', m2]);
    expect(merged).toEqual({ clean: true, tree: repo.id('HEAD^{tree}') });
  });

  test('policy and keys are fetched before they are read', async () => {
    repo.write('.countersign/policy.yaml', 'version: 1\n');
    repo.write('.countersign/keys/alice.asc', 'key\n');
    repo.write('other', 'x\n');
    const id = repo.commit('policy');
    const mirror = await open();
    await mirror.fetchCommits([id]);
    const folder = await mirror.repository.readPolicyFolder(repo.id('HEAD^{tree}'));
    expect(folder.entries.map(({ path, bytes }) => [text(path), text(bytes ?? new Uint8Array())])).toEqual([
      ['.countersign/policy.yaml', 'version: 1\n'],
      ['.countersign/keys/alice.asc', 'key\n'],
    ]);
    expect(blobsHere(mirror)).toHaveLength(2);
  });

  test('later fetches bring only what is new', async () => {
    writeSides();
    const mirror = await open();
    await mirror.fetchBranchTip('master');
    const countHere = (): number =>
      Number(/in-pack: (\d+)/.exec(gitIn(mirror.gitDir, ['count-objects', '-v']).toString())?.[1]);
    const before = countHere();
    repo.write('new', 'new\n');
    const next = repo.commit('next');
    expect(await mirror.fetchBranchTip('master')).toBe(next);
    expect(countHere() - before).toBe(2);
  });

  test('several at once, from several openings', async () => {
    const { side, master } = writeSides();
    const mirrors = await Promise.all([open(), open(), open()]);
    await Promise.all(
      mirrors.flatMap((mirror) => [mirror.fetchCommits([side]), mirror.fetchBranchTip('master')]),
    );
    await Promise.all(mirrors.map((mirror) => mirror.repository.mergeCommits(master, side, [])));
    expect(
      readdirSync(join(root, 'data/mirrors', new URL(server.origin).host.replace(':', '_'), 'acme')),
    ).toEqual(['pkgs.git']);
  });

  test('putting packs together under a reader that goes on', async () => {
    const { side, master } = writeSides();
    const mirror = await open();
    await mirror.fetchCommits([master]);
    await mirror.fetchCommits([side]);
    await mirror.repository.contentHashes([repo.id(`${master}:a`)]);
    await mirror.repository.readCommits([master]);
    await mirror.maintain();
    const packs = readdirSync(join(mirror.gitDir, 'objects/pack')).filter((name) => name.endsWith('.pack'));
    expect(packs).toHaveLength(1);
    expect(await mirror.repository.readCommits([side, master])).toHaveLength(2);
    const before = server.requests.length;
    await mirror.repository.contentHashes([repo.id(`${master}:a`)]);
    const again = await open();
    await again.fetchCommits([master, side]);
    expect(server.requests.length).toBe(before);
    expect(await again.repository.listCommits(master, side, 5)).toEqual([side]);
  });
});

describe('refusing', () => {
  test('an unknown commit, a blob, an unknown branch', async () => {
    const { master } = writeSides();
    const mirror = await open();
    await expect(mirror.fetchCommits([oid('1'.repeat(40))])).rejects.toMatchObject({
      code: 'object-missing',
    });
    await expect(mirror.fetchCommits([oid('1'.repeat(64))])).rejects.toMatchObject({
      code: 'object-missing',
    });
    await expect(mirror.fetchCommits([repo.id(`${master}:a`)])).rejects.toMatchObject({
      code: 'object-missing',
    });
    await expect(mirror.fetchBlobs([oid('2'.repeat(40))])).rejects.toMatchObject({ code: 'object-missing' });
    expect(await mirror.fetchBranchTip('nonesuch')).toBeNull();
    expect(await mirror.fetchBranchTip('maste*')).toBeNull();
    expect(await mirror.fetchBranchTip('--upload-pack=x')).toBeNull();
    await mirror.fetchCommits([master]);
  });

  test('a longer branch name that ends alike is another branch', async () => {
    writeSides();
    repo.git(['update-ref', 'refs/heads/refs/heads/only', 'HEAD']);
    const mirror = await open();
    expect(await mirror.fetchBranchTip('only')).toBeNull();
    expect(await mirror.fetchBranchTip('refs/heads/only')).toBe(repo.id('HEAD'));
  });

  test.each([
    'http://example.org/a/b',
    'https://user@example.org/a/b',
    'https://user:pass@example.org/a/b',
    'https://example.org/a',
    'https://example.org/a/b/c',
    'https://example.org/a/..',
    'https://example.org/-a/b',
    'https://example.org/a/b?x=1',
    'https://example.org/a/b#x',
    'https://example.org/a/b%2fc',
    'ssh://example.org/a/b',
    'ext::sh',
    'file:///tmp/a/b',
    '/tmp/a/b',
    '--upload-pack=x',
  ])('the URL %s', async (url) => {
    await expect(open({ url })).rejects.toThrow('https://host/owner/name');
  });

  test('plain HTTP unless allowed', async () => {
    await expect(open({ allowHttp: false })).rejects.toThrow('https://host/owner/name');
  });

  test('objects that fsck refuses', async () => {
    const blob = repo.git(['hash-object', '-w', '--stdin'], 'x');
    const body = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    const tree = repo.git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], body);
    const commit = oid(repo.git(['commit-tree', tree, '-m', 'evil']));
    repo.git(['update-ref', 'refs/heads/evil', commit]);
    const mirror = await open();
    await expect(mirror.fetchBranchTip('evil')).rejects.toMatchObject({
      code: 'object-forged',
      passing: false,
    });
    await expect(mirror.repository.readCommits([commit])).rejects.toMatchObject({ code: 'object-missing' });
  });

  test('a redirect, and the credential does not follow it', async () => {
    const { master } = writeSides();
    const seen: unknown[] = [];
    const thief = await serveGit(join(root, 'srv'), null);
    thief.before = (request) => {
      seen.push(request.headers.authorization);
      return Promise.resolve('go on');
    };
    server.before = (request, response) => {
      response.writeHead(302, { location: `${thief.origin}${request.url ?? ''}` }).end();
      return Promise.resolve('answered');
    };
    try {
      const mirror = await open();
      await expect(mirror.fetchCommits([master])).rejects.toMatchObject({
        code: 'git-failed',
        passing: true,
      });
      expect(seen).toEqual([]);
    } finally {
      await thief.close();
    }
  });

  test('a server that fails or is silent', async () => {
    const { master } = writeSides();
    const mirror = await open({ timeoutMs: 400 });
    server.before = (_, response) => {
      response.writeHead(500).end();
      return Promise.resolve('answered');
    };
    await expect(mirror.fetchCommits([master])).rejects.toMatchObject({ code: 'git-failed', passing: true });
    server.before = (request, response) => {
      if (request.method !== 'POST') return Promise.resolve('go on');
      // A pack that breaks off is a bad line, not a forgery.
      response.setHeader('content-type', 'application/x-git-upload-pack-result');
      response.end('000dpackfile\n0015\x01PACK\0\0\0\x02\0\0\0\x09abcd');
      return Promise.resolve('answered');
    };
    const cut = await open();
    await expect(cut.fetchCommits([master])).rejects.toMatchObject({ code: 'git-failed', passing: true });
    server.before = () => Promise.resolve('answered');
    await expect(mirror.fetchCommits([master])).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('longer than') as string,
    });
    server.before = () => Promise.resolve('go on');
    const patient = await open();
    await patient.fetchCommits([master]);
  });
});

describe('nothing is fetched by accident', () => {
  test('reading and merging what is missing fails at once, also in a git that knows no GIT_NO_LAZY_FETCH', async () => {
    const { side, master } = writeSides();
    const mirror = await open();
    await mirror.fetchCommits([side, master]);
    const before = server.requests.length;
    await expect(mirror.objects.readObjects([repo.id(`${side}:a`)], 'blob', 1000)).rejects.toMatchObject({
      code: 'object-missing',
    });
    await expect(mirror.objects.hashBlobs([repo.id(`${side}:a`)], 1000)).rejects.toMatchObject({
      code: 'object-missing',
    });
    const workspace = await openWorkspace('sha1', [join(mirror.gitDir, 'objects')]);
    try {
      const hashed = openHashedStore(workspace);
      const ground = { gitDir: workspace.gitDir, format: mirror.format, objects: mirror.objects, hashed };
      const inputs = await inputsOfMerge(ground, (a, b) => mergeBases(ground, a, b), master, side);
      await expect(mergeCommits(ground, inputs, master, side, [])).rejects.toMatchObject({
        code: 'object-missing',
      });
      const args = ['merge-tree', '--write-tree', master, side];
      const old = await runGit(args, {
        gitDir: workspace.gitDir,
        env: { GIT_NO_LAZY_FETCH: '0', GIT_ALLOW_PROTOCOL: 'http' },
      });
      expect(old.code).toBeGreaterThan(1);
    } finally {
      await workspace.dispose();
    }
    expect(server.requests.length).toBe(before);
  });
});

describe('the credential', () => {
  test('shows in no process list, no file and no error', async () => {
    const { master } = writeSides();
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
    const seen: string[] = [];
    server.before = async () => {
      // The fetch waits for this answer: its processes are alive now.
      seen.push(...commandLines());
      return Promise.resolve('go on');
    };
    const mirror = await open();
    await mirror.fetchCommits([master]);
    await mirror.repository.contentHashes([repo.id(`${master}:a`)]);
    expect(seen.some((line) => line.includes('fetch') && line.includes('--stdin'))).toBe(true);
    expect(seen.some((line) => line.includes('remote-http'))).toBe(true);
    for (const secret of [TOKEN, basic]) {
      expect(seen.filter((line) => line.includes(secret))).toEqual([]);
      expect(filesWith(join(root, 'data'), secret)).toEqual([]);
    }

    const wrong = `${TOKEN}_wrong`;
    const refused = await open({ token: () => Promise.resolve(wrong) });
    const error = await refused.fetchBranchTip('master').then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'git-failed', passing: true });
    expect(JSON.stringify([String(error), error, error instanceof Error ? error.stack : ''])).not.toContain(
      TOKEN,
    );
    const nobody = await open({ token: () => Promise.resolve(null) });
    await expect(nobody.fetchBranchTip('master')).rejects.toMatchObject({
      message: expect.stringContaining('without a credential') as string,
    });
  });

  test('is taken out of whatever the server makes git say', async () => {
    const { master } = writeSides();
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
    server.before = (_, response) => {
      const message = `ERR your token is ${TOKEN} or ${basic} at https://user:pass@host/\n`;
      const packet = `${(message.length + 4).toString(16).padStart(4, '0')}${message}`;
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      response.end(`001e# service=git-upload-pack\n0000${packet}0000`);
      return Promise.resolve('answered');
    };
    const mirror = await open();
    const error = await mirror.fetchCommits([master]).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ message: expect.stringContaining('your token is *** or ***') as string });
    expect(String(error)).not.toContain('user:pass');
  });

  test('has no line break to smuggle a header in with', async () => {
    const mirror = await open({ token: () => Promise.resolve('a\r\nX-Evil: 1') });
    await expect(mirror.fetchBranchTip('master')).rejects.toMatchObject({ code: 'git-failed' });
    expect(server.requests).toEqual([]);
  });

  test('a fetch that takes too long leaves no process', async () => {
    const { master } = writeSides();
    let fetching: string[] = [];
    server.before = () => {
      fetching = processesOf(root);
      return Promise.resolve('answered');
    };
    const mirror = await open({ timeoutMs: 500 });
    await expect(mirror.fetchCommits([master])).rejects.toMatchObject({ code: 'git-failed' });
    expect(fetching.length).toBeGreaterThan(0);
    await until('the end of all processes', () => processesOf(root).length === 0);
  });
});

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

/** Fetching processes that name a folder on their command line. */
function processesOf(folder: string): string[] {
  return commandLines().filter((line) => line.includes(folder) && line.includes('fetch'));
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function filesWith(folder: string, secret: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(name).isFile() && readFileSync(name, 'latin1').includes(secret));
}
