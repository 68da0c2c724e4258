import { describe, expect, test } from 'vitest';
import { parseCommit } from '../../src/core/object/commit.ts';
import { objectId } from '../../src/core/object/hash.ts';
import { parseTree } from '../../src/core/object/tree.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { MIB } from './hostile.ts';

describe('row 40: objects of git', () => {
  const who = 'Somebody <somebody@example.org> 1700000000 +0000';
  const head = `tree ${'1'.repeat(40)}\nauthor ${who}\ncommitter ${who}\n`;
  const read = (text: string) => {
    const raw = Buffer.from(text);
    return parseCommit(objectId('commit', raw, 'sha1'), raw);
  };

  test('a commit of 100,000 unknown headers is read, its headers left alone', () => {
    const parsed = read(`${head}${'a b\n'.repeat(100_000)}\nmessage\n`);
    expect(parsed.ok && [parsed.commit.subject, parsed.commit.signature]).toEqual(['message', null]);
  });

  test.each([
    ['signatures', 'gpgsig x\n'],
    ['parents of another format', `parent ${'1'.repeat(64)}\n`],
    ['unknown signatures', 'gpgsig-x x\n'],
    ['authors', `author ${who}\n`],
    ['headers without a value', 'a\n'],
    ['headers without a name', ' b\n'],
  ])('a commit of 1 MiB of %s is malformed', (_, unit) => {
    const lines = unit.repeat(Math.floor((MIB - head.length - 10) / unit.length));
    const text = unit.startsWith('parent') ? head.replace('author', `${lines}author`) : `${head}${lines}`;
    expect(read(`${text}\nm\n`)).toMatchObject({ ok: false, problem: 'commit-malformed' });
  });

  test('a signature of 300,000 continuation lines is read as one header, and refused as armor', async () => {
    const parsed = read(`${head}gpgsig -----BEGIN PGP SIGNATURE-----\n${' x\n'.repeat(300_000)}\nm\n`);
    if (!parsed.ok) throw new Error(parsed.detail);
    const { payload, signature } = parsed.commit;
    const armor = signature?.armor ?? new Uint8Array();
    expect(
      await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, noKeys),
    ).toMatchObject({
      status: 'malformed',
    });
  });

  test('a tree of 100,000 entries is read once through, one with a name of 1 MiB is refused', () => {
    const id = Buffer.alloc(20, 1);
    const entry = (name: string) => Buffer.concat([Buffer.from(`40000 ${name}\0`), id]);
    const wide = Buffer.concat(
      Array.from({ length: 100_000 }, (_, index) => entry(String(index).padStart(6, '0'))),
    );
    const parsed = parseTree(objectId('tree', wide, 'sha1'), wide);
    expect(parsed.ok && parsed.entries.length).toBe(100_000);
    const long = entry('x'.repeat(MIB));
    const one = parseTree(objectId('tree', long, 'sha1'), long);
    expect(one).toMatchObject({ ok: false, problem: 'tree-malformed' });
  });

  test('a path of 100,000 directories in one name is no tree', () => {
    const deep = Buffer.concat([Buffer.from(`40000 ${'a/'.repeat(100_000)}b\0`), Buffer.alloc(20, 1)]);
    expect(parseTree(objectId('tree', deep, 'sha1'), deep)).toMatchObject({
      ok: false,
      problem: 'tree-malformed',
    });
  });
});
