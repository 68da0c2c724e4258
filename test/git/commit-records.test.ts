import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { Unreadable } from '../../src/gather/ports.ts';
import { commitRecords } from '../../src/git/commit-records.ts';
import type { StoredCommit } from '../../src/git/commit-records.ts';

const MAX = 1000;
const PARENTS = `${'2'.repeat(40)} ${'3'.repeat(40)}`;

function answer(...contents: readonly Uint8Array[]): Buffer {
  const parts = contents.map((raw) =>
    Buffer.concat([
      Buffer.from(`${objectId('commit', raw, 'sha1')} commit ${raw.length} ${PARENTS}\n`),
      raw,
      Buffer.from('\n'),
    ]),
  );
  return Buffer.concat(parts);
}

/** Reads `bytes` in pieces that end at these places. */
function read(bytes: Buffer, cuts: readonly number[]): { found: StoredCommit[]; open: boolean } {
  const records = commitRecords('sha1', MAX);
  const found: StoredCommit[] = [];
  let from = 0;
  for (const cut of [...cuts.filter((one) => one < bytes.length).sort((a, b) => a - b), bytes.length]) {
    if (cut > from) found.push(...records.take(bytes.subarray(from, cut)));
    from = cut;
  }
  return { found, open: records.open() };
}

describe('the answer of cat-file', () => {
  test('is read the same however it is cut into pieces', () => {
    const commits = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
    fc.assert(
      fc.property(commits, fc.array(fc.nat(1500), { maxLength: 12 }), (contents, cuts) => {
        const { found, open } = read(answer(...contents), cuts);
        expect(open).toBe(false);
        expect(found.map(({ raw }) => Buffer.from(raw).toString('hex'))).toEqual(
          contents.map((raw) => Buffer.from(raw).toString('hex')),
        );
        expect(found.map(({ id }) => id)).toEqual(contents.map((raw) => objectId('commit', raw, 'sha1')));
        expect(found.every(({ listedParents }) => listedParents === PARENTS)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps of a commit that is too large no more than tells so', () => {
    const bytes = answer(new Uint8Array(5 * MAX), Buffer.from('next'));
    for (const cuts of [[], [100], [100, 2000, 4000], [5 * MAX + 131, 5 * MAX + 132, 5 * MAX + 133]]) {
      const { found, open } = read(bytes, cuts);
      expect(found.map(({ raw }) => raw.length)).toEqual([MAX + 1, 4]);
      expect(open).toBe(false);
    }
  });

  test('that ends within a commit is told', () => {
    const bytes = answer(Buffer.from('a commit'));
    for (let length = 1; length < bytes.length; length += 1) {
      expect(read(bytes.subarray(0, length), []).open).toBe(true);
    }
  });

  const id = '1'.repeat(40);
  test.each([
    ['a missing commit', `${id} missing\n`, 'object-missing'],
    ['another type', `${id} tree 0\n\n`, 'git-failed'],
    ['an id of the other format', `${'1'.repeat(64)} commit 0 \n\n`, 'git-failed'],
    ['no line end after the bytes', `${id} commit 1 \nxx\n`, 'git-failed'],
    ['no line end after the bytes, in the next piece', `${id} commit 300 \n${'x'.repeat(302)}`, 'git-failed'],
    ['an endless line', 'x'.repeat(70_000), 'git-failed'],
    ['no parents after the size', `${id} commit 0\n\n`, 'git-failed'],
    ['a missing name', 'HEAD missing\n', 'git-failed'],
  ])('is refused for %s', (_what, text, code) => {
    for (const cuts of [[], [200], [20, 50]]) {
      expect(() => read(Buffer.from(text), cuts)).toThrow(Unreadable);
      expect(() => read(Buffer.from(text), cuts)).toThrow(expect.objectContaining({ code }));
    }
  });
});
