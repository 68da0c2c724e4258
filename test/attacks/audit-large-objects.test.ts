import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { encodeTree } from '../../src/core/object/tree.ts';
import { matchesBelow, parsePattern } from '../../src/core/policy/pattern.ts';
import { Unreadable, type Repository } from '../../src/gather/ports.ts';
import { until } from '../../src/gather/until.ts';
import { diffTrees } from '../../src/git/diff.ts';
import { openObjects, type ObjectReader } from '../../src/git/objects.ts';
import { openRepository } from '../../src/git/reader.ts';
import { keepingTrees } from '../../src/git/trees.ts';
import { makeScratch, oid, type Scratch } from '../git/scratch.ts';

let scratch: Scratch;
let first: Oid;
beforeAll(() => {
  scratch = makeScratch();
  scratch.write('a', 'a');
  first = scratch.commit('first');
});
afterAll(() => {
  scratch.remove();
});

const put = (type: string, bytes: Uint8Array): Oid =>
  oid(scratch.git(['hash-object', '-w', '-t', type, '--literally', '--stdin'], bytes));

describe('row 40: what is small in a pack may be large', () => {
  test('a path longer than a call takes arguments matches or does not', () => {
    const path = Buffer.alloc(300_000, 'x');
    expect(matchesBelow(parsePattern('lib/**'), path)).toBe(false);
    expect(matchesBelow(parsePattern('**'), path)).toBe(true);
  });

  test.each([
    ['as it is', (objects: ObjectReader) => objects],
    ['with trees kept', keepingTrees],
  ])('of hundreds of folders that differ a few are held at one time, %s', async (_what, over) => {
    const folders = (text: string): Oid => {
      const blob = put('blob', Buffer.from(text));
      const entries = Array.from({ length: 300 }, (_none, index) => {
        const name = Buffer.from(`f${index + 100}`);
        const file = { mode: '100644' as const, name, id: blob };
        return { mode: '40000' as const, name, id: put('tree', encodeTree([file])) };
      });
      return put('tree', encodeTree(entries));
    };
    const [before, after] = [folders('1'), folders('2')];
    const real = openObjects(`${scratch.dir}/.git`, 'sha1');
    try {
      let most = 0;
      const counted: ObjectReader = {
        ...real,
        readObjects(ids, type, maxBytes) {
          most = Math.max(most, ids.length);
          return real.readObjects(ids, type, maxBytes);
        },
      };
      const { files } = await diffTrees(over(counted), before, after, 1000);
      expect(files).toHaveLength(300);
      expect(most).toBeLessThanOrEqual(16);
    } finally {
      await real.dispose();
    }
  });

  test('a policy of more than 16 MiB is not read, however few blobs it is made of', async () => {
    const blob = put('blob', Buffer.alloc(1024 * 1024, 'k'));
    const keys = Array.from({ length: 20 }, (_, index) => ({
      mode: '100644' as const,
      name: Buffer.from(`${index + 10}.asc`),
      id: blob,
    }));
    const folder = (name: string, id: Oid): Oid =>
      put('tree', encodeTree([{ mode: '40000', name: Buffer.from(name), id }]));
    const tree = folder('.countersign', folder('keys', put('tree', encodeTree(keys))));
    const opened = await openRepository(scratch.dir);
    try {
      await expect(opened.repository.readPolicyFolder(tree)).rejects.toMatchObject({ code: 'list-cut' });
    } finally {
      await opened.dispose();
    }
  });

  test('a parent that a commit names a thousand times is held once', async () => {
    const raw = Buffer.from(
      `tree ${scratch.id('HEAD^{tree}')}\n${`parent ${first}\n`.repeat(1000)}author a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n`,
    );
    const head = put('commit', raw);
    const opened = await openRepository(scratch.dir);
    try {
      const line = await opened.line(first, head);
      expect(line?.steps).toEqual([head]);
      expect(await line?.repository.mergeBases(first, head)).toEqual([first]);
    } finally {
      await opened.dispose();
    }
  });

  test('a commit above 1 MiB ends the reading by its own name, not as a forgery', async () => {
    const raw = Buffer.from(
      `tree ${scratch.id('HEAD^{tree}')}\nparent ${first}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n${'x'.repeat(1 << 20)}\n`,
    );
    const head = put('commit', raw);
    const opened = await openRepository(scratch.dir);
    try {
      await expect(opened.line(first, head)).rejects.toMatchObject({
        code: 'list-cut',
        message: expect.stringContaining(head) as string,
      });
    } finally {
      await opened.dispose();
    }
  });

  test('what was begun behind a step that ended the walk is not gone on with', async () => {
    let over = false;
    const opened = await openRepository(scratch.dir);
    try {
      const port = until(() => over, opened.repository);
      expect(await port.readCommits([first])).toHaveLength(1);
      over = true;
      const asked: Record<keyof Repository, () => Promise<unknown>> = {
        readCommits: () => port.readCommits([first]),
        listCommits: () => port.listCommits(first, first, 1),
        mergeBases: () => port.mergeBases(first, first),
        isReachable: () => port.isReachable(first, first),
        firstParents: () => port.firstParents(first, first, 1),
        diffTrees: () => port.diffTrees(null, scratch.id('HEAD^{tree}'), 1),
        readPolicyFolder: () => port.readPolicyFolder(scratch.id('HEAD^{tree}')),
        contentHashes: () => port.contentHashes([]),
        mergeCommits: () => port.mergeCommits(first, first, []),
        obtain: () => port.obtain([first]),
        findRepeats: () => port.findRepeats(first, []),
      };
      for (const ask of Object.values(asked)) await expect(ask()).rejects.toBeInstanceOf(Unreadable);
    } finally {
      await opened.dispose();
    }
  });
});
