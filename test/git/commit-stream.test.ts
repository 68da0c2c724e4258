import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import type { Oid } from '../../src/core/object/id.ts';
import type { StoredCommit } from '../../src/git/commit-records.ts';
import { openRepository } from '../../src/git/reader.ts';
import type { OpenRepository } from '../../src/git/reader.ts';
import { forgeObject, makeScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

async function all(stream: AsyncIterable<readonly StoredCommit[]>): Promise<StoredCommit[]> {
  const found: StoredCommit[] = [];
  for await (const piece of stream) found.push(...piece);
  return found;
}

describe.each(['sha1', 'sha256'] as const)('a %s repository', (format) => {
  let scratch: Scratch;
  let opened: OpenRepository;
  const commits: Oid[] = [];
  beforeAll(async () => {
    scratch = makeScratch({ format });
    for (let number = 0; number < 5; number += 1) commits.push(scratch.commit(`commit ${number}`));
    scratch.git(['tag', '-a', '-m', 'x', 'one', 'HEAD~1']);
    scratch.git(['tag', '-a', '-m', 'x', 'two', 'one']);
    opened = await openRepository(scratch.dir);
  });
  afterAll(async () => {
    await opened.dispose();
    scratch.remove();
  });

  test('gives its commits with their bytes in the order of git', async () => {
    const found = await all(opened.stream({ revisions: [commits[4] ?? ''], maxCount: null }));
    expect(found.map(({ id }) => id)).toEqual(scratch.git(['rev-list', 'HEAD']).split('\n'));
    for (const { id, raw } of found) expect(objectId('commit', raw, format)).toBe(id);
  });

  test('gives no more than are asked for, and counts them', async () => {
    const selection = { revisions: [commits[4] ?? '', `^${commits[0] ?? ''}`], maxCount: 3 };
    const found = await all(opened.stream(selection));
    expect(found.map(({ id }) => id)).toEqual([commits[4], commits[3], commits[2]]);
    expect(await opened.count(selection)).toBe(3);
    expect(await opened.count({ ...selection, maxCount: null })).toBe(4);
    expect(await all(opened.stream({ revisions: [], maxCount: null }))).toEqual([]);
  });

  test('peels tags, and nothing else', async () => {
    const ids = ['one', 'two', 'HEAD', 'HEAD^{tree}'].map((name) => scratch.id(name));
    expect(await opened.peel(ids)).toEqual([commits[3], commits[3], commits[4], null]);
    expect(await opened.peel([])).toEqual([]);
    await expect(opened.peel([objectId('commit', Buffer.from('x'), format)])).rejects.toMatchObject({
      code: 'object-missing',
    });
  });

  test('refuses a tag whose bytes do not have its id, or that is not written as git writes tags', async () => {
    const forged = scratch.id('one');
    const text = scratch.git(['cat-file', 'tag', 'one']);
    const object = scratch.id('HEAD');
    const odd = scratch.git(
      ['hash-object', '-w', '-t', 'tag', '--literally', '--stdin'],
      `object ${object}\ntype commit\ntag v\ntag w\n\nx`,
    );
    forgeObject(scratch, forged, 'tag', text.replace(/^object .*/, `object ${object}`));
    const again = await openRepository(scratch.dir);
    await expect(again.resolve('one')).rejects.toMatchObject({ code: 'object-forged' });
    await expect(again.resolve(odd)).rejects.toMatchObject({ code: 'object-forged' });
    await again.dispose();
  });

  test('gives other bytes under an id as they are: who hashes them sees it', async () => {
    const last = scratch.commit('to be forged');
    const text = scratch.git(['cat-file', 'commit', last]);
    forgeObject(scratch, last, 'commit', text.replace('forged', 'FORGED'));
    const again = await openRepository(scratch.dir);
    const [first] = await all(again.stream({ revisions: [last], maxCount: 1 }));
    await again.dispose();
    expect(first?.id).toBe(last);
    expect(objectId('commit', first?.raw ?? new Uint8Array(), format)).not.toBe(last);
  });

  test('leaves no git behind where nobody reads on', async () => {
    const children = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;
    // The handle of a process that has ended is closed in the next turn.
    await new Promise(setImmediate);
    const before = children();
    for await (const piece of opened.stream({ revisions: [commits[4] ?? ''], maxCount: null })) {
      expect(piece.length).toBeGreaterThan(0);
      expect(children()).toBeGreaterThan(before);
      break;
    }
    await expect.poll(children).toBe(before);
  });
});
