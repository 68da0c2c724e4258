import { parseTree } from '../core/object/tree.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import { forged } from './objects.ts';

/** The largest directory of nixpkgs takes some hundred kilobytes. */
const TREE_BYTES = 16 * 1024 * 1024;

/** Reads trees, each id once, in one batch. A tree that does not parse strictly is `object-forged`. */
export async function readTrees(
  objects: ObjectReader,
  ids: readonly Oid[],
): Promise<ReadonlyMap<Oid, readonly TreeEntry[]>> {
  const unique = [...new Set(ids)];
  const raws = await objects.readObjects(unique, 'tree', TREE_BYTES);
  return new Map(
    unique.map((id, index) => {
      const parsed = parseTree(id, raws[index] ?? new Uint8Array());
      if (parsed.ok) return [id, parsed.entries] as const;
      if (parsed.problem === 'tree-hash-mismatch') throw forged('tree', id);
      throw new Unreadable('object-forged', `tree \`${id}\` is malformed: ${parsed.detail}`, {
        passing: false,
      });
    }),
  );
}
