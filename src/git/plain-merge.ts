import { encodeTree, entriesOf } from '../core/object/tree.ts';
import type { Tree, TreeEntry } from '../core/object/tree.ts';
import { objectId } from '../core/object/hash.ts';
import { formatOf } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import type { TreeDiff } from '../core/facts/change.ts';
import { Unreadable } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import type { ObjectReader } from './objects.ts';
import { nextTree, readTrees } from './trees.ts';

/** Larger merges are git's. */
const MAX_FILES = 20_000;
const MAX_FOLDERS = 20_000;

/**
 * The tree of a merge that needs no merging within files and has no renames: of every path only one side changed it, or
 * both did the same, and neither side both added and removed paths, so that git could not see a rename (gitdiffcore(7):
 * renames are found among added and removed paths of one side). There git's answer follows from trees that are hashed
 * here, and starting git for it takes longer than all the rest of a step. `null` for every other merge: git makes that.
 */
export async function mergePlainly(
  objects: ObjectReader,
  base: Oid,
  ours: Oid,
  theirs: Oid,
): Promise<Oid | null> {
  let folders = 0;
  const empty = objectId('tree', new Uint8Array(), formatOf(base));

  const mergeFolder = async (ids: readonly [Oid, Oid, Oid]): Promise<Oid | null | 'unknown'> => {
    folders += 1;
    if (folders > MAX_FOLDERS) return 'unknown';
    const trees = (await readTrees(objects, ids)).values();
    const [before, one, other] = [byName(nextTree(trees)), byName(nextTree(trees)), byName(nextTree(trees))];
    const merged: TreeEntry[] = [];
    for (const name of new Set([...before.keys(), ...one.keys(), ...other.keys()])) {
      const entry = await mergeEntry(
        before.get(name) ?? null,
        one.get(name) ?? null,
        other.get(name) ?? null,
      );
      if (entry === 'unknown') return 'unknown';
      if (entry !== null) merged.push(entry);
    }
    return merged.length === 0 ? null : objectId('tree', encodeTree(merged), formatOf(base));
  };
  const mergeEntry = async (
    before: TreeEntry | null,
    one: TreeEntry | null,
    other: TreeEntry | null,
  ): Promise<TreeEntry | null | 'unknown'> => {
    // git drops a folder without anything in it while it merges, and keeps one that it does not look into.
    if (one?.id === empty || other?.id === empty) return 'unknown';
    if (isSame(before, one) || isSame(one, other)) return other;
    if (isSame(before, other)) return one;
    // Both sides changed it. What is no folder everywhere is for git to look into.
    if (before?.mode !== '40000' || one?.mode !== '40000' || other?.mode !== '40000') return 'unknown';
    const id = await mergeFolder([before.id, one.id, other.id]);
    return id === 'unknown' ? 'unknown' : id && { mode: '40000', name: before.name, id };
  };

  const [left, right] = [await diffOf(objects, base, ours), await diffOf(objects, base, theirs)];
  if (left === null || right === null || mayRename(left) || mayRename(right)) return null;
  const merged = await mergeFolder([base, ours, theirs]);
  return merged === 'unknown' ? null : merged;
}

/** `null` for one that is too large. */
async function diffOf(objects: ObjectReader, before: Oid, after: Oid): Promise<TreeDiff | null> {
  try {
    return await diffTrees(objects, before, after, MAX_FILES);
  } catch (error) {
    if (error instanceof Unreadable && error.code === 'list-cut') return null;
    throw error;
  }
}

function mayRename({ files }: TreeDiff): boolean {
  return files.some(({ before }) => before === null) && files.some(({ after }) => after === null);
}

function isSame(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a === b || (a !== null && b !== null && a.mode === b.mode && a.id === b.id);
}

function byName(tree: Tree): ReadonlyMap<string, TreeEntry> {
  return new Map(
    entriesOf(tree).map((entry) => {
      const { buffer, byteOffset, byteLength } = entry.name;
      return [Buffer.from(buffer, byteOffset, byteLength).toString('latin1'), entry];
    }),
  );
}
