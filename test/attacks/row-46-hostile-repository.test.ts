import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { askHistory, runCli, verifyFrom } from '../histories/ask.ts';
import { buildHistory, type Built } from '../histories/build.ts';
import { changed } from '../histories/edits.ts';
import { makeHostile } from '../histories/hostile-repository.ts';
import type { History } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'c46-'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
const made: Built[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

function build(history: History): Built {
  const built = buildHistory(history);
  made.push(built);
  return built;
}

const MERGED = honest('late-work');

test.each([
  ['fsmonitor', ['status']],
  ['a fetch over ext::', ['fetch', 'origin']],
  ['a diff driver', ['diff', '--ext-diff', 'HEAD', 'HEAD~1']],
  ['gpg.ssh.program', ['log', '-1', '--show-signature']],
])('row 46: the traps are real: %s runs for who works in it with git', (_, args) => {
  const built = build(honest('linear'));
  built.git(['checkout', '-q', '-f', 'master']);
  const { ran } = makeHostile(built);
  rmSync(join(built.dir, 'canary'), { force: true });
  expect(ran()).toBe(false);
  try {
    execFileSync('git', args, {
      cwd: built.dir,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], HOME: home },
    });
  } catch {
    // What ran gave no sensible answer.
  }
  expect(ran()).toBe(true);
});

test('row 46: nothing of the repository runs, and the verdict is as without it', async () => {
  const built = build(MERGED);
  built.git(['checkout', '-q', '-f', 'master']);
  const plain = await askHistory(built);
  expect(plain.outcome).toBe('pass');
  const { ran, canary } = makeHostile(built);
  rmSync(canary, { force: true });
  expect(await askHistory(built)).toEqual(plain);
  expect(ran(), ran() ? readFileSync(canary, 'utf8') : '').toBe(false);
});

test('row 46: nor does the command line run any of it, for a pass or a refusal', async () => {
  for (const [history, code] of [
    [MERGED, 0],
    [changed(MERGED, 3, { approved: [], by: 'alice' }), 3],
  ] as const) {
    const built = build(history);
    built.git(['checkout', '-q', '-f', 'master']);
    const { ran, canary } = makeHostile(built);
    rmSync(canary, { force: true });
    const own = join(home, `home-${code}`);
    mkdirSync(own);
    const told = await verifyFrom(own, built);
    expect(told.err).toBe('');
    expect(told.code).toBe(code);
    const newest = await verifyFrom(own, built, 'master', '--newest-proven');
    expect(newest.code).toBe(0);
    expect(ran(), ran() ? readFileSync(canary, 'utf8') : '').toBe(false);
  }
});

test('row 46: a merge driver, a union and directory renames of the repository make no resolution clean', async () => {
  const history = changed(MERGED, 4, {
    brings: [{ by: 'alice', files: { 'pkgs/step-2.nix': 'other\n' } }],
    from: 0,
    approved: ['bob', 'dave'],
  });
  const built = build(history);
  built.git(['checkout', '-q', '-f', 'master']);
  const before = await askHistory(built);
  const { ran, canary } = makeHostile(built);
  rmSync(canary, { force: true });
  writeFileSync(join(built.dir, '.git/info/attributes'), '* merge=union\n');
  expect(await askHistory(built)).toEqual(before);
  expect(before.outcome).not.toBe('pass');
  expect(ran()).toBe(false);
});

test('row 46: what is missing in a partial clone is missing, and nobody is asked for it', async () => {
  const built = build(MERGED);
  const { ran, canary } = makeHostile(built);
  rmSync(canary, { force: true });
  const blob = built.git(['rev-parse', `${built.at(2)}:pkgs/step-2.nix`]);
  rmSync(join(built.dir, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  const told = await askHistory(built);
  expect(told.outcome).toBe('undetermined');
  expect(ran()).toBe(false);
  const answer = await runCli(home, ['log', '--repository', built.dir, '-n', '1', 'master']);
  expect(answer.code).toBe(0);
  expect(ran()).toBe(false);
});
