import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { openObjects } from '../../src/git/objects.ts';
import type { ObjectReader } from '../../src/git/objects.ts';
import { forgeObject, makeScratch, oid } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let objects: ObjectReader;
beforeEach(() => {
  repo = makeScratch();
  objects = openObjects(join(repo.dir, '.git'), 'sha1');
});
afterEach(async () => {
  await objects.dispose();
  repo.remove();
});

function put(content: string | Uint8Array): Oid {
  return oid(repo.git(['hash-object', '-w', '--stdin'], content));
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const ABSENT = oid('1'.repeat(40));

test('any bytes, in the order asked, repeated or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 }),
      async (contents) => {
        const ids = contents.map(put);
        const asked = [...ids, ...ids.toReversed()];
        const read = await objects.readObjects(asked, 'blob', 300);
        expect(read.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
          [...contents, ...contents.toReversed()].map((bytes) => Buffer.from(bytes).toString('hex')),
        );
        const hashes = await objects.hashBlobs(asked, 300);
        contents.forEach((content, index) => {
          expect(hashes.get(ids[index] ?? ABSENT)).toBe(sha256(content));
        });
      },
    ),
    { numRuns: 15 },
  );
});

test('many questions at once from many places', async () => {
  const all = Array.from({ length: 40 }, (_, index) => {
    const content = `content ${index}\n`.repeat(index * 100);
    return { content, id: put(content) };
  });
  await Promise.all(
    all.flatMap(({ content, id }) => [
      objects.readObjects([id], 'blob', 1 << 20).then(([bytes]) => {
        expect(Buffer.from(bytes ?? []).toString()).toBe(content);
      }),
      objects.readInfo([ABSENT, id]).then((infos) => {
        expect(infos).toEqual([null, { type: 'blob', size: content.length }]);
      }),
      objects.hashBlobs([id], 1 << 20).then((hashes) => {
        expect(hashes.get(id)).toBe(sha256(content));
      }),
    ]),
  );
});

test('objects that appear while the process runs: loose, and in a new pack', async () => {
  expect(await objects.readInfo([ABSENT])).toEqual([null]);
  const loose = put('later');
  expect(await objects.readObjects([loose], 'blob', 10)).toHaveLength(1);
  const commit = repo.commit('nothing');
  repo.git(['repack', '-a', '-d', '-q']);
  repo.git(['prune-packed']);
  expect(await objects.readObjects([commit], 'commit', 1000)).toHaveLength(1);
});

test('nothing asked, nothing answered', async () => {
  expect(await objects.readObjects([], 'tree', 1)).toEqual([]);
  expect(await objects.readInfo([])).toEqual([]);
  expect(await objects.hashBlobs([], 1)).toEqual(new Map());
});

describe('refusing', () => {
  test('what is missing, has another type, or an id of the other length', async () => {
    const blob = put('x');
    await expect(objects.readObjects([blob, ABSENT], 'blob', 10)).rejects.toMatchObject({
      code: 'object-missing',
      message: expect.stringContaining('git fetch --unshallow') as string,
    });
    await expect(objects.hashBlobs([ABSENT], 10)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(objects.readObjects([blob], 'commit', 10)).rejects.toMatchObject({ code: 'object-missing' });
    const long = oid(blob + '0'.repeat(24));
    await expect(objects.readObjects([long], 'blob', 10)).rejects.toMatchObject({ code: 'object-missing' });
  });

  test('more bytes than allowed, before reading them (attack 40)', async () => {
    const blob = put('0123456789');
    expect(await objects.readObjects([blob], 'blob', 10)).toHaveLength(1);
    await expect(objects.readObjects([blob], 'blob', 9)).rejects.toMatchObject({
      code: 'list-cut',
      passing: false,
    });
    await expect(objects.hashBlobs([blob], 9)).rejects.toMatchObject({ code: 'list-cut' });
  });

  test('bytes that do not have the id: blob, tree and commit (attack 57)', async () => {
    const blob = put('honest');
    forgeObject(repo, blob, 'blob', Buffer.from('forged'));
    await expect(objects.readObjects([blob], 'blob', 10)).rejects.toMatchObject({
      code: 'object-forged',
      passing: false,
    });
    await expect(objects.hashBlobs([blob], 10)).rejects.toMatchObject({ code: 'object-forged' });
    repo.write('a', 'a');
    const commit = repo.commit('honest');
    const tree = repo.id('HEAD^{tree}');
    const raw = repo.gitBytes(['cat-file', 'commit', commit]);
    forgeObject(repo, commit, 'commit', Buffer.from(raw.toString().replace('honest', 'forged')));
    forgeObject(repo, tree, 'tree', new Uint8Array());
    await expect(objects.readObjects([commit], 'commit', 1000)).rejects.toMatchObject({
      code: 'object-forged',
    });
    await expect(objects.readObjects([tree], 'tree', 1000)).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('an empty blob that is another one', async () => {
    const blob = put('honest');
    forgeObject(repo, blob, 'blob', new Uint8Array());
    await expect(objects.hashBlobs([blob], 10)).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('an object whose size lies, and one that is no zlib stream; the next question is answered again', async () => {
    const good = put('good');
    const [lying, broken] = [put('lying'), put('broken')];
    forgeObject(repo, lying, 'blob', Buffer.from('lying and more of it'), 5);
    const path = join(repo.dir, '.git/objects', broken.slice(0, 2), broken.slice(2));
    chmodSync(path, 0o644);
    writeFileSync(
      path,
      Buffer.concat([deflateSync(Buffer.from('blob 6\0broken')).subarray(0, 12), Buffer.from('xx')]),
    );
    for (const id of [lying, broken]) {
      await expect(objects.readObjects([id], 'blob', 100)).rejects.toMatchObject({ name: 'Unreadable' });
      await expect(objects.hashBlobs([id], 100)).rejects.toMatchObject({ name: 'Unreadable' });
      expect(await objects.readObjects([good], 'blob', 100)).toHaveLength(1);
    }
  });

  test('questions after the end', async () => {
    const blob = put('x');
    await objects.readInfo([blob]);
    await objects.dispose();
    await expect(objects.readInfo([blob])).rejects.toMatchObject({ code: 'git-failed' });
  });

  test('questions open at the end', async () => {
    // Its size may still be answered; its contents are asked for after that.
    const open = objects.readObjects([put('x')], 'blob', 10);
    const refused = expect(open).rejects.toMatchObject({ code: 'git-failed' });
    await objects.dispose();
    await refused;
  });
});

test('a large blob, in many pieces', async () => {
  const content = Buffer.alloc(48 * 1024 * 1024, 'countersign ');
  const id = put(content);
  expect(id).toBe(objectId('blob', content, 'sha1'));
  expect((await objects.hashBlobs([id], content.length)).get(id)).toBe(sha256(content));
});
