import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeTree } from '../../fuzz/objects.ts';
import { objectId } from '../../src/core/object/hash.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import { parseTag } from '../../src/core/object/tag.ts';
import { parseTree, type TreeEntry } from '../../src/core/object/tree.ts';
import { runs } from './runs.ts';

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const plain = (data: Uint8Array) => Buffer.from(data).toString('hex');

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no object id: ${text}`);
  return id;
}
const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''));

describe('objects of git are what they were made of', () => {
  const line = fc.stringMatching(/^[A-Z][a-z]{0,8} <[a-z@.]{0,12}> [0-9]{1,10} [+-][0-9]{4}$/);

  test('commits', () => {
    const commit = fc.record({
      tree: hex(40),
      parents: fc.array(hex(40), { maxLength: 3 }),
      author: line,
      committer: line,
      encoding: fc.option(fc.constantFrom('ISO-8859-1', 'UTF-8')),
      armor: fc.option(fc.array(fc.stringMatching(/^[ -~]{0,20}$/), { minLength: 1, maxLength: 4 })),
      other: fc.option(fc.array(fc.stringMatching(/^[ -~]{0,20}$/), { minLength: 1, maxLength: 3 })),
      // Where the signature stands among what follows the committer.
      place: fc.nat({ max: 2 }),
      message: bytes(60).map((all) => Buffer.from(all.map((byte) => byte || 1))),
    });
    fc.assert(
      fc.property(commit, ({ tree, parents, author, committer, encoding, armor, other, place, message }) => {
        const start = [
          `tree ${tree}`,
          ...parents.map((id) => `parent ${id}`),
          `author ${author}`,
          `committer ${committer}`,
        ];
        const more = [
          ...(encoding === null ? [] : [`encoding ${encoding}`]),
          ...(other === null ? [] : [`x ${other.join('\n ')}`]),
        ];
        const signature = armor === null ? [] : [`gpgsig ${armor.join('\n ')}`];
        const build = (headers: readonly string[]) =>
          Buffer.concat([Buffer.from(`${headers.join('\n')}\n\n`), message]);
        const raw = build([...start, ...more.toSpliced(place, 0, ...signature)]);
        const parsed = parseCommit(objectId('commit', raw, 'sha1'), raw);
        if (!parsed.ok) throw new Error(parsed.detail);
        const { commit: read } = parsed;
        expect([read.tree, read.parents, read.encoding]).toEqual([tree, parents, encoding]);
        expect([Buffer.from(read.author).toString(), Buffer.from(read.committer).toString()]).toEqual([
          author,
          committer,
        ]);
        expect(plain(read.payload)).toBe(plain(build([...start, ...more])));
        expect(read.signature === null ? null : Buffer.from(read.signature.armor).toString()).toBe(
          armor === null ? null : `${armor.join('\n')}\n`,
        );
      }),
      runs(300),
    );
  });

  test('tags', () => {
    const tag = fc.record({
      object: hex(40),
      type: fc.constantFrom('commit', 'tree', 'blob', 'tag'),
      name: fc.stringMatching(/^[a-z0-9.]{1,12}$/),
      tagger: fc.option(line),
      message: fc.stringMatching(/^[a-z \n]{0,40}$/),
      armor: fc.option(fc.constantFrom('PGP SIGNATURE', 'SSH SIGNATURE', 'SIGNED MESSAGE')),
    });
    fc.assert(
      fc.property(tag, ({ object, type, name, tagger, message, armor }) => {
        const head = `object ${object}\ntype ${type}\ntag ${name}\n${tagger === null ? '' : `tagger ${tagger}\n`}`;
        const payload = `${head}\n${message}\n`;
        const signature = armor === null ? '' : `-----BEGIN ${armor}-----\nAAAA\n-----END ${armor}-----\n`;
        const raw = Buffer.from(payload + signature);
        const parsed = parseTag(objectId('tag', raw, 'sha1'), raw);
        if (!parsed.ok) throw new Error(parsed.detail);
        const { tag: read } = parsed;
        expect([read.object, read.type, Buffer.from(read.name).toString()]).toEqual([object, type, name]);
        expect(read.tagger === null ? null : Buffer.from(read.tagger).toString()).toBe(tagger);
        expect(Buffer.from(read.payload).toString()).toBe(payload);
        expect(read.signature === null ? '' : Buffer.from(read.signature.armor).toString()).toBe(signature);
      }),
      runs(300),
    );
  });

  test('trees', () => {
    const entry = fc.record({
      mode: fc.constantFrom<TreeEntry['mode']>('100644', '100755', '120000', '160000', '40000'),
      name: fc.stringMatching(/^[a-z.é-]{1,8}$/).filter((name) => !/^\.{1,2}$/.test(name)),
      id: hex(64).map(oid),
    });
    const bySortName = (a: TreeEntry, b: TreeEntry): number => Buffer.compare(sortName(a), sortName(b));
    fc.assert(
      fc.property(fc.uniqueArray(entry, { maxLength: 12, selector: ({ name }) => name }), (all) => {
        const entries = all.map((one) => ({ ...one, name: Buffer.from(one.name) })).sort(bySortName);
        const raw = encodeTree(entries);
        const parsed = parseTree(objectId('tree', raw, 'sha256'), raw);
        if (!parsed.ok) throw new Error(parsed.detail);
        expect(parsed.entries.map(({ mode, name, id }) => [mode, plain(name), id])).toEqual(
          entries.map(({ mode, name, id }) => [mode, plain(name), id]),
        );
        const backwards = encodeTree(entries.toReversed());
        if (entries.length > 1)
          expect(parseTree(objectId('tree', backwards, 'sha256'), backwards).ok).toBe(false);
      }),
      runs(300),
    );
  });
});

/** git's tree.c, `base_name_compare`: a directory's name as if it ended in a slash. */
function sortName({ mode, name }: TreeEntry): Buffer {
  return Buffer.concat([name, Buffer.from(mode === '40000' ? '/' : '')]);
}
