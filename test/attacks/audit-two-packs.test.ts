import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { forgeObject, lines, makeScratch, oid, type Scratch } from '../git/scratch.ts';

let repo: Scratch;
let opened: OpenRepository;
beforeEach(() => {
  repo = makeScratch();
});
afterEach(async () => {
  await opened.dispose();
  repo.remove();
});

/** Three files each, so that git meets one of them in either pack before it comes to `pkgs/b`. */
function write(top: string, bottom: string): void {
  for (const name of ['a', 'b', 'c'])
    repo.write(`pkgs/${name}`, `${name}\n${lines(20, { 1: top, 20: bottom })}`);
}

function at(of: Oid, name: string): Oid {
  return oid(repo.git(['rev-parse', `${of}:pkgs/${name}`]));
}

interface Merge {
  /** The tree of the merge, which git has written. */
  readonly made: Oid;
  readonly base: Oid;
  readonly ours: Oid;
  readonly theirs: Oid;
}

/** A fix on one side, a new version on the other. */
function writeMerge(): Merge {
  write('vulnerable', 'version 1');
  const base = repo.commit('base');
  write('mended', 'version 1');
  const ours = repo.commit('mend');
  repo.git(['checkout', '-q', '-b', 'theirs', base]);
  write('vulnerable', 'version 2');
  const theirs = repo.commit('version 2');
  return { base, ours, theirs, made: oid(repo.git(['merge-tree', '--write-tree', ours, theirs])) };
}

/** A version 2 index of one pack (gitformat-pack) with one id in the place of another. */
function renamedInIndex(old: Buffer, from: Oid, to: Oid): Buffer {
  const table = 8 + 256 * 4;
  const count = old.readUInt32BE(table - 4);
  const rows = Array.from({ length: count }, (_none, index) => ({
    id: old.subarray(table + index * 20, table + index * 20 + 20).toString('hex'),
    crc: old.subarray(table + count * 20 + index * 4, table + count * 20 + index * 4 + 4),
    offset: old.subarray(table + count * 24 + index * 4, table + count * 24 + index * 4 + 4),
  }))
    .map((row) => (row.id === from ? { ...row, id: String(to) } : row))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const fan = Buffer.alloc(256 * 4);
  for (let byte = 0; byte < 256; byte += 1)
    fan.writeUInt32BE(rows.filter(({ id }) => parseInt(id.slice(0, 2), 16) <= byte).length, byte * 4);
  const body = Buffer.concat([
    old.subarray(0, 8),
    fan,
    ...rows.map(({ id }) => Buffer.from(id, 'hex')),
    ...rows.map(({ crc }) => crc),
    ...rows.map(({ offset }) => offset),
    old.subarray(old.length - 40, old.length - 20),
  ]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/**
 * Packs the store twice: all but those apart, and these beside the mended file's bytes under the id of the file at the
 * merge base. git looks first where it found the last object, so that who has just asked for one of these sees the forged bytes,
 * and everybody else the true ones.
 */
function forgeStore({ base, ours }: Merge, apart: readonly Oid[]): void {
  const folder = join(repo.dir, '.git/objects/pack');
  mkdirSync(folder, { recursive: true });
  const all = repo.git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).split('\n');
  const mended = at(ours, 'b');
  const pack = (ids: readonly string[]): string =>
    repo.git(['pack-objects', '-q', '--window=0', join(folder, 'pack')], `${ids.join('\n')}\n`);
  const honest = pack(all.filter((id) => !apart.includes(oid(id))));
  const forged = pack([...apart, mended]);
  const index = join(folder, `pack-${forged}.idx`);
  chmodSync(index, 0o600);
  writeFileSync(index, renamedInIndex(readFileSync(index), mended, at(base, 'b')));
  const objects = join(repo.dir, '.git/objects');
  for (const name of readdirSync(objects))
    if (/^[0-9a-f]{2}$/.test(name)) rmSync(join(objects, name), { recursive: true });
  const date = (name: string, seconds: number): void => {
    for (const end of ['pack', 'idx']) utimesSync(join(folder, `pack-${name}.${end}`), seconds, seconds);
  };
  date(honest, 2_000_000_000);
  date(forged, 1_000_000_000);
}

describe('rows 20 and 57: a store that has one id twice', () => {
  test('a merge is never made of bytes that nobody hashed', async () => {
    const merge = writeMerge();
    const { ours, theirs, made: honest } = merge;
    // What git reads and writes before it comes to `pkgs/b`, from the end.
    forgeStore(merge, [at(theirs, 'c'), at(honest, 'c')]);
    // The attack works on git itself: the fix of one file is taken back.
    const forged = oid(repo.git(['merge-tree', '--write-tree', ours, theirs]));
    expect(forged).not.toBe(honest);
    expect(repo.git(['show', `${forged}:pkgs/b`])).toContain('vulnerable');
    opened = await openRepository(repo.dir);
    const made = await opened.repository.mergeCommits(ours, theirs, []).catch((error: unknown) => error);
    expect([
      { clean: true, tree: honest },
      expect.objectContaining({ code: 'object-forged' }),
    ]).toContainEqual(made);
  });

  test('a difference that is shown is never made of bytes that nobody hashed', async () => {
    const { base, ours, theirs } = writeMerge();
    const [before, after] = [base, theirs].map((id) => oid(repo.git(['rev-parse', `${id}^{tree}`])));
    if (before === undefined || after === undefined) throw new Error('two trees');
    forgeObject(repo, at(base, 'b'), 'blob', repo.gitBytes(['cat-file', 'blob', at(ours, 'b')]));
    expect(repo.git(['diff-tree', '-r', '-p', before, after])).toContain('mended');
    opened = await openRepository(repo.dir);
    await expect(opened.patch(before, after).next()).rejects.toMatchObject({ code: 'object-forged' });
  });
});
