import { findAlike } from '../core/object/alike.ts';
import type { Oid } from '../core/object/id.ts';
import { entriesOf, entryAt } from '../core/object/tree.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import type { PolicyEntry, PolicyFolder } from '../gather/ports.ts';
import { foldName } from '../core/object/fold.ts';
import type { ObjectReader } from './objects.ts';
import { nextTree, readTree, readTrees } from './trees.ts';

/**
 * Folders that were read before. Along a history thousands of commits have the same policy: what follows from it is found
 * once for the same object (core/facts/opened.ts).
 */
export interface KnownFolders {
  /** The folder of a tree. It is read where the same bytes under the same names, as the key says, were not read before. */
  find(tree: Oid, keyOf: () => Promise<string>, read: () => Promise<PolicyFolder>): Promise<PolicyFolder>;
}

interface Found {
  readonly path: Uint8Array;
  readonly entry: TreeEntry;
}

const FILE_BYTES = 1024 * 1024;
/** A hundred people's certificates take some megabytes. */
const FOLDER_BYTES = 16 * 1024 * 1024;
/** Folders that are read at one time: of thousands of steps nearly all have the same. */
const AT_ONCE = 4;
const MAX_ENTRIES = 512;
/** Bytes of files in the folders that are kept. */
const MOST_KEPT = 16 * 1024 * 1024;
const BESIDES = 512;
const MOST_TREES = 2048;
const POLICY_FOLDER = new TextEncoder().encode('.countersign');

/**
 * The files of `.countersign` in a tree, in whatever letter case: `policy.yaml` and what lies directly in `keys`. Every
 * spelling is given, with modes as they are, so that the reader of the policy sees what a case-blind checkout would mix.
 * `fetchBlobs` is told which contents will be read.
 */
export async function readPolicyFolder(
  objects: ObjectReader,
  tree: Oid,
  fetchBlobs: (ids: readonly Oid[]) => Promise<void>,
): Promise<PolicyFolder> {
  const root: Found = { path: new Uint8Array(), entry: { mode: '40000', name: new Uint8Array(), id: tree } };
  const folders = (await list(objects, [root])).filter(
    ({ entry }) => foldName(entry.name) === '.countersign',
  );
  const inside = await list(objects, folders);
  const policies = inside.filter(({ entry }) => foldName(entry.name) === 'policy.yaml');
  const keys = inside.filter(({ entry }) => foldName(entry.name) === 'keys');
  const inKeys = (await list(objects, keys)).filter(({ entry }) => entry.mode !== '40000');
  // A `keys` that is no directory is given itself, for its mode to be seen.
  const strange = keys.filter(({ entry }) => entry.mode !== '40000');
  const found = [...policies, ...strange, ...inKeys];
  if (found.length > MAX_ENTRIES) {
    throw new Unreadable('list-cut', `\`.countersign\` has more than ${MAX_ENTRIES} files`, {
      passing: false,
    });
  }

  const regular = found.filter(({ entry }) => entry.mode === '100644').map(({ entry }) => entry.id);
  await fetchBlobs(regular);
  const infos = await objects.readInfo(regular);
  const small = regular.filter((_, index) => (infos[index]?.size ?? 0) <= FILE_BYTES);
  const sizes = infos.map((info) => info?.size ?? 0).filter((size) => size <= FILE_BYTES);
  if (sizes.reduce((sum, size) => sum + size, 0) > FOLDER_BYTES) {
    throw new Unreadable('list-cut', `\`.countersign\` has more than ${FOLDER_BYTES} bytes`, {
      passing: false,
    });
  }
  const bytes = await objects.readObjects(small, 'blob', FILE_BYTES);
  const byId = new Map(small.map((id, index) => [id, bytes[index] ?? null]));
  return {
    entries: found.map(({ path, entry }): PolicyEntry => ({
      path,
      mode: entry.mode,
      id: entry.id,
      bytes: entry.mode === '100644' ? (byId.get(entry.id) ?? null) : null,
    })),
  };
}

/** An empty memory of folders, bounded: who changes the policy with every commit gains nothing from it. */
export function knownFolders(): KnownFolders {
  const trees = new Map<Oid, Promise<PolicyFolder>>();
  const known = new Map<string, Promise<PolicyFolder>>();
  const weights = new Map<string, number>();
  const inTurn = takeTurns(AT_ONCE);
  let weight = 0;
  const keep = (key: string, { entries }: PolicyFolder): void => {
    const own = entries.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0) + BESIDES, BESIDES);
    weights.set(key, own);
    weight += own;
    for (const [oldest, other] of weights) {
      if (weight <= MOST_KEPT) break;
      weights.delete(oldest);
      known.delete(oldest);
      weight -= other;
      trees.clear();
    }
  };
  const get = (key: string, read: () => Promise<PolicyFolder>): Promise<PolicyFolder> => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const reading = inTurn(read);
    known.set(key, reading);
    reading.then(
      (folder) => {
        keep(key, folder);
      },
      () => known.delete(key),
    );
    return reading;
  };
  return {
    find(tree, keyOf, read) {
      const before = trees.get(tree);
      if (before !== undefined) return before;
      if (trees.size >= MOST_TREES) trees.clear();
      const finding = keyOf().then((key) => get(key, read));
      trees.set(tree, finding);
      finding.catch(() => trees.delete(tree));
      return finding;
    },
  };
}

/** Runs what it is given in the order given, so many at one time. */
function takeTurns(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (act) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await act();
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** What a tree calls `.countersign`, in whatever spelling: its id says all that lies below. */
export async function folderKey(objects: ObjectReader, tree: Oid): Promise<string> {
  const root = await readTree(objects, tree);
  return findAlike(root, POLICY_FOLDER)
    .map((index) => entryAt(root, index))
    .map(({ mode, name, id }) => `${mode} ${Buffer.from(name).toString('hex')} ${id}`)
    .join('\n');
}

/** Entries of those that are directories, with their paths. */
async function list(objects: ObjectReader, parents: readonly Found[]): Promise<Found[]> {
  const directories = parents.filter(({ entry }) => entry.mode === '40000');
  const ids = directories.map(({ entry }) => entry.id);
  const trees = (await readTrees(objects, ids)).values();
  return directories.flatMap(({ path }) =>
    entriesOf(nextTree(trees)).map((child) => ({
      path: path.length === 0 ? child.name : Buffer.concat([path, Buffer.from('/'), child.name]),
      entry: child,
    })),
  );
}
