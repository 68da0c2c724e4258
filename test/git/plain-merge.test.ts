import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import { encodeTree } from '../../src/core/object/tree.ts';
import type { TreeEntry } from '../../src/core/object/tree.ts';
import { openObjects } from '../../src/git/objects.ts';
import { mergePlainly } from '../../src/git/plain-merge.ts';
import { forgeObject, makeScratch, oid } from './scratch.ts';
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

/** What a folder holds: files and links of any mode, a submodule, folders that may hold nothing. */
type Node = { readonly mode: Exclude<TreeEntry['mode'], '40000'>; readonly text: string } | Folder;
interface Folder {
  readonly [name: string]: Node | null;
}

const isFolder = (node: Node): node is Folder => !('mode' in node && typeof node.mode === 'string');

function storeFolder(folder: Folder): Oid {
  const entries = Object.entries(folder).flatMap(([name, node]): TreeEntry[] => {
    if (node === null) return [];
    const bytes = Buffer.from(name);
    if (isFolder(node)) return [{ mode: '40000', name: bytes, id: storeFolder(node) }];
    return [{ mode: node.mode, name: bytes, id: storeFile(node.mode, node.text) }];
  });
  const raw = encodeTree(entries);
  const id = objectId('tree', raw, 'sha1');
  forgeObject(repo, id, 'tree', raw);
  return id;
}

function storeFile(mode: TreeEntry['mode'], text: string): Oid {
  const content = Array.from({ length: SIZE }, (_, line) => `${text} ${line}\n`).join('');
  const id = objectId('blob', Buffer.from(content), 'sha1');
  if (mode === '160000') return oid(id);
  forgeObject(repo, id, 'blob', content);
  return id;
}

async function mergesOf(base: Folder, left: Folder, right: Folder) {
  const [before, ours, theirs] = [storeFolder(base), storeFolder(left), storeFolder(right)];
  const root = commitOf(before, []);
  const wanted = gitMerge(commitOf(ours, [root]), commitOf(theirs, [root]));
  const objects = openObjects(`${repo.dir}/.git`, 'sha1');
  try {
    return { wanted, found: await mergePlainly(objects, before, ours, theirs) };
  } finally {
    await objects.dispose();
  }
}

const file = (text: string): Node => ({ mode: '100644', text });

test.each<[string, Folder, Folder, Folder]>([
  ['added', {}, { e: {} }, { b: file('2') }],
  ['added by both', {}, { e: {} }, { b: file('2'), e: {} }],
  ['that was there before', { e: {} }, { e: {}, c: file('1') }, { e: {}, b: file('2') }],
  ['in a folder that was added', {}, { d: { e: {}, f: file('1') } }, { b: file('2') }],
  ['deeper in a folder that was added', {}, { d: { f: file('1'), g: { e: {} } } }, { b: file('2') }],
  ['in a folder that only one side changed', { d: { f: file('1') } }, { d: { f: file('1'), e: {} } }, {}],
])('a folder without anything in it, %s: git answers, or the answer is the same', async (_, ...sides) => {
  const kept: Folder = { a: file('0') };
  const [base, left, right] = sides.map((side) => ({ ...kept, ...side })) as [Folder, Folder, Folder];
  const { found, wanted } = await mergesOf(base, left, { ...base, ...right });
  if (found !== null) expect(found).toBe(wanted);
});

test('an empty folder that a side adds is left to git', async () => {
  const kept: Folder = { a: file('0') };
  expect((await mergesOf(kept, { ...kept, e: {} }, { ...kept, b: file('1') })).found).toBeNull();
});

test('the same with modes, links, submodules and empty folders', async () => {
  const names = fc.constantFrom('a', 'b', 'b.c', 'b-', 'sub');
  const modes = fc.constantFrom('100644', '100644', '100755', '120000', '160000');
  const leaf: fc.Arbitrary<Node> = fc.record({
    mode: modes,
    text: fc.constantFrom('0', '1', '2'),
  });
  const folderOf = (node: fc.Arbitrary<Node>): fc.Arbitrary<Folder> =>
    fc.dictionary(names, node, { maxKeys: 4 });
  const node = fc.oneof({ weight: 3, arbitrary: leaf }, folderOf(fc.oneof(leaf, folderOf(leaf))));
  const whole = folderOf(node);
  const change = fc.dictionary(
    names,
    fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: node }),
    { minKeys: 1, maxKeys: 2 },
  );
  const within = fc.dictionary(names, leaf, { minKeys: 1, maxKeys: 1 });
  const edit = (base: Folder, changed: Folder, inner: Folder, deep: boolean): Folder => {
    if (!deep) return { ...base, ...changed };
    const [first] = Object.entries(base).flatMap(([name, at]) => (at && isFolder(at) ? [{ name, at }] : []));
    return first === undefined
      ? { ...base, ...changed }
      : { ...base, [first.name]: { ...first.at, ...inner } };
  };
  const side = fc.tuple(change, within, fc.boolean());
  let given = 0;
  await fc.assert(
    fc.asyncProperty(whole, side, side, async (base, left, right) => {
      const { found, wanted } = await mergesOf(base, edit(base, ...left), edit(base, ...right));
      if (found === null) return;
      given += 1;
      expect(found).toBe(wanted);
    }),
    { numRuns: 150 },
  );
  expect(given).toBeGreaterThan(10);
}, 120_000);
