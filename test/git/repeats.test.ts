import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import type { ChangedFile } from '../../src/core/facts/change.ts';
import { parsePattern } from '../../src/core/policy/pattern.ts';
import type { Repeat, Repository } from '../../src/gather/ports.ts';
import { openRepository } from '../../src/git/reader.ts';
import { forgeObject, gitIn, lines, makeScratch, oid } from './scratch.ts';
import type { Scratch } from './scratch.ts';

/** trust.md C15: what a statement speaks for has landed before, so it is spent. */
let repo: Scratch;
let repository: Repository;
let close: () => Promise<void>;
beforeEach(async () => {
  repo = makeScratch();
  await reopen();
});
afterEach(async () => {
  await close();
  repo.remove();
});

async function reopen(): Promise<void> {
  const opened = await openRepository(repo.dir);
  repository = opened.repository;
  close = () => opened.dispose();
}

function commit(files: Readonly<Record<string, string | null>>): Oid {
  for (const [path, content] of Object.entries(files)) {
    if (content === null) repo.git(['rm', '-q', '-r', path]);
    else repo.write(path, content);
  }
  return repo.commit('step');
}

function checkout(revision: string): void {
  repo.git(['checkout', '-q', '--detach', revision]);
}

function merge(onto: string, head: string): Oid {
  checkout(onto);
  repo.git(['merge', '-q', '--no-ff', '--no-edit', head]);
  return repo.id('HEAD');
}

async function changeOf(before: Oid, after: Oid): Promise<readonly ChangedFile[]> {
  const diff = await repository.diffTrees(repo.id(`${before}^{tree}`), repo.id(`${after}^{tree}`), 100);
  return diff.files;
}

async function repeat(
  tip: Oid,
  base: Oid,
  files: readonly ChangedFile[],
  head: Oid | null = null,
): Promise<Repeat | undefined> {
  const proposed = head && { head, union: [] };
  return (await repository.findRepeats(tip, [{ base, files, proposed }]))[0];
}

const nothing = { known: true, by: null };
const unknown = { known: false };

describe('a change is found again', () => {
  let base: Oid;
  let head: Oid;
  beforeEach(() => {
    base = commit({ 'pkgs/a/default.nix': lines(40), 'pkgs/b.nix': 'b\n', top: 'top\n' });
    head = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three' }), new: 'new\n' });
    checkout(base);
  });

  test('where a step made it, after it was reverted too', async () => {
    const between = commit({ top: 'other\n' });
    const landed = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three' }), new: 'new\n' });
    const reverted = commit({ 'pkgs/a/default.nix': lines(40), new: null });
    const tip = commit({ top: 'more\n' });
    const files = await changeOf(base, head);
    expect(await repeat(tip, base, files)).toEqual({ known: true, by: landed });
    expect(await repeat(reverted, between, files)).toEqual({ known: true, by: landed });
    // Whoever compared with what the branch was after it had landed, meant it to land once more.
    expect(await repeat(tip, landed, files)).toEqual(nothing);
    expect(await repeat(landed, landed, files)).toEqual(nothing);
    expect(await repeat(between, base, files)).toEqual(nothing);
  });

  test('where a merge brought it, although the lines around it had changed on the branch', async () => {
    commit({ 'pkgs/a/default.nix': lines(40, { 38: 'later' }) });
    const proposed = repo.id(repo.git(['commit-tree', '-p', base, '-m', 'copy', `${head}^{tree}`]));
    const merged = merge('HEAD', proposed);
    const tip = commit({ 'pkgs/a/default.nix': lines(40, { 38: 'later' }), new: null });
    expect(await repeat(tip, base, await changeOf(base, head))).toEqual({ known: true, by: merged });
  });

  test('where it landed rebased onto files that had changed, which only merging it again shows', async () => {
    const other = commit({ 'pkgs/a/default.nix': lines(40, { 38: 'later' }) });
    const landed = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three', 38: 'later' }), new: 'new\n' });
    const tip = commit({ 'pkgs/a/default.nix': lines(40, { 38: 'later' }), new: null });
    const files = await changeOf(base, head);
    expect(await repeat(tip, base, files)).toEqual(nothing);
    expect(await repeat(tip, base, files, head)).toEqual({ known: true, by: landed });
    expect(await repeat(other, base, files, head)).toEqual(nothing);
    // The same paths, with something more in one of them.
    checkout(other);
    const more = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three', 38: 'last' }), new: 'new\n' });
    expect(await repeat(more, base, files, head)).toEqual(nothing);
  });

  test('where its lines and others in conflict were both kept, as the policy says of that file', async () => {
    const list = (...more: string[]): string => ['a', ...more, 'z', ''].join('\n');
    const start = commit({ list: list() });
    const proposed = commit({ list: list('mine') });
    checkout(start);
    commit({ list: list('theirs') });
    const landed = commit({ list: list('theirs', 'mine') });
    const tip = commit({ list: list('theirs') });
    const files = await changeOf(start, proposed);
    const ask = (union: readonly string[]): Promise<readonly Repeat[]> =>
      repository.findRepeats(tip, [
        { base: start, files, proposed: { head: proposed, union: union.map(parsePattern) } },
      ]);
    expect(await ask([])).toEqual([nothing]);
    expect(await ask(['list'])).toEqual([{ known: true, by: landed }]);
  });

  test('not where only some of it, more than it, or another mode landed', async () => {
    commit({ new: 'new\n' });
    commit({ new: null });
    commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three' }), new: 'new\n', extra: 'x\n' });
    commit({ 'pkgs/a/default.nix': lines(40), new: null });
    repo.write('new', 'new\n');
    repo.write('pkgs/a/default.nix', lines(40, { 3: 'three' }));
    repo.git(['add', '-A']);
    repo.git(['update-index', '--chmod=+x', 'new']);
    repo.git(['commit', '-q', '-m', 'executable']);
    const tip = repo.id('HEAD');
    repo.git(['reset', '-q', '--hard']);
    expect(await repeat(tip, base, await changeOf(base, head))).toEqual(nothing);
  });

  test('from a base on a side branch that has landed: a stacked pull request', async () => {
    const side = commit({ side: '1\n' });
    checkout(base);
    const first = commit({ top: 'moved\n' });
    const merged = merge(first, side);
    const files = await changeOf(base, head);
    const landed = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three' }), new: 'new\n' });
    expect(await repeat(merged, side, files)).toEqual(nothing);
    expect(await repeat(landed, side, files)).toEqual({ known: true, by: landed });
  });

  test('each question gets its own answer, in the order asked', async () => {
    const landed = commit({ 'pkgs/a/default.nix': lines(40, { 3: 'three' }), new: 'new\n' });
    const files = await changeOf(base, head);
    const answers = await repository.findRepeats(landed, [
      { base: landed, files, proposed: null },
      { base: oid('f'.repeat(40)), files, proposed: null },
      { base, files, proposed: { head, union: [] } },
    ]);
    expect(answers).toEqual([nothing, unknown, { known: true, by: landed }]);
  });
});

test('a change of nothing is found where a step did nothing', async () => {
  const base = commit({ a: '1\n' });
  const step = commit({ a: '2\n' });
  expect(await repeat(step, base, [])).toEqual(nothing);
  const empty = repo.commit('empty');
  expect(await repeat(empty, base, [])).toEqual({ known: true, by: empty });
});

test('a submodule that moves, and a file that becomes a folder, are changes like any other', async () => {
  const base = commit({ thing: 'file\n' });
  repo.git(['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`]);
  repo.git(['commit', '-q', '-m', 'module']);
  const module = repo.id('HEAD');
  repo.git(['rm', '-q', 'thing']);
  repo.write('thing/inside', 'x\n');
  repo.git(['add', 'thing']);
  repo.git(['commit', '-q', '-m', 'folder']);
  const folder = repo.id('HEAD');
  expect(await repeat(folder, base, await changeOf(base, module))).toEqual({ known: true, by: module });
  expect(await repeat(folder, base, await changeOf(module, folder))).toEqual({ known: true, by: folder });
});

test('a thousand steps are looked through, and the one is found', async () => {
  const base = commit({ 'pkgs/target': 'old\n' });
  const head = commit({ 'pkgs/target': 'new\n' });
  const files = await changeOf(base, head);
  const tip = importSteps(base, 1_000, (step) =>
    step === 500
      ? ['pkgs/target', 'new\n']
      : step === 501
        ? ['pkgs/target', 'old\n']
        : ['other', `${step}\n`],
  );
  const found = await repeat(tip, base, files);
  expect(found).toEqual({ known: true, by: repo.id(`${tip}~500`) });
});

test('nothing is known where more steps look alike than are merged again', async () => {
  const text = (top: string, end: string): string => `${top}\n${lines(30)}${end}\n`;
  const base = commit({ target: text('0', '0') });
  const head = commit({ target: text('1', '0') });
  const files = await changeOf(base, head);
  const tip = importSteps(base, 70, (step) => ['target', text('0', String(step))]);
  expect(await repeat(tip, base, files, head)).toEqual(unknown);
  expect(await repeat(repo.id(`${tip}~20`), base, files, head)).toEqual(nothing);
  expect(await repeat(tip, base, files)).toEqual(nothing);
});

test('nothing is known beyond 20,000 steps', async () => {
  const base = commit({ a: '1\n' });
  const tip = importSteps(base, 20_001, () => null);
  expect(await repeat(tip, base, [])).toEqual(unknown);
  expect(await repeat(tip, repo.id(`${tip}~20000`), [])).toMatchObject({ known: true });
});

test('nothing is known where history is missing', async () => {
  const base = commit({ a: '1\n' });
  const head = commit({ a: '2\n' });
  const files = await changeOf(base, head);
  checkout(base);
  const middle = commit({ b: '1\n' });
  const tip = commit({ b: '2\n' });
  await close();
  const path = join(repo.dir, '.git/objects', middle.slice(0, 2), middle.slice(2));
  rmSync(path);
  await reopen();
  expect(await repeat(tip, base, files)).toEqual(unknown);
});

test('a base whose forged bytes reach the whole branch hides no step', async () => {
  const base = commit({ a: '1\n' });
  const head = commit({ a: '2\n' });
  const files = await changeOf(base, head);
  checkout(base);
  const landed = commit({ a: '2\n' });
  const tip = commit({ a: '1\n' });
  expect(await repeat(tip, base, files)).toEqual({ known: true, by: landed });
  await close();
  const honest = repo.gitBytes(['cat-file', 'commit', base]).toString('latin1');
  forgeObject(repo, base, 'commit', honest.replace('\nauthor', `\nparent ${tip}\nauthor`));
  await reopen();
  const found = await repeat(tip, base, files);
  expect(found).not.toEqual(nothing);
});

/** Commits in one line, by `git fast-import`: each changes one file, or nothing. */
function importSteps(
  base: Oid,
  count: number,
  change: (step: number) => readonly [string, string] | null,
): Oid {
  const parts: string[] = [];
  for (let step = 1; step <= count; step += 1) {
    parts.push(`commit refs/heads/line\ncommitter alice <alice@example.org> ${1_700_000_000 + step} +0000\n`);
    parts.push('data 5\nstep\n');
    if (step === 1) parts.push(`from ${base}\n`);
    const changed = change(step);
    if (changed !== null)
      parts.push(`M 100644 inline ${changed[0]}\ndata ${changed[1].length}\n${changed[1]}`);
    parts.push('\n');
  }
  gitIn(repo.dir, ['fast-import', '--quiet'], parts.join(''));
  return repo.id('refs/heads/line');
}
