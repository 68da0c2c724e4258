import { expect, test } from 'vitest';
import { MAX_COMMIT_BYTES } from '../../src/core/object/commit.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { commitRecords } from '../../src/git/commit-records.ts';
import { streamCommits } from '../../src/git/commit-stream.ts';
import { join } from 'node:path';
import { makeScratch, oid, type Scratch } from './scratch.ts';

const ID = '1'.repeat(40);
const PARENT = '2'.repeat(40);

function header(parents: number): Buffer {
  return Buffer.from(`${ID} commit 4 ${Array.from({ length: parents }, () => PARENT).join(' ')}\n`);
}

/** Reads in pieces of this many bytes. */
function readAll(bytes: Buffer, piece: number): readonly number[] {
  const records = commitRecords('sha1', MAX_COMMIT_BYTES);
  const counts: number[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    for (const { listedParents } of records.take(bytes.subarray(at, at + piece))) {
      counts.push(listedParents.split(' ').length);
    }
  }
  expect(records.open()).toBe(false);
  return counts;
}

test.each([1, 7, 4096, 65_536, 1 << 24])(
  'lists of parents as long as a commit has room for, %i bytes each',
  (piece) => {
    const body = Buffer.from('none\n');
    const short = piece === 1 ? 2000 : 21_000;
    const bytes = Buffer.concat([header(short), body, header(1), body, header(short), body]);
    expect(readAll(bytes, piece)).toEqual([short, 1, short]);
  },
);

test.each([4096, 1 << 24])('a longer list is told by the name of its commit, %i bytes each', (piece) => {
  expect(() => readAll(header(30_000), piece)).toThrow(
    expect.objectContaining({
      code: 'list-cut',
      message: `commit \`${ID}\` names more parents than fit into ${MAX_COMMIT_BYTES} bytes`,
    }),
  );
});

test('long lists are bounded together', () => {
  const records = commitRecords('sha1', MAX_COMMIT_BYTES);
  const one = Buffer.concat([header(20_000), Buffer.from('none\n')]);
  let taken = 0;
  const takeAll = (): void => {
    for (; taken < 200; taken += 1) records.take(one);
  };
  expect(takeAll).toThrow(expect.objectContaining({ code: 'list-cut' }));
  expect(taken).toBeGreaterThan(50);
});

/** A commit of the first one's tree that names it as a parent so many times. */
function octopus(repo: Scratch, first: Oid, parents: number): Oid {
  const who = 'mallory <mallory@example.org> 1700000000 +0000';
  const lines = `parent ${first}\n`.repeat(parents);
  const text = `tree ${repo.id('HEAD^{tree}')}\n${lines}author ${who}\ncommitter ${who}\n\nmany\n`;
  return oid(repo.git(['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'], text));
}

test('git lists a commit with 20,000 parent lines, and what lies above it', async () => {
  const repo = makeScratch();
  try {
    const first = repo.commit('first');
    const many = octopus(repo, first, 20_000);
    const top = octopus(repo, many, 1);
    const source = { gitDir: join(repo.dir, '.git'), format: 'sha1', shallow: null } as const;
    const found: string[] = [];
    for await (const chunk of streamCommits(source, { revisions: [top, `^${first}`], maxCount: null })) {
      found.push(...chunk.map(({ id }) => id));
    }
    expect(found).toEqual([top, many]);
  } finally {
    repo.remove();
  }
});
