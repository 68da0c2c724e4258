import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAlike } from '../../../src/core/object/alike.ts';
import { plainName } from '../../../src/core/object/fold.ts';
import { objectId } from '../../../src/core/object/hash.ts';
import { parseOid } from '../../../src/core/object/id.ts';
import { diffTreeLevel } from '../../../src/core/object/tree-diff.ts';
import { checkTree, encodeTree, entriesOf } from '../../../src/core/object/tree.ts';
import type { Tree, TreeEntry, TreeMode } from '../../../src/core/object/tree.ts';

const A = '11'.repeat(20);
const B = '22'.repeat(20);

function entry(mode: TreeMode, name: string, id = A): TreeEntry {
  const oid = parseOid(id);
  if (oid === null) throw new Error('no id');
  return { mode, name: Buffer.from(name, 'latin1'), id: oid };
}

function tree(...entries: readonly TreeEntry[]): Tree {
  const raw = encodeTree(entries);
  const checked = checkTree(objectId('tree', raw, 'sha1'), raw);
  if (!checked.ok) throw new Error(checked.detail);
  return checked.tree;
}

const nameOf = ({ name }: { readonly name: Uint8Array }) => Buffer.from(name).toString('latin1');
const shown = (one: TreeEntry | null) => one && `${one.mode} ${nameOf(one)} ${one.id}`;

function difference(before: Tree | null, after: Tree | null): unknown[] {
  return diffTreeLevel(before, after).map((one) => [nameOf(one), shown(one.before), shown(one.after)]);
}

/** The same by looking at every name. */
function plainDifference(before: Tree | null, after: Tree | null): unknown[] {
  const [old, young] = [before, after].map((one) => (one === null ? [] : entriesOf(one)));
  const names = [...new Set([...(old ?? []), ...(young ?? [])].map(nameOf))].sort();
  return names.flatMap((name) => {
    const [one, other] = [old, young].map((side) =>
      shown(side?.find((each) => nameOf(each) === name) ?? null),
    );
    return one === other ? [] : [[name, one, other]];
  });
}

const someNames = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('a', 'a-', 'a.b', 'a0', 'ab', 'B', 'b', 'zz', '100644 a', 'x100644 a'),
    fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', ' ', 'A', '\xc3', '\xa9'),
      minLength: 5,
      maxLength: 7,
    }),
  ),
  { maxLength: 20 },
);
const trees = someNames.chain((names) =>
  fc
    .array(fc.tuple(fc.constantFrom<TreeMode>('100644', '100755', '40000'), fc.constantFrom(A, B)), {
      minLength: names.length,
      maxLength: names.length,
    })
    .map((kinds) => tree(...kinds.map(([mode, id], index) => entry(mode, names[index] ?? '', id)))),
);

describe('the difference of two trees', () => {
  it('names what was added, removed or changed, in byte order', () => {
    const before = tree(...['b', 'c', 'd', 'x'].map((name) => entry('100644', name)));
    const after = tree(
      entry('100644', 'a'),
      entry('100644', 'b'),
      entry('100755', 'c'),
      entry('100644', 'd', B),
    );
    expect(difference(before, after)).toEqual([
      ['a', null, `100644 a ${A}`],
      ['c', `100644 c ${A}`, `100755 c ${A}`],
      ['d', `100644 d ${A}`, `100644 d ${B}`],
      ['x', `100644 x ${A}`, null],
    ]);
  });

  it('has one entry with both sides where a file became a directory', () => {
    const before = tree(entry('100644', 'a'), entry('100644', 'a-b'));
    const after = tree(entry('100644', 'a-b'), entry('40000', 'a', B));
    expect(difference(before, after)).toEqual([['a', `100644 a ${A}`, `40000 a ${B}`]]);
  });

  it('is empty for equal trees, and the whole of one beside none', () => {
    const one = tree(entry('100644', 'a'));
    expect(difference(one, one)).toEqual([]);
    expect(difference(null, one)).toEqual([['a', null, `100644 a ${A}`]]);
    expect(difference(one, null)).toEqual([['a', `100644 a ${A}`, null]]);
  });

  it('does not take the end of a name for an entry', () => {
    const before = tree(entry('100644', 'a'));
    const after = tree(entry('100644', 'xx100644 a'));
    expect(Buffer.from(after.bytes).subarray(-before.bytes.length)).toEqual(Buffer.from(before.bytes));
    expect(difference(before, after)).toEqual(plainDifference(before, after));
    expect(difference(before, after)).toHaveLength(2);
  });

  it('is what looking at every name gives', () => {
    fc.assert(
      fc.property(trees, trees, (before, after) => {
        expect(difference(before, after)).toEqual(plainDifference(before, after));
      }),
      { numRuns: 3000 },
    );
  });

  it('is that of one entry changed, added or taken away at any place of a folder', () => {
    const letters = 'abcdefghi'.split('');
    const before = tree(...letters.map((name) => entry('100644', name)));
    for (const at of letters.keys()) {
      for (const change of [
        [],
        [entry('100755', letters[at] ?? '')],
        [entry('100644', `${letters[at] ?? ''}x`)],
      ]) {
        const others = letters.toSpliced(at, 1).map((name) => entry('100644', name));
        const after = tree(...others, ...change);
        expect(difference(before, after)).toEqual(plainDifference(before, after));
      }
    }
  });
});

describe('names that become the same', () => {
  it('are found as folding every one of them finds them', () => {
    fc.assert(
      fc.property(trees, fc.oneof(fc.constantFrom('A', 'a-.', 'Ab', 'aB '), fc.string()), (one, text) => {
        const entries = entriesOf(one);
        for (const name of [Buffer.from(text), ...entries.map((each) => each.name)]) {
          const plain = plainName(name);
          const wanted = entries.flatMap((each, index) => (plainName(each.name) === plain ? [index] : []));
          expect(findAlike(one, name)).toEqual(wanted);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
