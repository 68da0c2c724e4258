import type { Oid } from '../core/object/id.ts';
import type { Remerge, Repository } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import { keeping } from './kept.ts';
import { inputsOfMerge } from './merge-inputs.ts';
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
/** Merges that are kept, since a step that fails is judged twice: whoever made it may have made its merge dear. */
const MOST_MERGES = 16;

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
  const merges = keeping<string, Promise<Remerge>>(MOST_MERGES, () => 1);
  const merge: Merging = (tip, head, union) => {
    const name = [tip, head, ...union.map(({ source }) => source)].join('\0');
    const before = merges.get(name);
    if (before !== undefined) return before;
    const making = make(tip, head, union);
    merges.set(name, making);
    making.catch(() => {
      merges.delete(name);
    });
    return making;
  };
  const make: Merging = async (tip, head, union) => {
    const inputs = await inputsOfMerge(ground, readMergeBases, tip, head);
    await supply.beforeMerging([...inputs.contents]);
    return mergeCommits(ground, inputs, tip, head, union);
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
 * Over a store that no `git fetch` of ours has filled. git believes what it reads there, so that it merges elsewhere (see
 * hashed-store.ts): forged bytes under the id of a merge base would turn a merge that drops somebody's change into one that
 * git makes as well. Contents are hashed before, which tells sizes and forgeries apart from a store that lies to one
 * process and not to another. Walks: see region.ts.
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
