import { scanTree } from '../core/object/tree.ts';
import type { Tree } from '../core/object/tree.ts';
import { formatOf } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { keeping } from './kept.ts';
import type { ObjectReader } from './objects.ts';

/** The largest directory of nixpkgs takes half a megabyte. */
const TREE_BYTES = 16 * 1024 * 1024;
/** Bytes that kept trees may take, each with what it takes besides its content. */
const MOST_KEPT = 16 * 1024 * 1024;
const BESIDES = 512;

/** Reads trees in the order asked, in one batch. A tree that does not parse strictly is `object-forged`. */
export async function readTrees(objects: ObjectReader, ids: readonly Oid[]): Promise<readonly Tree[]> {
  if (objects.keptTrees !== undefined) return objects.keptTrees.read(ids);
  const unique = [...new Set(ids)];
  const trees = await readAll(objects, unique);
  const places = new Map(unique.map((id, index) => [id, index]));
  return ids.map((id) => given(trees[places.get(id) ?? -1]));
}

/** One tree. */
export async function readTree(objects: ObjectReader, id: Oid): Promise<Tree> {
  return nextTree((await readTrees(objects, [id])).values());
}

/** The next of trees that were read. One that is not there must never be taken for an empty one. */
export function nextTree(trees: Iterator<Tree, undefined>): Tree {
  return given(trees.next().value);
}

async function readAll(objects: ObjectReader, ids: readonly Oid[]): Promise<readonly Tree[]> {
  const raws = await objects.readObjects(ids, 'tree', TREE_BYTES);
  return ids.map((id, index) => {
    const raw = raws[index];
    if (raw === undefined) throw new Error('a tree that was asked for was not read');
    // The reader has hashed it.
    const checked = scanTree(raw, formatOf(id));
    if (checked.ok) return checked.tree;
    throw new Unreadable('object-forged', `tree \`${id}\` is malformed: ${checked.detail}`, {
      passing: false,
    });
  });
}

function given(tree: Tree | undefined): Tree {
  if (tree === undefined) throw new Error('a tree that was asked for was not read');
  return tree;
}

interface Asked {
  readonly resolve: (tree: Tree) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A reader that keeps trees. Steps are judged side by side, and what they ask for in one turn goes to git as one question;
 * one tree that cannot be read fails only those who asked for it.
 */
export function keepingTrees(objects: ObjectReader): ObjectReader {
  const kept = keeping<Oid, Tree>(MOST_KEPT, weightOf);
  const asked = new Map<Oid, Promise<Tree>>();
  let waiting = new Map<Oid, Asked>();

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = new Map();
    const ids = [...batch.keys()];
    try {
      const trees = await readAll(objects, ids);
      ids.forEach((id, index) => {
        answer(id, given(trees[index]), batch);
      });
    } catch {
      for (const [id, { reject }] of batch) {
        try {
          answer(id, nextTree((await readAll(objects, [id])).values()), batch);
        } catch (error) {
          asked.delete(id);
          reject(error);
        }
      }
    }
  };
  const answer = (id: Oid, tree: Tree, batch: ReadonlyMap<Oid, Asked>): void => {
    asked.delete(id);
    kept.set(id, tree);
    batch.get(id)?.resolve(tree);
  };
  const ask = (id: Oid): Promise<Tree> => {
    const asking = new Promise<Tree>((resolve, reject) => {
      if (waiting.size === 0) setImmediate(() => void flush());
      waiting.set(id, { resolve, reject });
    });
    asked.set(id, asking);
    return asking;
  };
  const find = (id: Oid): Promise<Tree> => {
    const tree = kept.get(id);
    return tree === undefined ? (asked.get(id) ?? ask(id)) : Promise.resolve(tree);
  };
  const read = (ids: readonly Oid[]): Promise<readonly Tree[]> => Promise.all(ids.map(find));
  return { ...objects, keptTrees: { read } };
}

function weightOf({ bytes, starts }: Tree): number {
  return bytes.length + starts.length * 8 + BESIDES;
}

/** A reader that adds the ids of all trees that it reads to `read`. */
export function recordingTrees(objects: ObjectReader, read: Set<Oid>): ObjectReader {
  const { keptTrees } = objects;
  const record = (ids: readonly Oid[]): void => {
    for (const id of ids) read.add(id);
  };
  return {
    ...objects,
    readObjects(ids, type, maxBytes) {
      if (type === 'tree') record(ids);
      return objects.readObjects(ids, type, maxBytes);
    },
    ...(keptTrees && {
      keptTrees: {
        read(ids) {
          record(ids);
          return keptTrees.read(ids);
        },
      },
    }),
  };
}
