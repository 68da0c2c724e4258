import { deflateSync } from 'node:zlib';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import { Unreadable } from '../../src/gather/ports.ts';
import { openCatFile, type CatFile } from '../../src/git/cat-file.ts';
import { makeScratch, oid, type Scratch } from './scratch.ts';

let repo: Scratch;
let git: CatFile;
beforeEach(() => {
  repo = makeScratch();
  git = openCatFile(join(repo.dir, '.git'));
});
afterEach(async () => {
  await git.dispose();
  repo.remove();
});

function put(content: string): Oid {
  return oid(repo.git(['hash-object', '-w', '--stdin'], content));
}

/** An object whose zlib stream ends too early: git dies when it gives the contents. */
function putCut(content: string): Oid {
  const bytes = Buffer.from(content);
  const id = objectId('blob', bytes, 'sha1');
  const path = join(repo.dir, '.git/objects', id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(path), { recursive: true });
  const whole = deflateSync(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));
  writeFileSync(path, whole.subarray(0, whole.length - 6));
  return id;
}

/** What came for a question, in the order in which it came, or how it was refused. */
async function ask(ids: readonly Oid[]): Promise<readonly string[] | Unreadable> {
  const said: string[] = [];
  try {
    await git.ask({
      command: 'contents',
      ids,
      maxBytes: 1000,
      header: (index, found) => {
        said[index] = found === null ? 'missing' : '';
      },
      chunk: (index, bytes) => {
        said[index] = (said[index] ?? '') + Buffer.from(bytes).toString();
      },
    });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return error;
  }
  return said;
}

const refused = expect.objectContaining({ code: 'git-failed' }) as Unreadable;

test('an object that is damaged fails only the question that it is in (row 57)', async () => {
  const [one, two, three, four] = ['one', 'two', 'three', 'four'].map(put) as [Oid, Oid, Oid, Oid];
  const cut = putCut('damaged '.repeat(20));
  const done: number[] = [];
  const questions = [[one], [two, cut, three], [three, four], [two]];
  const answers = await Promise.all(
    questions.map(async (ids, index) => {
      const answer = await ask(ids);
      done.push(index);
      return answer;
    }),
  );
  expect(answers).toEqual([['one'], refused, ['three', 'four'], ['two']]);
  expect(done).toEqual([0, 1, 2, 3]);
});

test('many damaged objects in a row, with honest questions among and behind them', async () => {
  const good = put('good');
  const questions = Array.from({ length: 24 }, (_, index) =>
    index % 3 === 2 ? good : putCut(`damaged ${index} `.repeat(20)),
  );
  const answers = await Promise.all(questions.map((id) => ask([id])));
  expect(answers).toEqual(questions.map((id) => (id === good ? ['good'] : refused)));
});

test('a store that is gone answers every question, and ends', async () => {
  const ids = Array.from({ length: 5 }, (_, index) => put(`${index}`));
  rmSync(join(repo.dir, '.git/HEAD'));
  expect(await Promise.all(ids.map((id) => ask([id])))).toEqual(ids.map(() => refused));
});

test('questions that would be asked again are refused once it is closed', async () => {
  const cut = putCut('damaged '.repeat(20));
  const open = [cut, put('one'), put('two')].map((id) => ask([id]));
  await git.dispose();
  expect(await Promise.all(open)).toEqual([refused, refused, refused]);
});
