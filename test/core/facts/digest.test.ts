import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangedFile, FileMode } from '../../../src/core/facts/change.ts';
import { blobsOf, changeDigest } from '../../../src/core/facts/digest.ts';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import { openFork, type Fork } from '../../fork/fork.ts';

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error('not an id');
  return id;
}

interface Vector {
  readonly name: string;
  readonly files: readonly {
    readonly path: string;
    readonly before: { readonly mode: FileMode; readonly id: string } | null;
    readonly after: { readonly mode: FileMode; readonly id: string } | null;
  }[];
  readonly contents: Readonly<Record<string, string>>;
  readonly digest: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/change-digest.json', import.meta.url), 'utf8'),
) as readonly Vector[];

describe('the change digest', () => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('vector: %s', (_name, vector) => {
    const files = vector.files.map((file): ChangedFile => {
      const { before, after } = file;
      return {
        path: Uint8Array.from(Buffer.from(file.path, 'hex')),
        before: before && { mode: before.mode, id: oid(before.id) },
        after: after && { mode: after.mode, id: oid(after.id) },
      };
    });
    const contents = new Map(Object.entries(vector.contents).map(([id, hex]) => [oid(id), hex]));
    expect(changeDigest(files, contents)).toBe(vector.digest);
  });

  test('is never made from less than the whole change', () => {
    const file: ChangedFile = {
      path: Uint8Array.of(0x61),
      before: null,
      after: { mode: '100644', id: oid('a'.repeat(40)) },
    };
    expect(blobsOf([file])).toEqual(['a'.repeat(40)]);
    expect(changeDigest([file], new Map())).toBeNull();
  });
});

describe('the change digest of real changes', () => {
  let fork: Fork;
  beforeAll(async () => {
    fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh', dave: 'ssh' });
  });
  afterAll(async () => {
    await fork.close();
  });

  /** docs/statements.md done again from what git prints, with other code than the program's. */
  function fromGit(base: string, head: string): string {
    const git = (...args: string[]): Buffer =>
      execFileSync('git', args, {
        cwd: fork.dir,
        maxBuffer: 64 << 20,
        env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null' },
      });
    const raw = git(
      'diff-tree',
      '-r',
      '-z',
      '--raw',
      '--no-renames',
      '--no-abbrev',
      '--ignore-submodules=none',
      base,
      head,
    );
    const parts = raw.toString('latin1').split('\0').slice(0, -1);
    const fields: Buffer[] = [Buffer.from('countersign-change/v1')];
    const content = (mode: string, id: string): Buffer => {
      if (mode === '000000') return Buffer.alloc(32);
      if (mode === '160000') return Buffer.from(id, 'hex');
      return createHash('sha256')
        .update(git('cat-file', 'blob', id))
        .digest();
    };
    const rows = [];
    for (let at = 0; at < parts.length; at += 2)
      rows.push({ meta: parts[at] ?? '', path: Buffer.from(parts[at + 1] ?? '', 'latin1') });
    rows.sort((a, b) => Buffer.compare(a.path, b.path));
    for (const { meta, path } of rows) {
      const [oldMode = '', newMode = '', oldId = '', newId = ''] = meta.slice(1).split(' ');
      fields.push(
        path,
        Buffer.from(oldMode),
        Buffer.from(newMode),
        content(oldMode, oldId),
        content(newMode, newId),
      );
    }
    const hash = createHash('sha256');
    for (const field of fields) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      hash.update(length).update(field);
    }
    return hash.digest('hex');
  }

  const digestIn = (statement: string): string => /^change: sha256:(.*)$/m.exec(statement)?.[1] ?? '';

  test('is what its definition gives from git', async () => {
    const base = await fork.setPolicy();
    await fork.commit({
      files: { 'a/b': '1\n', 'a.c': '2\n', run: { executable: 'x\n' }, link: { link: 'a' } },
      as: 'alice',
    });
    const one = await fork.git('rev-parse', 'HEAD');
    const two = await fork.commit({
      files: { 'a/b': null, 'a.c': { link: 'x' }, run: 'x\n', 'a-b/\u00e9': '', link: null },
      as: 'alice',
    });
    for (const [from, to] of [
      [base, one],
      [one, two],
    ] as const) {
      const review = await fork.review({ as: 'bob', base: from, head: to });
      expect(digestIn(review)).toBe(fromGit(from, to));
    }
  });

  test('is the same after a rebase without change, and another after any change of content or mode', async () => {
    const base = await fork.setPolicy();
    const digest = async (
      from: string,
      files: Record<string, string | { executable: string }>,
    ): Promise<string> => {
      const head = await fork.commit({ files, as: 'alice', on: from });
      return digestIn(await fork.review({ as: 'bob', base: from, head }));
    };
    const original = await digest(base, { 'pkgs/a.nix': '1\n' });
    const moved = await fork.commit({ files: { 'pkgs/other.nix': '1\n' }, as: 'carol', on: base });
    expect(await digest(moved, { 'pkgs/a.nix': '1\n' })).toBe(original);
    expect(await digest(base, { 'pkgs/a.nix': '1 \n' })).not.toBe(original);
    expect(await digest(base, { 'pkgs/a.nix': { executable: '1\n' } })).not.toBe(original);
    expect(await digest(base, { 'pkgs/b.nix': '1\n' })).not.toBe(original);
  });
});
