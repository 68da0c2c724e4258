import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectId, parseOid } from '../../../src/core/object/id.ts';
import type { ObjectFormat } from '../../../src/core/object/id.ts';
import { diffTreeLevel, parseTree } from '../../../src/core/object/tree.ts';
import type { ParsedTree, TreeEntry } from '../../../src/core/object/tree.ts';
import { must, run } from '../../keys/keys.ts';

const A = '11'.repeat(20);
const B = '22'.repeat(20);

/** `mode name id`, as in a tree object. */
function entry(mode: string, name: string, id = A): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]);
}

function parse(raw: Uint8Array, format: ObjectFormat = 'sha1'): ParsedTree {
  return parseTree(objectId('tree', raw, format), raw);
}

function tree(...entries: Buffer[]): readonly TreeEntry[] {
  const parsed = parse(Buffer.concat(entries));
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.entries;
}

const shown = ({ mode, name, id }: TreeEntry) => `${mode} ${Buffer.from(name).toString('latin1')} ${id}`;

describe('a tree', () => {
  it('is read with every mode that git writes', () => {
    const modes = ['100644', '100755', '120000', '160000', '40000'];
    const read = tree(...modes.map((mode, index) => entry(mode, `n${index}`)));
    expect(read.map(shown)).toEqual(modes.map((mode, index) => `${mode} n${index} ${A}`));
    expect(tree()).toEqual([]);
  });

  it('is read with ids of 32 bytes in a SHA-256 repository', () => {
    const parsed = parse(entry('100644', 'a', 'ab'.repeat(32)), 'sha256');
    expect(parsed.ok && parsed.entries.map(shown)).toEqual([`100644 a ${'ab'.repeat(32)}`]);
  });

  it('keeps names as bytes', () => {
    const [first] = tree(entry('100644', '\xff\n\r\u0001'));
    expect([...(first?.name ?? [])]).toEqual([0xff, 0x0a, 0x0d, 0x01]);
  });

  it('sorts a directory as if its name ended in a slash', () => {
    expect(tree(entry('100644', 'a-b'), entry('40000', 'a'), entry('100644', 'a0'))).toHaveLength(3);
    expect(parse(Buffer.concat([entry('40000', 'a'), entry('100644', 'a-b')])).ok).toBe(false);
  });

  it('is refused when its bytes do not hash to its id', () => {
    const id = objectId('tree', entry('100644', 'a'), 'sha1');
    expect(parseTree(id, entry('100644', 'b'))).toMatchObject({ ok: false, problem: 'tree-hash-mismatch' });
  });

  it.each([
    ['a group-writable file', [entry('100664', 'a')]],
    ['a directory mode with a leading zero', [entry('040000', 'a')]],
    ['an empty mode', [entry('', 'a')]],
    ['an unknown mode', [entry('100600', 'a')]],
    ['a very long mode', [entry('1'.repeat(100), 'a')]],
    ['no name', [entry('100644', '')]],
    ['the name .', [entry('40000', '.')]],
    ['the name ..', [entry('40000', '..')]],
    ['the name .git', [entry('40000', '.git')]],
    ['the name .GIT', [entry('40000', '.GiT')]],
    ['a slash in a name', [entry('100644', 'a/b')]],
    ['a name twice', [entry('100644', 'a'), entry('100644', 'a', B)]],
    [
      'a file and a directory of one name',
      [entry('100644', 'a'), entry('100644', 'a-b'), entry('40000', 'a')],
    ],
    ['the wrong order', [entry('100644', 'b'), entry('100644', 'a')]],
    ['a cut id', [entry('100644', 'a', '11'.repeat(19))]],
    ['no id', [Buffer.from('100644 a')]],
    ['no name at all', [Buffer.from('100644')]],
  ])('is refused with %s', (_, entries) => {
    expect(parse(Buffer.concat(entries))).toMatchObject({ ok: false, problem: 'tree-malformed' });
  });

  it('never makes the parser throw', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom(entry('100644', 'a'), entry('40000', 'b')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        expect(parse(Buffer.concat(pieces)).ok).toBeTypeOf('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the difference of two trees', () => {
  it('names what was added, removed or changed, in byte order', () => {
    const before = tree(
      entry('100644', 'b'),
      entry('100644', 'c'),
      entry('100644', 'd'),
      entry('100644', 'x'),
    );
    const after = tree(
      entry('100644', 'a'),
      entry('100644', 'b'),
      entry('100755', 'c'),
      entry('100644', 'd', B),
    );
    const difference = diffTreeLevel(before, after).map(({ name, before, after }) => [
      Buffer.from(name).toString(),
      before && shown(before),
      after && shown(after),
    ]);
    expect(difference).toEqual([
      ['a', null, `100644 a ${A}`],
      ['c', `100644 c ${A}`, `100755 c ${A}`],
      ['d', `100644 d ${A}`, `100644 d ${B}`],
      ['x', `100644 x ${A}`, null],
    ]);
  });

  it('has one entry with both sides where a file became a directory', () => {
    const before = tree(entry('100644', 'a'), entry('100644', 'a-b'));
    const after = tree(entry('100644', 'a-b'), entry('40000', 'a', B));
    expect(diffTreeLevel(before, after)).toMatchObject([
      { before: { mode: '100644' }, after: { mode: '40000' } },
    ]);
  });

  it('is empty for equal trees', () => {
    expect(diffTreeLevel(tree(entry('100644', 'a')), tree(entry('100644', 'a')))).toEqual([]);
  });
});

describe('git itself', () => {
  let directory = '';
  const git = async (args: string[], input?: Uint8Array) =>
    must('git', await run('git', ['-C', directory, ...args], input));
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ct-'));
    await git(['init', '-q', '--bare']);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('writes trees in the order that is demanded', async () => {
    const blob = (await git(['hash-object', '-w', '--stdin'], Buffer.from('x'))).toString().trim();
    const empty = (await git(['mktree'], new Uint8Array())).toString().trim();
    const names = ['a', 'a.b', 'a-b', 'a0', 'ab', 'A', '\u00e9', 'a ', 'b', 'a.', 'z', '.gitignore', '...'];
    const lines = names.map((name, index) =>
      index % 3 === 0 ? `040000 tree ${empty}\t${name}\0` : `100644 blob ${blob}\t${name}\0`,
    );
    const id = parseOid((await git(['mktree', '-z'], Buffer.from(lines.join('')))).toString().trim());
    if (id === null) throw new Error('no tree');
    const parsed = parseTree(id, new Uint8Array(await git(['cat-file', 'tree', id])));
    expect(parsed.ok && parsed.entries.map(({ name }) => Buffer.from(name).toString()).sort()).toEqual(
      [...names].sort(),
    );
  });
});

describe('a tree that is read with another one at hand', () => {
  const names = fc.constantFrom('a', 'a.b', 'a0', 'ab', 'b', 'c', 'd', 'dd', 'e');
  const modes = fc.constantFrom('100644', '100755', '40000', '100664');
  const raws = fc
    .array(fc.tuple(modes, names, fc.constantFrom(A, B)), { maxLength: 8 })
    .map((of) => Buffer.concat(of.map(([mode, name, id]) => entry(mode, name, id))));

  const inOrder = raws.map((raw) => {
    const parts: Buffer[] = [];
    for (const mode of ['100644', '40000'])
      for (const name of ['a', 'ab', 'c', 'dd', 'e']) parts.push(entry(mode, `${name}${mode.length}`));
    return Buffer.concat([
      ...parts.slice(0, 4).sort((a, b) => Buffer.compare(a, b)),
      raw.subarray(0, 30 * (raw.length % 3)),
    ]);
  });

  it('is the same, or refused for the same reason, as without it', () => {
    fc.assert(
      fc.property(
        fc.oneof(raws, inOrder),
        fc.oneof(raws, inOrder),
        fc.nat(),
        fc.boolean(),
        (one, raw, cut, cuts) => {
          const bytes = cuts ? raw.subarray(0, cut % (raw.length + 1)) : raw;
          const like = parse(one);
          const known = like.ok ? { raw: one, entries: like.entries } : null;
          const id = objectId('tree', bytes, 'sha1');
          expect(parseTree(id, bytes, known)).toEqual(parseTree(id, bytes));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is read by sharing what stays, one entry changed, added or taken away at any place', () => {
    const letters = 'abcdefgh'.split('');
    const whole = letters.map((name) => entry('100644', name));
    const base = Buffer.concat(whole);
    const like = { raw: base, entries: tree(...whole) };
    for (const at of whole.keys()) {
      for (const change of [
        [],
        [entry('100755', letters[at] ?? '', B)],
        [whole[at] ?? base, entry('100644', `${letters[at] ?? ''}x`)],
      ]) {
        const raw = Buffer.concat([...whole.slice(0, at), ...change, ...whole.slice(at + 1)]);
        const id = objectId('tree', raw, 'sha1');
        const read = parseTree(id, raw, like);
        expect(read).toEqual(parseTree(id, raw));
        expect(read.ok && read.entries.filter((each) => like.entries.includes(each)).length).toBe(
          change.length === 2 ? 8 : 7,
        );
      }
    }
  });

  it.each([
    ['the first', 0],
    ['one in the middle', 125_000],
    ['the last', 249_999],
  ])('is read whole where it has 250,000 entries, and %s is another', (_, at) => {
    const whole = Array.from({ length: 250_000 }, (_none, index) => entry('100644', `f${index + 1_000_000}`));
    const base = Buffer.concat(whole);
    const entries = tree(base);
    whole[at] = entry('100755', `f${at + 1_000_000}`, B);
    const raw = Buffer.concat(whole);
    const id = objectId('tree', raw, 'sha1');
    const read = parseTree(id, raw, { raw: base, entries });
    if (!read.ok) throw new Error(read.detail);
    expect(read.entries).toHaveLength(250_000);
    const others = read.entries.flatMap((one, index) => (one === entries[index] ? [] : [index]));
    expect(others).toEqual([at]);
    expect(read.entries.slice(at, at + 1).map(shown)).toEqual([`100755 f${at + 1_000_000} ${B}`]);
    expect(parseTree(id, raw).ok).toBe(true);
  });
});
