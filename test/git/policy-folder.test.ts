import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository } from '../../src/git/reader.ts';
import type { OpenRepository } from '../../src/git/reader.ts';
import { makeScratch, oid, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let opened: OpenRepository;
beforeEach(async () => {
  repo = makeScratch();
  opened = await openRepository(repo.dir);
});
afterEach(async () => {
  await opened.dispose();
  repo.remove();
});

function blob(content: string | Uint8Array): Oid {
  return oid(repo.git(['hash-object', '-w', '--stdin'], content));
}

/** Lines of `git mktree`: `mode type id TAB name`. */
function tree(...entries: readonly (readonly [mode: string, id: Oid, name: string])[]): Oid {
  const rows = entries.map(([mode, id, name]) => {
    const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
    return `${mode} ${type} ${id}\t${name}\0`;
  });
  return oid(repo.git(['mktree', '-z', '--missing'], rows.join('')));
}

async function read(root: Oid): Promise<string[]> {
  const { entries } = await opened.repository.readPolicyFolder(root);
  return entries.map(
    ({ path, mode, bytes }) => `${text(path)} ${mode} ${bytes === null ? 'null' : text(bytes)}`,
  );
}

test('policy and keys, and nothing else', async () => {
  const x = blob('x');
  const keys = tree(
    ['100644', blob('A'), 'alice.asc'],
    ['100644', blob('B'), 'bob.asc'],
    ['040000', tree(['100644', x, 'deep']), 'dir'],
  );
  const folder = tree(
    ['100644', x, 'README'],
    ['040000', keys, 'keys'],
    ['100644', blob('P'), 'policy.yaml'],
  );
  expect(await read(tree(['040000', folder, '.countersign'], ['100644', x, 'policy.yaml']))).toEqual([
    '.countersign/policy.yaml 100644 P',
    '.countersign/keys/alice.asc 100644 A',
    '.countersign/keys/bob.asc 100644 B',
  ]);
});

test('nothing where there is no folder', async () => {
  expect(await read(tree())).toEqual([]);
  expect(await read(tree(['100644', blob('x'), '.countersign']))).toEqual([]);
  expect(await read(tree(['120000', blob('elsewhere'), '.countersign']))).toEqual([]);
  expect(await read(tree(['160000', oid('1'.repeat(40)), '.countersign']))).toEqual([]);
});

test('every spelling of the folder and of its files', async () => {
  const one = tree(['100644', blob('1'), 'POLICY.yaml'], ['100644', blob('2'), 'policy.yaml']);
  const two = tree(
    ['040000', tree(['100644', blob('3'), 'k']), 'Keys'],
    ['040000', tree(['100644', blob('4'), 'k']), '\u212aeys'],
  );
  expect(await read(tree(['040000', one, '.countersign'], ['040000', two, '.CounterSign']))).toEqual([
    '.countersign/POLICY.yaml 100644 1',
    '.countersign/policy.yaml 100644 2',
    '.CounterSign/Keys/k 100644 3',
    '.CounterSign/\u212aeys/k 100644 4',
  ]);
});

test('modes as they are, contents of regular files only', async () => {
  const x = blob('x');
  const keys = tree(['120000', x, 'link'], ['100755', x, 'run'], ['160000', oid('1'.repeat(40)), 'sub']);
  expect(
    await read(
      tree(['040000', tree(['040000', keys, 'keys'], ['120000', x, 'policy.yaml']), '.countersign']),
    ),
  ).toEqual([
    '.countersign/policy.yaml 120000 null',
    '.countersign/keys/link 120000 null',
    '.countersign/keys/run 100755 null',
    '.countersign/keys/sub 160000 null',
  ]);
  const odd = tree(['120000', x, 'keys'], ['040000', tree(['100644', x, 'f']), 'policy.yaml']);
  expect(await read(tree(['040000', odd, '.countersign']))).toEqual([
    '.countersign/policy.yaml 40000 null',
    '.countersign/keys 120000 null',
  ]);
});

test('files of 1 MiB and no more; a large one costs nothing (attack 40)', async () => {
  const mebibyte = 1024 * 1024;
  const keys = tree(
    ['100644', blob(Buffer.alloc(mebibyte, 'k')), 'fits'],
    ['100644', blob(Buffer.alloc(mebibyte + 1, 'k')), 'large'],
  );
  const root = tree([
    '040000',
    tree(['040000', keys, 'keys'], ['100644', blob(Buffer.alloc(100 * mebibyte)), 'policy.yaml']),
    '.countersign',
  ]);
  const { entries } = await opened.repository.readPolicyFolder(root);
  expect(entries.map(({ bytes }) => bytes?.length ?? null)).toEqual([null, mebibyte, null]);
});

test('512 files and no more', async () => {
  const x = blob('x');
  const build = (count: number): Oid => {
    const keys = tree(...Array.from({ length: count }, (_, index) => ['100644', x, `k${index}`] as const));
    return tree(['040000', tree(['040000', keys, 'keys']), '.countersign']);
  };
  expect((await opened.repository.readPolicyFolder(build(512))).entries).toHaveLength(512);
  await expect(opened.repository.readPolicyFolder(build(513))).rejects.toMatchObject({
    code: 'list-cut',
    passing: false,
  });
});

test('a tree or a file that is missing', async () => {
  const absent = oid('1'.repeat(40));
  await expect(opened.repository.readPolicyFolder(absent)).rejects.toMatchObject({ code: 'object-missing' });
  const root = tree(['040000', tree(['100644', absent, 'policy.yaml']), '.countersign']);
  await expect(opened.repository.readPolicyFolder(root)).rejects.toMatchObject({ code: 'object-missing' });
});
