import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import type { Remerge, Repository } from '../../src/gather/ports.ts';
import { openRepository } from '../../src/git/reader.ts';
import { forgeObject, lines, makeScratch, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let close: () => Promise<void>;
beforeEach(() => {
  repo = makeScratch();
  close = () => Promise.resolve();
});
afterEach(async () => {
  await close();
  repo.remove();
});

async function open(): Promise<Repository> {
  const opened = await openRepository(repo.dir);
  close = () => opened.dispose();
  return opened.repository;
}

/** Two sides of one base; each is given as what it does to the work tree. */
function sides(base: () => void, ours: () => void, theirs: () => void): { ours: Oid; theirs: Oid } {
  base();
  const root = repo.commit('base');
  ours();
  const left = repo.commit('ours');
  repo.git(['checkout', '-q', '-b', 'theirs', root]);
  theirs();
  const right = repo.commit('theirs');
  repo.git(['checkout', '-q', 'master']);
  return { ours: left, theirs: right };
}

function conflicts(merged: Remerge): string[] | 'clean' {
  return merged.clean ? 'clean' : merged.conflicts.map(text).sort();
}

async function filesOf(repository: Repository, merged: Remerge): Promise<string[]> {
  if (!merged.clean) throw new Error('a conflict');
  return (await repository.diffTrees(null, merged.tree, 100)).files.map(({ path }) => text(path));
}

test('clean: the tree that git makes, and it can be read', async () => {
  const { ours, theirs } = sides(
    () => {
      repo.write('a', lines(40));
    },
    () => {
      repo.write('a', lines(40, { 2: 'ours' }));
    },
    () => {
      repo.write('a', lines(40, { 38: 'theirs' }));
      repo.write('new/file', 'new\n');
    },
  );
  const repository = await open();
  // Starts the reading process before the merge writes.
  await repository.readCommits([ours]);
  const merged = await repository.mergeCommits(ours, theirs, []);
  repo.git(['merge', '-q', '--no-edit', 'theirs']);
  expect(merged).toEqual({ clean: true, tree: repo.id('HEAD^{tree}') });
  expect(await filesOf(repository, merged)).toEqual(['a', 'new/file']);
});

test('conflicts name their paths as bytes', async () => {
  const odd = 'dir/with "quotes"\nand ünïcode';
  const { ours, theirs } = sides(
    () => {
      repo.write('a', lines(5));
      repo.write(odd, lines(5));
      repo.write('gone', lines(5));
    },
    () => {
      repo.write('a', lines(5, { 3: 'ours' }));
      repo.write(odd, lines(5, { 3: 'ours' }));
      repo.git(['rm', '-q', 'gone']);
    },
    () => {
      repo.write('a', lines(5, { 3: 'theirs' }));
      repo.write(odd, lines(5, { 3: 'theirs' }));
      repo.write('gone', lines(5, { 3: 'theirs' }));
    },
  );
  const merged = await (await open()).mergeCommits(ours, theirs, []);
  expect(conflicts(merged)).toEqual(['a', odd, 'gone']);
});

describe('renames (attack 54)', () => {
  test('content follows a renamed file', async () => {
    const { ours, theirs } = sides(
      () => {
        repo.write('old/name', lines(60));
        repo.write('old/other', 'other\n');
      },
      () => {
        mkdirSync(join(repo.dir, 'lib'));
        repo.git(['mv', 'old/name', 'lib/name']);
      },
      () => {
        repo.write('old/name', lines(60, { 30: 'theirs' }));
      },
    );
    const repository = await open();
    const merged = await repository.mergeCommits(ours, theirs, []);
    expect(await filesOf(repository, merged)).toEqual(['lib/name', 'old/other']);
  });

  test('a file that a directory rename would carry away is a conflict', async () => {
    const { ours, theirs } = sides(
      () => {
        for (const name of ['a', 'b', 'c']) repo.write(`contrib/${name}`, lines(40, { 1: name }));
      },
      () => {
        repo.git(['mv', 'contrib', 'lib']);
      },
      () => {
        repo.write('contrib/evil', 'carried\n');
      },
    );
    expect(conflicts(await (await open()).mergeCommits(ours, theirs, []))).toEqual(['lib/evil']);
  });
});

describe('what could make an evil merge look clean (attack 58)', () => {
  const same = (): { ours: Oid; theirs: Oid } =>
    sides(
      () => {
        repo.write('log', lines(5));
        repo.write('.gitattributes', '* merge=union\n');
        repo.write('sub/.gitattributes', '* merge=union\n');
        repo.write('sub/log', lines(5));
      },
      () => {
        repo.write('log', lines(5, { 5: 'ours' }));
        repo.write('sub/log', lines(5, { 5: 'ours' }));
      },
      () => {
        repo.write('log', lines(5, { 5: 'theirs' }));
        repo.write('sub/log', lines(5, { 5: 'theirs' }));
      },
    );

  test('union and drivers by attributes in the tree, in the repository and in its configuration', async () => {
    const { ours, theirs } = same();
    mkdirSync(join(repo.dir, '.git/info'), { recursive: true });
    writeFileSync(join(repo.dir, '.git/info/attributes'), '* merge=union\n');
    repo.git(['config', 'merge.default', 'union']);
    repo.git(['config', 'merge.directoryRenames', 'true']);
    repo.git(['config', 'core.attributesFile', join(repo.dir, '.gitattributes')]);
    // The repository's own git falls for it.
    expect(() => repo.git(['merge-tree', '--write-tree', ours, theirs])).not.toThrow();
    expect(conflicts(await (await open()).mergeCommits(ours, theirs, []))).toEqual(['log', 'sub/log']);
  });

  test('a work tree that this process stands in', async () => {
    const { ours, theirs } = same();
    const before = process.cwd();
    const repository = await open();
    // Attribute files are looked for relative to where git runs: that is never here.
    process.chdir(repo.dir);
    try {
      expect(conflicts(await repository.mergeCommits(ours, theirs, []))).toEqual(['log', 'sub/log']);
    } finally {
      process.chdir(before);
    }
  });
});

describe('forged contents under the id of a merge base (attacks 57, 58)', () => {
  // Both sides changed `fix`; with a base that equals ours, git would take theirs and drop what we changed.
  const change = (): { ours: Oid; theirs: Oid } =>
    sides(
      () => {
        repo.write('dir/fix', lines(20));
        repo.write('dir/other', 'other\n');
      },
      () => {
        repo.write('dir/fix', lines(20, { 3: 'the fix' }));
      },
      () => {
        repo.write('dir/fix', lines(20, { 18: 'harmless' }));
      },
    );

  test('a blob', async () => {
    const { ours, theirs } = change();
    forgeObject(repo, repo.id(`${ours}~1:dir/fix`), 'blob', lines(20, { 3: 'the fix' }));
    // The repository's own git falls for it: the fix is gone.
    const evil = repo.git(['merge-tree', '--write-tree', ours, theirs]);
    expect(repo.git(['cat-file', 'blob', `${evil}:dir/fix`])).not.toContain('the fix');
    const merged = (await open()).mergeCommits(ours, theirs, []);
    await expect(merged).rejects.toMatchObject({ code: 'object-forged', passing: false });
  });

  test('a tree', async () => {
    const { ours, theirs } = change();
    const honest = repo.id(`${ours}~1:dir`);
    forgeObject(repo, honest, 'tree', repo.gitBytes(['cat-file', 'tree', `${ours}:dir`]));
    const merged = (await open()).mergeCommits(ours, theirs, []);
    await expect(merged).rejects.toMatchObject({ code: 'object-forged', passing: false });
  });
});

test('unrelated histories merge over nothing', async () => {
  repo.write('a', 'a\n');
  const ours = repo.commit('ours');
  repo.git(['checkout', '-q', '--orphan', 'other']);
  repo.git(['rm', '-rfq', '.']);
  repo.write('b', 'b\n');
  const theirs = repo.commit('theirs');
  const repository = await open();
  expect(await repository.mergeBases(ours, theirs)).toEqual([]);
  expect(await filesOf(repository, await repository.mergeCommits(ours, theirs, []))).toEqual(['a', 'b']);
});

test('a commit that is not there, and something that is no commit', async () => {
  repo.write('a', 'a\n');
  const id = repo.commit('a');
  const repository = await open();
  const absent = repo.id('HEAD').replace(/./g, '1') as Oid;
  for (const other of [absent, repo.id('HEAD:a')]) {
    await expect(repository.mergeCommits(id, other, [])).rejects.toMatchObject({ code: 'object-missing' });
  }
});
