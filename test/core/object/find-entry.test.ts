import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeTree, entriesOf, findEntry, findIndex, scanTree } from '../../../src/core/object/tree.ts';
import type { TreeMode } from '../../../src/core/object/tree.ts';
import { parseOid } from '../../../src/core/object/id.ts';

const ID = parseOid('1'.repeat(40));
// Bytes that are sorted before and after the slash that a folder's name is sorted with.
const NAME = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', '~'), minLength: 1, maxLength: 4 });
const MODE = fc.constantFrom<TreeMode>('100644', '40000', '120000', '160000', '100755');

test('an entry is found by its name, wherever git sorts it, and by no other', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(NAME, MODE), { selector: ([name]) => name, maxLength: 40 }),
      fc.array(NAME, { maxLength: 10 }),
      (entries, others) => {
        if (ID === null) throw new Error('no id');
        const bytes = encodeTree(entries.map(([name, mode]) => ({ mode, name: Buffer.from(name), id: ID })));
        const scanned = scanTree(bytes, 'sha1');
        if (!scanned.ok) throw new Error(scanned.detail);
        const { tree } = scanned;
        const all = entriesOf(tree).map(({ name }) => Buffer.from(name).toString());
        for (const name of [...all, ...others, ...all.map((one) => `${one}/`), '', '/']) {
          const asked = Buffer.from(name);
          const at = all.indexOf(name);
          expect(findIndex(tree, asked)).toBe(at < 0 ? null : at);
          expect(findEntry(tree, asked)).toEqual(at < 0 ? null : entriesOf(tree)[at]);
        }
      },
    ),
    { numRuns: 300 },
  );
});
