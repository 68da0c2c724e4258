import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../src/core/object/id.ts';
import { forgeObject, scratchAt } from '../git/scratch.ts';
import type { Built } from './build.ts';

/** What somebody does who can write into the repository's folder, or serves it. */

/** Stores other bytes under the id of an object, which must be loose. */
export function forge(
  { dir, git }: Pick<Built, 'dir' | 'git'>,
  id: Oid,
  edit: (bytes: string) => string,
): { undo: () => void } {
  const type = git(['cat-file', '-t', id]);
  if (type !== 'commit' && type !== 'tree' && type !== 'blob') throw new Error(`a ${type}`);
  const path = join(dir, '.git/objects', id.slice(0, 2), id.slice(2));
  const before = readFileSync(path);
  const scratch = scratchAt(dir, dir);
  const bytes = scratch.gitBytes(['cat-file', type, id]).toString('latin1');
  const forged = edit(bytes);
  if (forged === bytes) throw new Error('nothing was forged');
  forgeObject(scratch, id, type, Buffer.from(forged, 'latin1'));
  return {
    undo() {
      rmSync(path, { force: true });
      writeFileSync(path, before);
    },
  };
}

/** Another tree or parent in a commit's bytes. */
export function withHeader(name: 'tree' | 'parent', value: string): (raw: string) => string {
  return (raw) => raw.replace(new RegExp(`^${name} .*$`, 'm'), `${name} ${value}`);
}

/**
 * A commit-graph in which `child` has the one parent `parent`: git writes it while the forged bytes lie there, and
 * believes it from then on.
 */
export function forgeCommitGraph(built: Built, child: Oid, parent: Oid): void {
  const { undo } = forge(built, child, withHeader('parent', parent));
  built.git(['commit-graph', 'write', '--reachable']);
  undo();
}

/** Everything in one pack, in whose index (gitformat-pack(5), version 2) two objects have each other's place. */
export function swapInPackIndex({ dir, git }: Pick<Built, 'dir' | 'git'>, one: Oid, other: Oid): void {
  git(['repack', '-a', '-d', '-q', '--window=0', '-f']);
  const folder = join(dir, '.git/objects/pack');
  const [name, ...others] = readdirSync(folder).filter((file) => file.endsWith('.idx'));
  if (name === undefined || others.length > 0) throw new Error('not one pack');
  const path = join(folder, name);
  const index = readFileSync(path);
  const fanout = 8;
  const ids = fanout + 256 * 4;
  const count = index.readUInt32BE(ids - 4);
  const width = one.length / 2;
  const places = ids + count * width + count * 4;
  const placeOf = (id: Oid): number => {
    for (let at = 0; at < count; at += 1) {
      if (index.toString('hex', ids + at * width, ids + (at + 1) * width) === id) return places + at * 4;
    }
    throw new Error(`not in the pack: ${id}`);
  };
  const [a, b] = [placeOf(one), placeOf(other)];
  const [first, second] = [index.readUInt32BE(a), index.readUInt32BE(b)];
  index.writeUInt32BE(second, a);
  index.writeUInt32BE(first, b);
  const sum = createHash(width === 20 ? 'sha1' : 'sha256')
    .update(index.subarray(0, -width))
    .digest();
  sum.copy(index, index.length - width);
  rmSync(path);
  writeFileSync(path, index);
  rmSync(join(folder, name.replace('.idx', '.rev')), { force: true });
}
