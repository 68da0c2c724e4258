import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { Unreadable } from '../../src/gather/ports.ts';
import { openObjects, type ObjectReader } from '../../src/git/objects.ts';
import { narHash, narOf } from '../../src/nix/nar.ts';
import { TREE_LIMITS, type TreeLimits } from '../../src/nix/source.ts';
import { forgeObject, makeScratch, oid, type Scratch } from '../git/scratch.ts';
import { runs } from '../properties/runs.ts';
import { hasNix, openNix, sayWithoutNix, type Nix } from './nix.ts';
import {
  checkOut,
  commitTree,
  file,
  folder,
  link,
  program,
  submodule,
  writeTree,
  type Made,
} from './trees.ts';

sayWithoutNix('the comparison of NAR hashes');

const TREES: Readonly<Record<string, Readonly<Record<string, Made>>>> = {
  'one empty file': { a: file() },
  'padding of each length': Object.fromEntries(
    Array.from({ length: 17 }, (_, length) => [`f${'x'.repeat(length)}`, file('y'.repeat(length))]),
  ),
  'programs and links': {
    run: program('#!/bin/sh\n'),
    here: link('run'),
    dangling: link('../../nowhere/at/all'),
    absolute: link('/etc/passwd'),
    empty: program(''),
  },
  'bytes that are no UTF-8': {
    'caf\xe9': file('\xff\xfe\0'),
    '\xff\xfe': folder({ '\x80': link('\xc3\x28/\x80'), '\xc3\xa9': file('é') }),
    'new\nline': file('"quoted" $name'),
  },
  'names that git sorts otherwise': {
    a: folder({ x: file('1') }),
    'a-b': file('2'),
    'a.b': file('3'),
    a0: file('4'),
    'a b': folder({ y: file('5') }),
    A: file('6'),
    lib: folder({ z: file('7') }),
    'lib.nix': file('8'),
    'lib-': folder({ z: file('9') }),
  },
  'a submodule beside others': {
    module: submodule,
    'module.txt': file('x'),
    z: folder({ inner: submodule }),
  },
  'the same content in many places': {
    one: folder({ x: file('same'), y: program('same') }),
    two: folder({ x: file('same'), y: program('same') }),
    three: folder({ one: folder({ x: file('same'), y: program('same') }) }),
  },
  'more files than one batch': {
    many: folder(
      Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`f${index}`, file(`${index}`)])),
    ),
    links: folder(
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`l${index}`, link(`${index}`)])),
    ),
    folders: folder(
      Object.fromEntries(Array.from({ length: 1050 }, (_, index) => [`d${index}`, folder({ x: file('x') })])),
    ),
  },
  '10 MB among small ones': {
    a: file('a'),
    big: file(new Uint8Array(10_000_003).fill(7)),
    other: file(new Uint8Array(10_000_000).fill(9)),
    z: file('z'),
  },
  'deep nesting': {
    d: Array.from({ length: 120 }).reduce<Made>((inner) => folder({ d: inner }), file('deep')),
  },
};

describe.skipIf(!hasNix)('nix itself', () => {
  let nix: Nix;
  beforeAll(() => {
    nix = openNix();
  });
  afterAll(() => {
    nix.remove();
  });

  describe.each(['sha1', 'sha256'] as const)('for a %s repository', (format) => {
    const stage = useStage(format);
    test.each(Object.keys(TREES))('finds the same hash: %s', async (name) => {
      const { repo, objects } = stage();
      const tree = writeTree(repo, TREES[name] ?? {});
      const path = checkOut(repo, tree, `out-${Object.keys(TREES).indexOf(name)}`);
      expect(await narHash(tree, objects)).toBe(nix.hashPath(path));
    });
  });

  describe('fetching it with git', () => {
    const stage = useStage('sha1');
    test.each(['a submodule beside others', 'programs and links', 'names that git sorts otherwise'])(
      'finds the same hash: %s',
      async (name) => {
        const { repo, objects } = stage();
        const tree = writeTree(repo, TREES[name] ?? {});
        const rev = commitTree(repo, tree);
        repo.git(['update-ref', 'refs/heads/fetched', rev]);
        const fetch = `{ url = "file://${repo.dir}"; ref = "fetched"; rev = "${rev}"; }`;
        expect(nix.evaluate(`(builtins.fetchGit ${fetch}).narHash`)).toBe(await narHash(tree, objects));
      },
    );
  });

  describe('and any tree', () => {
    const stage = useStage('sha1');
    const byte = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 0x2f);
    const name = fc
      .array(fc.oneof(fc.constantFrom(...Buffer.from('ab.-_0~ ')), byte), { minLength: 1, maxLength: 6 })
      .map((codes) => Buffer.from(codes).toString('latin1'))
      .filter((text) => !['.', '..'].includes(text) && !/^\.git$/i.test(text));
    const bytes = fc.uint8Array({ maxLength: 40 });
    const target = fc
      .array(byte, { minLength: 1, maxLength: 20 })
      .map((codes) => Buffer.from(codes).toString('latin1'));
    const { made } = fc.letrec<{ made: Made; entries: Record<string, Made> }>((tie) => ({
      made: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        bytes.map((content): Made => file(content)),
        bytes.map((content): Made => ({ kind: 'program', bytes: content })),
        target.map(link),
        fc.constant(submodule),
        tie('entries').map(folder),
      ),
      // git leaves no trace of an empty directory when it checks out.
      entries: fc.dictionary(name, tie('made'), { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
    }));
    let count = 0;

    test('hashes alike', async () => {
      const { repo, objects } = stage();
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, made, { minKeys: 1, maxKeys: 8 }), async (entries) => {
          const tree = writeTree(repo, entries);
          const path = checkOut(repo, tree, `any-${(count += 1)}`);
          expect(await narHash(tree, objects)).toBe(nix.hashPath(path));
        }),
        runs(40),
      );
    });
  });
});

describe('a NAR', () => {
  const stage = useStage('sha1');

  test('has the hash that nix once gave', async () => {
    const { repo, objects } = stage();
    const tree = writeTree(repo, { a: file('a\n'), l: link('x') });
    expect(await narHash(tree, objects)).toBe('sha256-/eDNx4f18bt41t8qiIBAiSYhcQAsUHOrsMDeyXvps9U=');
  });

  test('of an empty tree and of empty directories is written out', async () => {
    const { repo, objects } = stage();
    const empty = writeTree(repo, {});
    const text = Buffer.concat(await pieces(empty, objects)).toString('latin1');
    expect(text.replaceAll(/[^ -~]+/g, ' ').trim()).toBe('nix-archive-1 ( type directory )');
    expect(await narHash(writeTree(repo, { d: folder() }), objects)).not.toBe(await narHash(empty, objects));
    expect(await narHash(writeTree(repo, { d: folder() }), objects)).toBe(
      await narHash(writeTree(repo, { d: submodule }), objects),
    );
  });

  test('in pieces is what is hashed', async () => {
    const { repo, objects } = stage();
    const tree = writeTree(repo, TREES['programs and links'] ?? {});
    const hash = createHash('sha256');
    for (const piece of await pieces(tree, objects)) hash.update(piece);
    expect(await narHash(tree, objects)).toBe(`sha256-${hash.digest('base64')}`);
  });

  test('is never made of objects that are forged, missing or of another type', async () => {
    const { repo, objects } = stage();
    const tree = writeTree(repo, { a: file('to be forged') });
    const blob = writeTree(repo, { a: file('to be forged') }) === tree ? repo.id(`${tree}:a`) : tree;
    forgeObject(repo, blob, 'blob', 'TO BE FORGED');
    await expect(codeOf(narHash(tree, objects))).resolves.toBe('object-forged');
    await expect(codeOf(narHash(repo.id('HEAD'), objects))).resolves.toBe('object-missing');
    const missing = repo.git(['mktree', '--missing'], `100644 blob ${'2'.repeat(40)}\ta\n`);
    await expect(codeOf(narHash(oid(missing), objects))).resolves.toBe('object-missing');
    const folderless = repo.git(['mktree', '--missing'], `040000 tree ${'2'.repeat(40)}\ta\n`);
    await expect(codeOf(narHash(oid(folderless), objects))).resolves.toBe('object-missing');
  });

  test('is never made of a tree that programs read in several ways', async () => {
    const { repo, objects } = stage();
    const id = Buffer.from(writeTree(repo, {}), 'hex');
    const raw = (names: readonly string[]): Oid => {
      const entries = names.flatMap((name) => [Buffer.from(`40000 ${name}\0`), id]);
      return oid(
        repo.git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], Buffer.concat(entries)),
      );
    };
    for (const names of [['b', 'a'], ['a', 'a'], ['..'], ['.git'], ['a/b']]) {
      await expect(codeOf(narHash(raw(names), objects))).resolves.toBe('object-forged');
    }
  });

  test('has bounds: entries, depth, bytes of a file and of all', async () => {
    const { repo, objects } = stage();
    const tree = writeTree(repo, { a: file('12345'), b: folder({ c: folder({ d: file('67890') }) }) });
    const within = { entries: 4, depth: 2, fileBytes: 5, totalBytes: 10 };
    const code = (limits: TreeLimits) => codeOf(narHash(tree, objects, limits));
    expect(await code(within)).toBe('done');
    for (const name of ['entries', 'depth', 'fileBytes', 'totalBytes'] as const) {
      expect(await code({ ...within, [name]: within[name] - 1 })).toBe('list-cut');
    }
  });

  test('of a few objects that spell out a billion files is refused', async () => {
    const { repo, objects } = stage();
    let tree = writeTree(repo, { f: file('bomb') });
    for (let level = 0; level < 30; level += 1) {
      tree = oid(repo.git(['mktree'], `040000 tree ${tree}\ta\n040000 tree ${tree}\tb\n`));
    }
    expect(await codeOf(narHash(tree, objects, { ...TREE_LIMITS, entries: 20_000 }))).toBe('list-cut');
    expect(await codeOf(narHash(tree, objects, { ...TREE_LIMITS, totalBytes: 20_000 }))).toBe('list-cut');
  });
});

interface Stage {
  readonly repo: Scratch;
  readonly objects: ObjectReader;
}

function useStage(format: 'sha1' | 'sha256'): () => Stage {
  let stage: Stage | null = null;
  beforeAll(() => {
    const repo = makeScratch({ format });
    repo.commit('first');
    stage = { repo, objects: openObjects(`${repo.dir}/.git`, format) };
  });
  afterAll(async () => {
    await stage?.objects.dispose();
    stage?.repo.remove();
  });
  return () => {
    if (stage === null) throw new Error('the stage is not set');
    return stage;
  };
}

async function pieces(tree: Oid, objects: ObjectReader): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const piece of narOf(tree, objects)) found.push(Uint8Array.from(piece));
  return found;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Unreadable) return error.code;
    throw error;
  }
}
