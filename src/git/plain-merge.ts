import { encodeTree } from '../core/object/tree.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { formatOf, objectId } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import type { ObjectReader } from './objects.ts';
import { readTrees } from './trees.ts';

/** One folder of three trees; `null`: it is not there. */
interface Folder {
  readonly base: Oid | null;
  readonly ours: Oid | null;
  readonly theirs: Oid | null;
}

/** What each side adds and takes away: a rename needs both on one side. */
interface Moves {
  added: boolean;
  removed: boolean;
}

const MAX_FOLDERS = 20_000;
const MAX_DEPTH = 64;

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
  const left: Moves = { added: false, removed: false };
  const right: Moves = { added: false, removed: false };
  let folders = 0;

  const merge = async (
    { base, ours, theirs }: Folder,
    depth: number,
  ): Promise<readonly TreeEntry[] | null> => {
    folders += 1;
    if (folders > MAX_FOLDERS || depth > MAX_DEPTH) return null;
    const trees = await readTrees(
      objects,
      [base, ours, theirs].filter((id) => id !== null),
    );
    const [before, one, other] = [base, ours, theirs].map(
      (id) => new Map((id === null ? [] : (trees.get(id) ?? [])).map((entry) => [keyOf(entry), entry])),
    );
    if (before === undefined || one === undefined || other === undefined) return null;
    const merged: TreeEntry[] = [];
    for (const key of new Set([...before.keys(), ...one.keys(), ...other.keys()])) {
      const entry = await mergeEntry(
        before.get(key) ?? null,
        one.get(key) ?? null,
        other.get(key) ?? null,
        depth,
      );
      if (entry === 'unknown') return null;
      if (entry !== null) merged.push(entry);
    }
    return merged;
  };
  const mergeEntry = async (
    before: TreeEntry | null,
    one: TreeEntry | null,
    other: TreeEntry | null,
    depth: number,
  ): Promise<TreeEntry | null | 'unknown'> => {
    if (isSame(one, other) && isSame(before, one)) return one;
    const folders = [before, one, other].filter((entry) => entry !== null);
    if (folders.some(({ mode }) => mode === '40000')) {
      // A file on one side where a folder is on another is git's to judge.
      if (folders.some(({ mode }) => mode !== '40000')) return 'unknown';
      const entries = await merge(
        { base: before?.id ?? null, ours: one?.id ?? null, theirs: other?.id ?? null },
        depth + 1,
      );
      const [sample] = folders;
      if (entries === null || sample === undefined) return 'unknown';
      return entries.length === 0 ? null : { mode: '40000', name: sample.name, id: treeId(entries, base) };
    }
    note(left, before, one);
    note(right, before, other);
    if (isSame(before, one) || isSame(one, other)) return other;
    return isSame(before, other) ? one : 'unknown';
  };

  const entries = await merge({ base, ours, theirs }, 0);
  const renames = (left.added && left.removed) || (right.added && right.removed);
  return entries === null || renames ? null : treeId(entries, base);
}

function note(moves: Moves, before: TreeEntry | null, after: TreeEntry | null): void {
  if (before === null && after !== null) moves.added = true;
  if (before !== null && after === null) moves.removed = true;
}

function isSame(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a === b || (a !== null && b !== null && a.mode === b.mode && a.id === b.id);
}

function keyOf({ name }: TreeEntry): string {
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1');
}

function treeId(entries: readonly TreeEntry[], like: Oid): Oid {
  return objectId('tree', encodeTree(entries), formatOf(like));
}
