import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePattern } from '../../src/core/policy/pattern.ts';
import type { Oid } from '../../src/core/object/id.ts';
import type { Remerge, Repository } from '../../src/gather/ports.ts';
import { openRepository } from '../../src/git/reader.ts';
import { literalPattern, unionAttributes } from '../../src/git/union.ts';
import { makeScratch, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let repository: Repository;
let close: () => Promise<void>;
beforeEach(async () => {
  repo = makeScratch();
  const opened = await openRepository(repo.dir);
  repository = opened.repository;
  close = () => opened.dispose();
});
afterEach(async () => {
  await close();
  repo.remove();
});

/** Both sides change the same line of each path, each to its own. */
function conflicting(...paths: string[]): { ours: Oid; theirs: Oid } {
  const write = (side: string): Oid => {
    for (const path of paths) repo.write(path, `first\n${side} ${path.length}\nlast\n`);
    return repo.commit(side);
  };
  const base = write('base');
  const ours = write('ours');
  repo.git(['checkout', '-q', '--detach', base]);
  return { ours, theirs: write('theirs') };
}

async function sidesOf(merged: Remerge): Promise<Map<string, Oid>> {
  if (!merged.clean) throw new Error('a conflict');
  const { files } = await repository.diffTrees(null, merged.tree, 100);
  return new Map(files.flatMap(({ path, after }) => (after === null ? [] : [[text(path), after.id]])));
}

/** The id that a text has as a blob. */
function blob(content: string): Oid {
  return repo.id(repo.git(['hash-object', '-w', '--stdin'], content));
}

const union = (...sources: string[]) => sources.map(parsePattern);

test('without a pattern a conflict is one', async () => {
  const { ours, theirs } = conflicting('all-packages.nix');
  expect((await repository.mergeCommits(ours, theirs, [])).clean).toBe(false);
  expect((await repository.mergeCommits(ours, theirs, union('pkgs/**'))).clean).toBe(false);
});

test('keeps the lines of both sides where the policy lists the path, ours first', async () => {
  const { ours, theirs } = conflicting('all-packages.nix');
  const merged = await repository.mergeCommits(ours, theirs, union('all-packages.nix'));
  const files = await sidesOf(merged);
  expect(files.get('all-packages.nix')).toBe(blob('first\nours 16\ntheirs 16\nlast\n'));
  expect(await repository.mergeCommits(ours, theirs, union('all-*'))).toEqual(merged);
});

test('changes nothing about a merge that is clean anyway, or about files that do not conflict', async () => {
  repo.write('list', 'a\nb\nc\nd\ne\nf\n');
  const base = repo.commit('base');
  repo.write('list', 'A\nb\nc\nd\ne\nf\n');
  const ours = repo.commit('ours');
  repo.git(['checkout', '-q', '--detach', base]);
  repo.write('list', 'a\nb\nc\nd\ne\nF\n');
  const theirs = repo.commit('theirs');
  const merged = await repository.mergeCommits(ours, theirs, []);
  expect(merged.clean).toBe(true);
  expect(await repository.mergeCommits(ours, theirs, union('**'))).toEqual(merged);
});

test('a conflict in another path leaves all of it a conflict, with both named', async () => {
  const { ours, theirs } = conflicting('list', 'other');
  const merged = await repository.mergeCommits(ours, theirs, union('list'));
  expect(merged.clean ? [] : merged.conflicts.map(text)).toEqual(['list', 'other']);
});

describe('names the path literally:', () => {
  test.each([
    'with a blank',
    ' leading',
    'trailing ',
    'a*b',
    'a?b',
    'a[b]c',
    'a\\b',
    'a"b',
    '!negated',
    '#comment',
    'tab\there',
    'line\nbreak',
    'é→\u{1F600}',
    'deep/er/[ab]/x*y "z"\\',
    '[attr]union',
    ':(glob)x',
    '**',
  ])('%j', async (path) => {
    const { ours, theirs } = conflicting(path);
    // What `*` would match, were it not escaped, is no part of the change and stays one side's.
    const merged = await repository.mergeCommits(ours, theirs, union('**'));
    const { length } = path;
    expect((await sidesOf(merged)).get(path)).toBe(blob(`first\nours ${length}\ntheirs ${length}\nlast\n`));
  });

  test('and no other', async () => {
    const { ours, theirs } = conflicting('a*', 'ab', 'dir/a*');
    const merged = await repository.mergeCommits(ours, theirs, union('a', 'dir/**'));
    expect(merged.clean ? [] : merged.conflicts.map(text)).toEqual(['a*', 'ab', 'dir/a*']);
    expect(literalPattern(Buffer.from('a*'))).toBe('"/a\\\\*"');
    expect(literalPattern(Buffer.from([0xff, 0x0a]))).toBe('"/\\377\\012"');
  });

  test('of a name that cannot be written the conflict stays', () => {
    const long = Buffer.from('\u00e9'.repeat(400));
    expect(unionAttributes([long], union('**'))).toBeNull();
    expect(unionAttributes([], union('**'))).toBeNull();
    expect(unionAttributes([Buffer.from('x')], union('**'))).toBe('"/x" merge=union\n');
  });
});

test('binary files, links, and a file that one side removed stay conflicts', async () => {
  repo.write('binary', Buffer.from([0, 1, 2]));
  repo.write('gone', 'a\nb\n');
  const base = repo.commit('base');
  repo.write('binary', Buffer.from([0, 1, 3]));
  repo.write('gone', 'a\nB\n');
  const ours = repo.commit('ours');
  repo.git(['checkout', '-q', '--detach', base]);
  repo.write('binary', Buffer.from([0, 1, 4]));
  repo.git(['rm', '-q', 'gone']);
  const theirs = repo.commit('theirs');
  const merged = await repository.mergeCommits(ours, theirs, union('**'));
  expect(merged.clean ? [] : merged.conflicts.map(text)).toEqual(['binary', 'gone']);
});

test('leaves no file behind', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const { ours, theirs } = conflicting('list');
  await repository.mergeCommits(ours, theirs, union('list'));
  const workspaces = [...before].filter((name) => name.startsWith('countersign-git-'));
  const left = workspaces.flatMap((name) => filesOf(join(tmpdir(), name)));
  expect(left.filter((name) => name.startsWith('attributes-'))).toEqual([]);
});

/** Other tests make and remove workspaces at the same time. */
function filesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
