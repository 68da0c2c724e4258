import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectId } from '../../../src/core/object/hash.ts';
import { parseOid } from '../../../src/core/object/id.ts';
import type { ObjectFormat } from '../../../src/core/object/id.ts';
import {
  checkTree,
  entriesOf,
  entryAt,
  findEntry,
  parseTree,
  sizeOf,
} from '../../../src/core/object/tree.ts';
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

  it('may have names that only look like those', () => {
    const names = [
      '.git-x',
      '.gitignore',
      '.gitx',
      '.gi',
      '.gita.',
      'git',
      'git~',
      'git~12',
      'gite',
      'x'.repeat(4096),
    ];
    const entries = names.sort().map((name) => entry('100644', name));
    expect(tree(...entries)).toHaveLength(names.length);
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
    ['the name .git with a blank after it', [entry('40000', '.git ')]],
    ['the name .git with dots after it', [entry('40000', '.git..')]],
    ['the name .git and a stream', [entry('40000', '.git::$INDEX_ALLOCATION')]],
    ['the name .git before a backslash', [entry('100644', '.git\\x')]],
    ['the short name of .git', [entry('40000', 'GIT~1')]],
    ['the short name of .git with a blank after it', [entry('40000', 'git~1 ')]],
    ['the name .git with an invisible letter in it', [entry('40000', '.g\xe2\x80\x8cit')]],
    ['the name .git with an invisible letter before it', [entry('40000', '\xe2\x80\x8c.git')]],
    ['a name of 4,097 bytes', [entry('100644', 'x'.repeat(4097))]],
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

  it.each([
    ['next to each other', ['100644 a', '40000 a']],
    ['with a longer file between them', ['100644 a', '100644 a-', '40000 a']],
    ['with a longer folder between them', ['100644 a', '40000 a-', '40000 a']],
    [
      'with names between them that begin with each other',
      ['100644 a', '100644 a!', '100644 a!!', '40000 a!!', '40000 a'],
    ],
    ['far below a shorter file', ['100644 a', '100644 a!', '100644 a!b', '100644 a!b-', '40000 a!b']],
  ])('is refused with a file and a folder of one name %s', (_, lines) => {
    const raw = Buffer.concat(lines.map((line) => entry(...(line.split(' ') as [string, string]))));
    expect(parse(raw)).toEqual({
      ok: false,
      problem: 'tree-malformed',
      detail: 'a file and a directory have the same name',
    });
  });

  it('may have a file whose name a folder begins with, and others between them', () => {
    const lines = ['100644 a', '100644 a-', '40000 a-b', '40000 a.', '40000 ab', '100644 b', '40000 ba'];
    expect(tree(...lines.map((line) => entry(...(line.split(' ') as [string, string]))))).toHaveLength(7);
  });

  it('gives one entry by its place or its name without those around it', () => {
    const raw = Buffer.concat([entry('100644', 'a'), entry('40000', 'b', B), entry('100755', 'bb')]);
    const checked = checkTree(objectId('tree', raw, 'sha1'), raw);
    if (!checked.ok) throw new Error(checked.detail);
    expect(sizeOf(checked.tree)).toBe(3);
    expect(shown(entryAt(checked.tree, 1))).toBe(`40000 b ${B}`);
    expect(entriesOf(checked.tree).map(shown)).toEqual([`100644 a ${A}`, `40000 b ${B}`, `100755 bb ${A}`]);
    expect(findEntry(checked.tree, Buffer.from('bb'))).toMatchObject({ mode: '100755' });
    expect(findEntry(checked.tree, Buffer.from('B'))).toBeNull();
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
