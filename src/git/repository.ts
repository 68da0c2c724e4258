import type { Oid } from '../core/object/id.ts';
import type { Repository } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import { contentsForMerge } from './merge-contents.ts';
import { mergeCommits } from './merges.ts';
import { folderKey, knownFolders, readPolicyFolder } from './policy-folder.ts';
import type { KnownFolders } from './policy-folder.ts';
import { findRepeats, type Merging } from './repeats.ts';
import { checkMergeBases, checkReachable } from './region.ts';
import type { HashedParents } from './region.ts';
import type { Supply } from './supply.ts';
import { COMMIT_BYTES, firstParents, isReachable, listCommits, mergeBases } from './walk.ts';
import type { Ground } from './walk.ts';

/** Larger files are not hashed: `list-cut`. */
const BLOB_BYTES = 1024 * 1024 * 1024;

/** The port of gather/ports.ts over a workspace of ours. `folders` may be what another port over it has read. */
export function repositoryOver(
  ground: Ground,
  supply: Supply,
  folders: KnownFolders = knownFolders(),
): Repository {
  const { objects } = ground;
  const readMergeBases = async (a: Oid, b: Oid): Promise<readonly Oid[]> => {
    const bases = await mergeBases(ground, a, b);
    await supply.afterBases(a, b, bases);
    return bases;
  };
  const merge: Merging = async (tip, head, union) => {
    await supply.beforeMerging(await contentsForMerge(ground, tip, head));
    return mergeCommits(ground, tip, head, union);
  };
  return {
    readCommits: (ids) => objects.readObjects(ids, 'commit', COMMIT_BYTES),
    async listCommits(tip, head, limit) {
      const { listed, edge } = await listCommits(ground, tip, head, limit);
      await supply.afterListing(tip, edge);
      return listed;
    },
    mergeBases: readMergeBases,
    isReachable: (ancestor, descendant) => isReachable(ground, ancestor, descendant),
    firstParents: (from, to, limit) => firstParents(ground, from, to, limit),
    diffTrees: (before, after, limit) => diffTrees(objects, before, after, limit),
    readPolicyFolder: (tree) =>
      folders.find(
        tree,
        () => folderKey(objects, tree),
        () => readPolicyFolder(objects, tree, supply.beforeReading),
      ),
    async contentHashes(blobs) {
      await supply.beforeReading(blobs);
      return objects.hashBlobs(blobs, BLOB_BYTES);
    },
    mergeCommits: merge,
    obtain: (ids) => supply.obtain(ids),
    findRepeats: (tip, asked) => findRepeats(ground, { ...supply, merge }, tip, asked),
  };
}

/**
 * Over a store that no `git fetch` of ours has filled. git believes what it reads there, so the contents of a merge are
 * hashed first; its trees are, while they are compared. Otherwise forged bytes under the id of a merge base would turn a
 * merge that drops somebody's change into one that git makes as well. Walks: see region.ts.
 */
export function checkedSupply(ground: Ground): Supply {
  const hashed: HashedParents = new Map();
  return {
    beforeReading: () => Promise.resolve(),
    async beforeMerging(ids) {
      await ground.objects.hashBlobs(ids, BLOB_BYTES);
    },
    afterListing: (tip, edge) => checkReachable(ground, hashed, tip, edge),
    afterBases: (a, b, bases) => checkMergeBases(ground, hashed, a, b, bases),
    obtain: (ids) => commitsHere(ground, ids),
  };
}

/** Which of these the store calls commits. Nothing is verified yet. */
export async function commitsHere({ objects }: Ground, ids: readonly Oid[]): Promise<ReadonlySet<Oid>> {
  const infos = await objects.readInfo(ids);
  return new Set(ids.filter((_, index) => infos[index]?.type === 'commit'));
}
