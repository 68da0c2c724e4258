import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openObjects } from '../../src/git/objects.ts';
import { mergePlainly } from '../../src/git/plain-merge.ts';
import { makeScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
beforeEach(() => {
  repo = makeScratch();
});
afterEach(() => {
  repo.remove();
});

type Files = Readonly<Record<string, string>>;

const PATHS = ['a', 'b/c', 'b/d', 'b/e/f', 'g', 'h/i', 'b/e/j', 'k'];
const SIZE = 12;
const content = fc
  .nat(5)
  .map((number) => Array.from({ length: SIZE }, (_, line) => `${number} ${line}\n`).join(''));
const files = fc.dictionary(fc.constantFrom(...PATHS), content, { maxKeys: PATHS.length });
/** What a side does to the base: sets, or takes away. */
const changes = fc.dictionary(fc.constantFrom(...PATHS), fc.option(content), { maxKeys: 3 });

function treeOf(of: Files): Oid {
  repo.git(['read-tree', '--empty']);
  const lines = Object.entries(of).map(
    ([path, text]) => `100644 ${repo.git(['hash-object', '-w', '--stdin'], text)}\t${path}\n`,
  );
  repo.git(['update-index', '--add', '--index-info'], lines.join(''));
  return repo.id(repo.git(['write-tree']));
}

function commitOf(tree: Oid, parents: readonly Oid[]): Oid {
  return repo.id(repo.git(['commit-tree', tree, '-m', 'made', ...parents.flatMap((id) => ['-p', id])]));
}

function apply(base: Files, change: Readonly<Record<string, string | null>>): Files {
  const merged = { ...base, ...change };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([path, text]) => (text === null ? [] : [[path, text]])),
  );
}

/** git's own merge, with directory renames as conflicts, as git/merges.ts makes it; `null` for a conflict. */
function gitMerge(ours: Oid, theirs: Oid): string | null {
  try {
    const args = ['-c', 'merge.directoryRenames=conflict', 'merge-tree', '--write-tree', ours, theirs];
    return repo.git(args).split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

test('where it gives a tree, git makes the same merge; it never gives one where git finds a conflict', async () => {
  let given = 0;
  await fc.assert(
    fc.asyncProperty(files, changes, changes, async (base, left, right) => {
      const trees = [base, apply(base, left), apply(base, right)].map(treeOf);
      const [before, ours, theirs] = trees as [Oid, Oid, Oid];
      const root = commitOf(before, []);
      const wanted = gitMerge(commitOf(ours, [root]), commitOf(theirs, [root]));
      const objects = openObjects(`${repo.dir}/.git`, 'sha1');
      try {
        const found = await mergePlainly(objects, before, ours, theirs);
        if (found === null) return;
        given += 1;
        expect(found).toBe(wanted);
      } finally {
        await objects.dispose();
      }
    }),
    { numRuns: 40 },
  );
  expect(given).toBeGreaterThan(5);
}, 120_000);

test('a rename on one side, and both sides in one file, are left to git', async () => {
  const text = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');
  const base = treeOf({ old: text, other: 'x\n' });
  const renamed = treeOf({ new: text, other: 'x\n' });
  const edited = treeOf({ old: text.replace('line 3', 'line three'), other: 'x\n' });
  const elsewhere = treeOf({ old: text, other: 'y\n' });
  const objects = openObjects(`${repo.dir}/.git`, 'sha1');
  try {
    expect(await mergePlainly(objects, base, renamed, edited)).toBeNull();
    expect(await mergePlainly(objects, base, renamed, elsewhere)).toBeNull();
    expect(
      await mergePlainly(objects, base, edited, treeOf({ old: `${text}end\n`, other: 'x\n' })),
    ).toBeNull();
    expect(await mergePlainly(objects, base, edited, elsewhere)).toBe(
      treeOf({ old: text.replace('line 3', 'line three'), other: 'y\n' }),
    );
  } finally {
    await objects.dispose();
  }
});
