import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangedFile } from '../../src/core/facts/change.ts';
import { objectId } from '../../src/core/object/hash.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository } from '../../src/git/reader.ts';
import type { OpenRepository } from '../../src/git/reader.ts';
import { makeScratch, oid, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let opened: OpenRepository;
const CONTENTS = ['one', 'two', 'three'];
const blobs = CONTENTS.map((content) => objectId('blob', Buffer.from(content), 'sha1'));

beforeAll(async () => {
  repo = makeScratch();
  for (const content of CONTENTS) repo.git(['hash-object', '-w', '--stdin'], content);
  opened = await openRepository(repo.dir);
});
afterAll(async () => {
  await opened.dispose();
  repo.remove();
});

/** A directory as nested data: names to files or directories. */
type Node = { readonly mode: string; readonly id: Oid } | Dir;
interface Dir {
  readonly [name: string]: Node;
}

function isFile(node: Node): node is { readonly mode: string; readonly id: Oid } {
  return typeof node['mode'] === 'string';
}

/** Writes trees with `git mktree`, which sorts as git does. Names may hold anything but NUL and `/`. */
function writeTree(dir: Dir): Oid {
  const entries = Object.entries(dir).map(([name, node]) => {
    const bytes = Buffer.from(name, 'latin1');
    if (isFile(node)) {
      const type = node.mode === '160000' ? 'commit' : 'blob';
      return Buffer.concat([Buffer.from(`${node.mode} ${type} ${node.id}\t`), bytes, Buffer.from([0])]);
    }
    return Buffer.concat([Buffer.from(`040000 tree ${writeTree(node)}\t`), bytes, Buffer.from([0])]);
  });
  return oid(repo.git(['mktree', '-z', '--missing'], Buffer.concat(entries)));
}

/** A submodule's commit is never here. */
function file(index = 0, mode = '100644'): Node {
  const blob = mode === '160000' ? undefined : blobs[index];
  return { mode, id: blob ?? oid(String(index + 1).repeat(40)) };
}

/** `:oldmode newmode oldid newid status NUL path NUL`*, as git-diff-tree(1) describes the raw format with `-z`. */
function askGit(before: Oid, after: Oid): string[] {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--ignore-submodules=none'];
  const parts = repo
    .gitBytes([...args, before, after])
    .toString('latin1')
    .split('\0');
  const found: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode, newMode, oldId, newId] = (parts[at] ?? '').slice(1).split(' ');
    found.push(`${oldMode ?? ''} ${newMode ?? ''} ${oldId ?? ''} ${newId ?? ''} ${parts[at + 1] ?? ''}`);
  }
  return found;
}

function show({ path, before, after }: ChangedFile): string {
  const zero = '0'.repeat(40);
  const name = Buffer.from(path).toString('latin1');
  return `${before?.mode ?? '000000'} ${after?.mode ?? '000000'} ${before?.id ?? zero} ${after?.id ?? zero} ${name}`;
}

/** git lists a file that became a directory as a removal and additions, too; only its order may differ from bytes. */
function byPath(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a.slice(96), 'latin1'), Buffer.from(b.slice(96), 'latin1'));
}

const name = fc.constantFrom(
  'a',
  'A',
  'b',
  'a-b',
  'a.b',
  'a0',
  'lib',
  'lib.nix',
  '\x01',
  'new\nline',
  ' ',
  '"',
  'ä'.normalize('NFC'),
  '\xc3\xa4',
  '\xff\xfe',
  '\xe2\x80\xa8',
);
const leaf = fc.record({
  mode: fc.constantFrom('100644', '100755', '120000', '160000'),
  id: fc.constantFrom(0, 1, 2).map((index) => index),
});
const { tree } = fc.letrec<{ tree: DirSeed; node: DirSeed | { mode: string; id: number } }>((tie) => ({
  tree: fc.dictionary(name, tie('node'), { maxKeys: 6 }),
  node: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie('tree')),
}));
interface DirSeed {
  readonly [name: string]: DirSeed | { mode: string; id: number };
}

function plant(seed: DirSeed): Dir {
  const dir: Record<string, Node> = {};
  for (const [key, value] of Object.entries(seed)) {
    const { mode, id } = value;
    if (typeof mode === 'string' && typeof id === 'number') dir[key] = file(id, mode);
    else {
      const below = plant(value as DirSeed);
      if (Object.keys(below).length > 0) dir[key] = below;
    }
  }
  return dir;
}

describe('against git diff-tree', () => {
  test('random trees: files, modes, symlinks, submodules, files that become directories, odd names', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (one, two) => {
        const before = writeTree(plant(one));
        const after = writeTree(plant(two));
        const diff = await opened.repository.diffTrees(before, after, 10_000);
        expect(diff.files.map(show)).toEqual(askGit(before, after).sort(byPath));
        const backwards = await opened.repository.diffTrees(after, before, 10_000);
        expect(
          backwards.files.map((change) => show({ ...change, before: change.after, after: change.before })),
        ).toEqual(diff.files.map(show));
      }),
      { numRuns: 60 },
    );
  });

  test('nothing against something, and something against itself', async () => {
    const dir = writeTree({ d: { e: { f: file() } }, z: file(1, '120000') });
    const empty = writeTree({});
    const diff = await opened.repository.diffTrees(null, dir, 10);
    expect(diff.files.map(show)).toEqual(askGit(empty, dir));
    expect(diff.files.map(({ path }) => text(path))).toEqual(['d/e/f', 'z']);
    expect(await opened.repository.diffTrees(dir, dir, 0)).toEqual({ files: [], twins: [] });
  });

  test('order is that of whole paths as bytes, not that of trees', async () => {
    const dir = writeTree({ a: { x: file() }, 'a-b': file(), 'a.b': file(), a0: file(), '\xff': file() });
    const { files } = await opened.repository.diffTrees(null, dir, 10);
    expect(files.map(({ path }) => Buffer.from(path).toString('latin1'))).toEqual([
      'a-b',
      'a.b',
      'a/x',
      'a0',
      '\xff',
    ]);
  });
});

describe('twins after case folding (attack 55)', () => {
  const utf8 = (name: string): string => Buffer.from(name).toString('latin1');
  async function twins(before: Dir, after: Dir): Promise<string[]> {
    const diff = await opened.repository.diffTrees(writeTree(before), writeTree(after), 100);
    return diff.twins.map(({ path, twin }) => `${text(path)} ~ ${text(twin)}`);
  }

  test.each([
    [
      'an added file next to an old one',
      { readme: file() },
      { readme: file(), README: file(1) },
      ['README ~ readme'],
    ],
    ['a changed file', { a: file(), A: file() }, { a: file(1), A: file() }, ['a ~ A']],
    [
      'not where nothing there changed',
      { a: file(), A: file(), b: file() },
      { a: file(), A: file(), b: file(1) },
      [],
    ],
    ['both added', {}, { a: file(), A: file() }, ['A ~ a', 'a ~ A']],
    ['not where the other one went', { a: file() }, { A: file() }, []],
    ['deep down', { d: { e: { f: file() } } }, { d: { e: { f: file(), F: file() } } }, ['d/e/F ~ d/e/f']],
    [
      'directories',
      { lib: { x: file() } },
      { lib: { x: file() }, Lib: { b: { c: file() }, y: file() } },
      ['Lib/b/c ~ lib'],
    ],
    ['a file and a directory', { lib: { x: file() } }, { lib: { x: file() }, LIB: file() }, ['LIB ~ lib']],
    [
      'not a directory that only lost files',
      { a: { x: file(), y: file() }, A: { z: file() } },
      { a: { x: file() }, A: { z: file() } },
      [],
    ],
    [
      'sharp s',
      { [utf8('straße')]: file() },
      { [utf8('straße')]: file(), STRASSE: file() },
      ['STRASSE ~ straße'],
    ],
    [
      'the kelvin sign',
      { keys: file() },
      { keys: file(), [utf8('\u212aeys')]: file() },
      ['\u212aeys ~ keys'],
    ],
    [
      'composed and decomposed',
      { [utf8('\u00e4')]: file() },
      { [utf8('\u00e4')]: file(), [utf8('a\u0308')]: file() },
      ['a\u0308 ~ \u00e4'],
    ],
    ['not one that only starts alike', { a: file() }, { a: file(), ab: file() }, []],
  ] as const satisfies readonly (readonly [string, Dir, Dir, readonly string[]])[])(
    '%s',
    async (_, before, after, expected) => {
      expect(await twins(before, after)).toEqual(expected);
    },
  );

  test('bytes that are not UTF-8 fold by ASCII', async () => {
    const diff = await opened.repository.diffTrees(
      null,
      writeTree({ 'a\xff': file(), 'A\xff': file(), 'a\xfe': file() }),
      10,
    );
    expect(diff.twins).toHaveLength(2);
  });
});

describe('limits (attacks 10, 40)', () => {
  test('exactly as many files as allowed', async () => {
    const dir = writeTree({ a: file(), b: file(), c: { d: file() } });
    expect((await opened.repository.diffTrees(null, dir, 3)).files).toHaveLength(3);
    await expect(opened.repository.diffTrees(null, dir, 2)).rejects.toMatchObject({
      code: 'list-cut',
      passing: false,
    });
  });

  test('256 levels and no more', async () => {
    const nest = (depth: number): Oid => {
      let id = writeTree({ f: file() });
      for (let level = 1; level < depth; level += 1) {
        id = oid(repo.git(['mktree'], `040000 tree ${id}\td\n`));
      }
      return id;
    };
    expect((await opened.repository.diffTrees(null, nest(256), 10)).files).toHaveLength(1);
    await expect(opened.repository.diffTrees(null, nest(257), 10)).rejects.toMatchObject({
      code: 'list-cut',
    });
  });

  test('a bomb of trees that hold no file at all', async () => {
    let id = oid(repo.git(['mktree'], ''));
    for (let level = 0; level < 12; level += 1) {
      const entries = 'a b c d e f g h i j'
        .split(' ')
        .map((letter) => `040000 tree ${id}\t${letter}\n`)
        .join('');
      id = oid(repo.git(['mktree'], entries));
    }
    await expect(opened.repository.diffTrees(null, id, 10)).rejects.toMatchObject({ code: 'list-cut' });
  });

  test('a tree that git tolerates and we do not', async () => {
    const body = Buffer.concat([Buffer.from('100664 a\0'), Buffer.from(blobs[0] ?? '', 'hex')]);
    const odd = oid(repo.git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], body));
    await expect(opened.repository.diffTrees(null, odd, 10)).rejects.toMatchObject({
      code: 'object-forged',
      message: expect.stringContaining('malformed') as string,
    });
  });
});
