import type { FileSide } from '../core/facts/change.ts';
import type { Oid } from '../core/object/id.ts';
import { splitPath } from '../core/object/path.ts';
import { findEntry } from '../core/object/tree.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import type { ObjectReader } from './objects.ts';
import { readTrees } from './trees.ts';

/** Trees that are read together: each may be large. */
const BATCH = 16;

/**
 * What one path is in each of many trees; `null` where it is no file there. Trees are read along this path alone, and
 * where two of them have the same folder it is read once: along a line of steps most folders stay as they are.
 */
export async function sidesOf(
  objects: ObjectReader,
  trees: Iterable<Oid>,
  path: Uint8Array,
): Promise<ReadonlyMap<Oid, FileSide | null>> {
  const names = splitPath(path);
  // By the tree at the top: the folder that was reached, `null` where the path has ended.
  let reached = new Map<Oid, Oid | null>([...new Set(trees)].map((tree) => [tree, tree]));
  const sides = new Map<Oid, FileSide | null>();
  for (const [depth, name] of names.entries()) {
    const folders = [...reached.values()].filter((id) => id !== null);
    const entries = await entriesOf(objects, folders, name);
    const next = new Map<Oid, Oid | null>();
    for (const [top, folder] of reached) {
      const entry = folder === null ? null : (entries.get(folder) ?? null);
      next.set(top, entry?.mode === '40000' ? entry.id : null);
      if (depth === names.length - 1) sides.set(top, sideOf(entry));
    }
    reached = next;
  }
  return sides;
}

async function entriesOf(
  objects: ObjectReader,
  folders: readonly Oid[],
  name: Uint8Array,
): Promise<ReadonlyMap<Oid, TreeEntry | null>> {
  const found = new Map<Oid, TreeEntry | null>();
  const unique = [...new Set(folders)];
  for (let from = 0; from < unique.length; from += BATCH) {
    const batch = unique.slice(from, from + BATCH);
    const trees = await readTrees(objects, batch);
    for (const [index, tree] of trees.entries()) {
      const id = batch[index];
      if (id !== undefined) found.set(id, findEntry(tree, name));
    }
  }
  return found;
}

function sideOf(entry: TreeEntry | null): FileSide | null {
  return entry === null || entry.mode === '40000' ? null : { mode: entry.mode, id: entry.id };
}
