import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { HEAD_FOLDERS } from '../../src/core/statement/ledger.ts';
import { oid } from '../git/scratch.ts';
import type { Built } from '../histories/build.ts';
import { honest } from '../histories/honest.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const FOLDERS = [...HEAD_FOLDERS, 'revoke'];
const HEADS = 120_000;
const MIB = 1 << 20;
const PROGRAM = resolve(import.meta.dirname, '../../src/cli/main.ts');

interface Told {
  /** `null` where a signal ended it, as running out of memory does. */
  readonly code: number | null;
  readonly said: string;
}

/** The real program with little memory: a list that is made into objects does not fit. */
function verify(built: Built): Told {
  const args = ['verify', '--repository', built.dir, '--introduction', built.at(0), '--branch', 'master'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=128', '--disable-warning=ExperimentalWarning', PROGRAM, ...args],
    { env: { PATH: process.env['PATH'], HOME: user.home }, encoding: 'utf8' },
  );
  return { code: status, said: stdout + stderr };
}

function put(built: Built, tree: Uint8Array): Oid {
  return oid(built.git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], tree));
}

/** A list of many folders, all of them the same one. */
function manyHeads(built: Built, folder: Oid): Oid {
  const parts = [];
  for (let index = 0; index < HEADS; index += 1) {
    parts.push(Buffer.from(`40000 ${index + 1_000_000}\0`), Buffer.from(folder, 'hex'));
  }
  return put(built, Buffer.concat(parts));
}

/** A tree of files with long names. */
function longNames(letter: string, bytes: number): Uint8Array {
  const one = `100644 ${letter.repeat(4000)}`;
  const names = Array.from({ length: Math.floor(bytes / one.length) }, (_, index) => String(index + 100_000));
  return Buffer.concat(names.map((name) => Buffer.from(`${one}${name}\0${'i'.repeat(20)}`)));
}

/** A commit on top of the ledger, or the first of one, that has these folders and nothing else. */
function grow(built: Built, parent: Oid | null, folders: readonly (readonly [string, Oid])[]): Oid {
  const lines = folders.map(([name, id]) => `040000 tree ${id}\t${name}\n`);
  const tree = built.git(['mktree'], lines.join(''));
  const who = ['-c', 'user.name=mallory', '-c', 'user.email=mallory@example.org'];
  const parents = parent === null ? [] : ['-p', parent];
  const grown = oid(built.git([...who, 'commit-tree', '-m', 'grown', ...parents, tree]));
  built.ledger.set(grown);
  return grown;
}

test('row 63: a ledger whose folders are all one huge list costs the memory of one, each time', () => {
  const built = user.build({ ...honest('introduction-alone') });
  const empty = put(built, new Uint8Array());
  const list = manyHeads(built, empty);
  const folders = FOLDERS.map((name) => [name, list] as const);
  const first = grow(built, null, folders);
  expect(verify(built)).toMatchObject({ code: 0 });
  const second = grow(built, first, folders);
  expect(verify(built)).toMatchObject({ code: 0 });
  // Every folder in it is another one than what was seen.
  const other = manyHeads(
    built,
    put(built, Buffer.concat([Buffer.from('40000 a\0'), Buffer.from(empty, 'hex')])),
  );
  grow(
    built,
    second,
    FOLDERS.map((name) => [name, other] as const),
  );
  expect(verify(built)).toEqual({
    code: 2,
    said: expect.stringContaining('more than 200000 folders of the ledger are gone or changed') as string,
  });
});

test('row 63: lists that take too much together are an error, and no selection', () => {
  const built = user.build({ ...honest('introduction-alone') });
  const lists = ['a', 'b', 'c'].map((letter) => put(built, longNames(letter, 43 * MIB)));
  const folders = lists.map((id, index) => [FOLDERS[index] ?? '', id] as const);
  const two = grow(built, null, folders.slice(0, 2));
  expect(verify(built)).toMatchObject({ code: 0 });
  grow(built, two, folders);
  expect(verify(built)).toEqual({
    code: 2,
    said: expect.stringContaining('the ledger holds more than 134217728 bytes of folders') as string,
  });
});
