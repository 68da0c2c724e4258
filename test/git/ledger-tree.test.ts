import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { encodeTree, parseTree, scanTree, type TreeEntry } from '../../src/core/object/tree.ts';
import type { Ledger } from '../../src/git/ledger.ts';
import { growLedger } from '../../src/git/ledger-tree.ts';
import { oid } from './scratch.ts';

// Bytes that are sorted before and after the slash that a folder's name is sorted with.
const NAME = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0'), minLength: 1, maxLength: 3 });
const ID = fc.constantFrom('1', '2').map((digit) => oid(digit.repeat(40)));
const ENTRY = fc.record({
  mode: fc.constantFrom('100644' as const, '40000' as const, '120000' as const),
  name: NAME.map((name) => Buffer.from(name)),
  id: ID,
});
const ENTRIES = fc.uniqueArray(ENTRY, { selector: ({ name }) => name.toString(), maxLength: 12 });

function treeOf(entries: readonly TreeEntry[]) {
  const scanned = scanTree(encodeTree(entries), 'sha1');
  if (!scanned.ok) throw new Error(scanned.detail);
  return scanned.tree;
}

/** What replacing and adding entry by entry gives. */
function grown(entries: readonly TreeEntry[], added: readonly TreeEntry[]): Uint8Array {
  const byName = new Map([...entries, ...added].map((one) => [Buffer.from(one.name).toString(), one]));
  return encodeTree([...byName.values()]);
}

test('a ledger that grows keeps all that is there, as git sorts it', async () => {
  await fc.assert(
    fc.asyncProperty(
      ENTRIES,
      ENTRIES,
      ENTRIES,
      fc.uniqueArray(NAME, { minLength: 1, maxLength: 6 }),
      async (root, keys, files, names) => {
        const [top, folder, head] = [root, keys, files].map(treeOf);
        const ledger: Ledger = {
          tip: oid('1'.repeat(40)),
          top: (name) => (name === '' ? top : folder) ?? null,
          list: () => Promise.resolve(head ?? null),
          read: () => Promise.resolve([]),
          stateOf: () => '',
        };
        const contents = new Map(names.map((name) => [`a/b/${name}`, Buffer.from(name)]));
        const { tree, trees, added } = await growLedger(ledger, contents, 'sha1');
        const entries = names.map((name) => {
          const id = objectId('blob', Buffer.from(name), 'sha1');
          return { mode: '100644', name: Buffer.from(name), id } as const;
        });
        const bytes = grown(files, entries);
        const inFolder = grown(keys, [
          { mode: '40000', name: Buffer.from('b'), id: objectId('tree', bytes, 'sha1') },
        ]);
        const inRoot = grown(root, [
          { mode: '40000', name: Buffer.from('a'), id: objectId('tree', inFolder, 'sha1') },
        ]);
        expect(trees.map((one) => Buffer.from(one).toString('hex'))).toEqual(
          [bytes, inFolder, inRoot].map((one) => Buffer.from(one).toString('hex')),
        );
        expect(added).toHaveLength(names.length);
        expect(parseTree(tree, inRoot).ok).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
