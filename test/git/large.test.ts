import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import type { Repository } from '../../src/gather/ports.ts';
import { openMirror } from '../../src/git/mirror.ts';
import { openRepository } from '../../src/git/reader.ts';
import { serveGit } from './http-server.ts';
import type { GitServer } from './http-server.ts';
import { gitIn, scratchAt } from './scratch.ts';
import type { Scratch } from './scratch.ts';

const COMMITS = 1000;
const FILES = 10_000;
const OTHERS = 20_000;
let root: string;
let repo: Scratch;
let server: GitServer;
let base: Oid;
let tip: Oid;
let head: Oid;

/** A stream for git-fast-import(1): a base of many files, a tip beside it, and a long change over many files. */
function* history(): Generator<string> {
  const who = 'committer alice <alice@example.org>';
  const put = (path: string, content: string): string =>
    `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  yield `commit refs/heads/base\nmark :1\n${who} 1 +0000\ndata 4\nbase\n`;
  for (let index = 0; index < OTHERS; index += 1)
    yield put(`pkgs/${index % 150}/${index}/default.nix`, `old ${index}\n`);
  yield `commit refs/heads/tip\n${who} 2 +0000\ndata 3\ntip\nfrom :1\n${put('pkgs/tip.nix', 'tip\n')}`;
  const each = FILES / COMMITS;
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const from = commit === 0 ? 'from :1\n' : '';
    yield `commit refs/heads/head\n${who} ${commit + 3} +0000\ndata 6\nchange\n${from}`;
    for (let file = commit * each; file < (commit + 1) * each; file += 1) {
      yield put(`pkgs/${file % 150}/${file}/default.nix`, `new ${file}\n`);
    }
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cs-large-test-'));
  const dir = join(root, 'srv/acme/pkgs.git');
  mkdirSync(dir, { recursive: true });
  gitIn(dir, ['init', '-q', '--bare', '.']);
  repo = scratchAt(root, dir);
  repo.git(['fast-import', '--quiet'], [...history()].join(''));
  [base, tip, head] = [repo.id('base'), repo.id('tip'), repo.id('head')];
  server = await serveGit(join(root, 'srv'), null);
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

/** What a judgement of this change asks, all of it. */
async function askAll(repository: Repository): Promise<void> {
  const listed = await repository.listCommits(tip, head, COMMITS);
  expect(listed).toHaveLength(COMMITS);
  expect(await repository.readCommits(listed)).toHaveLength(COMMITS);
  expect(await repository.mergeBases(tip, head)).toEqual([base]);
  expect(await repository.firstParents(base, head, COMMITS)).toEqual(listed.toReversed());
  const diff = await repository.diffTrees(repo.id('base^{tree}'), repo.id('head^{tree}'), FILES);
  expect(diff.files).toHaveLength(FILES);
  const sides = diff.files.flatMap(({ before, after }) => [before, after]).filter((side) => side !== null);
  const hashes = await repository.contentHashes(sides.map(({ id }) => id));
  expect(hashes.size).toBe(2 * FILES);
  const merged = await repository.mergeCommits(tip, head, []);
  if (!merged.clean) throw new Error('a conflict');
  const landing = await repository.diffTrees(repo.id('tip^{tree}'), merged.tree, FILES);
  expect(landing.files).toEqual(diff.files);
}

test('1,000 commits over 10,000 files, from a mirror', async () => {
  const url = `${server.origin}/acme/pkgs`;
  const mirror = await openMirror({
    directory: join(root, 'data'),
    url,
    token: () => Promise.resolve(null),
    allowHttp: true,
  });
  try {
    expect(await mirror.fetchBranchTip('tip')).toBe(tip);
    await mirror.fetchCommits([head]);
    await askAll(mirror.repository);
    expect(server.requests.filter((line) => line.startsWith('POST')).length).toBeLessThan(30);
  } finally {
    await mirror.dispose();
  }
});

test('1,000 commits over 10,000 files, from a local repository', async () => {
  const opened = await openRepository(repo.dir);
  try {
    await askAll(opened.repository);
  } finally {
    await opened.dispose();
  }
});
