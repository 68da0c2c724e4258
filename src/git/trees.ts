import { parseTree } from '../core/object/tree.ts';
import type { RawTree, TreeEntry } from '../core/object/tree.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import { forged } from './objects.ts';

/** The largest directory of nixpkgs takes some hundred kilobytes. */
const TREE_BYTES = 16 * 1024 * 1024;
/** Entries of trees that are kept, some hundred bytes each. */
const MOST_KEPT = 60_000;

type Entries = readonly TreeEntry[];

/** Reads trees, each id once, in one batch. A tree that does not parse strictly is `object-forged`. */
export async function readTrees(
  objects: ObjectReader,
  ids: readonly Oid[],
): Promise<ReadonlyMap<Oid, Entries>> {
  if (objects.keptTrees !== undefined) return objects.keptTrees.read(ids);
  const found = await readAll(objects, [...new Set(ids)]);
  return new Map([...found].map(([id, { entries }]) => [id, entries]));
}

/** Trees that are asked for together are often the same folder in one step after the other: each is read by the last. */
async function readAll(objects: ObjectReader, ids: readonly Oid[]): Promise<ReadonlyMap<Oid, RawTree>> {
  const raws = await objects.readObjects(ids, 'tree', TREE_BYTES);
  const found = new Map<Oid, RawTree>();
  let like: RawTree | null = null;
  for (const [index, id] of ids.entries()) {
    const raw = raws[index] ?? new Uint8Array();
    const parsed = parseTree(id, raw, like);
    if (!parsed.ok) {
      if (parsed.problem === 'tree-hash-mismatch') throw forged('tree', id);
      throw new Unreadable('object-forged', `tree \`${id}\` is malformed: ${parsed.detail}`, {
        passing: false,
      });
    }
    like = { raw, entries: parsed.entries };
    found.set(id, like);
  }
  return found;
}

/**
 * A reader that keeps trees. Steps are judged side by side, and what they ask for in one turn goes to git as one question;
 * one tree that cannot be read fails only those who asked for it.
 */
export function keepingTrees(objects: ObjectReader): ObjectReader {
  const known = new Map<Oid, Promise<Entries>>();
  const weights = new Map<Oid, number>();
  let weight = 0;
  let waiting = new Map<Oid, { resolve: (entries: Entries) => void; reject: (error: unknown) => void }>();

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = new Map();
    try {
      settle(batch, await readAll(objects, [...batch.keys()]));
    } catch {
      for (const [id, { resolve, reject }] of batch) {
        await readAll(objects, [id]).then((found) => {
          resolve(found.get(id)?.entries ?? []);
        }, reject);
      }
    }
  };
  const ask = (id: Oid): Promise<Entries> => {
    const asking = new Promise<Entries>((resolve, reject) => {
      if (waiting.size === 0) setImmediate(() => void flush());
      waiting.set(id, { resolve, reject });
    });
    known.set(id, asking);
    asking.then(
      ({ length }) => {
        weights.set(id, length + 1);
        weight += length + 1;
        for (const [oldest, entries] of weights) {
          if (weight <= MOST_KEPT || oldest === id) break;
          weights.delete(oldest);
          known.delete(oldest);
          weight -= entries;
        }
      },
      () => known.delete(id),
    );
    return asking;
  };
  const read = async (ids: readonly Oid[]): Promise<ReadonlyMap<Oid, Entries>> => {
    const unique = [...new Set(ids)];
    const found = await Promise.all(unique.map((id) => known.get(id) ?? ask(id)));
    return new Map(unique.map((id, index) => [id, found[index] ?? []]));
  };
  return { ...objects, keptTrees: { read } };
}

function settle(
  batch: ReadonlyMap<Oid, { readonly resolve: (entries: Entries) => void }>,
  found: ReadonlyMap<Oid, RawTree>,
): void {
  for (const [id, { resolve }] of batch) resolve(found.get(id)?.entries ?? []);
}
