import type { Oid } from '../core/object/id.ts';
import { parseTree } from '../core/object/tree.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import type { TreeLimits, TreeSource } from './source.ts';

/** Every directory of a tree by its id, entries in the order of their plain names. */
export type Directories = ReadonlyMap<Oid, readonly TreeEntry[]>;

/** A file or directory on its way out of a tree, parents before their contents. */
export type Visit =
  | { readonly event: 'open'; readonly entry: TreeEntry | null }
  | { readonly event: 'file'; readonly entry: TreeEntry }
  | { readonly event: 'close'; readonly entry: TreeEntry | null };

const BATCH = 1024;
const TREE_BYTES = 16 * 1024 * 1024;

/**
 * Reads all directories below `tree`, level by level, each id once. git sorts a directory as if its name ended in a slash;
 * here entries are sorted by the bytes of their names alone, as in a NAR. Throws `Unreadable`: `object-forged` for a tree
 * that does not parse strictly, `list-cut` beyond the limits, and what the source throws.
 */
export async function readDirectories(
  tree: Oid,
  source: Pick<TreeSource, 'readObjects'>,
  limits: TreeLimits,
): Promise<Directories> {
  const found = new Map<Oid, readonly TreeEntry[]>();
  let level: readonly Oid[] = [tree];
  let entries = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.depth) throw beyond(tree, `more than ${limits.depth} directories inside each other`);
    const next = new Set<Oid>();
    for (let from = 0; from < level.length; from += BATCH) {
      const ids = level.slice(from, from + BATCH);
      const raws = await source.readObjects(ids, 'tree', TREE_BYTES);
      for (const [index, id] of ids.entries()) {
        const sorted = sortedEntries(id, raws[index] ?? new Uint8Array());
        entries += sorted.length;
        if (entries > limits.entries) throw tooMany(tree, limits);
        found.set(id, sorted);
        for (const entry of sorted) if (isDirectory(entry)) next.add(entry.id);
      }
    }
    level = [...next].filter((id) => !found.has(id));
  }
  return found;
}

/** Walks a tree in the order of a NAR. Throws `Unreadable('list-cut')` beyond the limits. */
export function* walkTree(tree: Oid, directories: Directories, limits: TreeLimits): Generator<Visit> {
  const open: { readonly entry: TreeEntry | null; readonly rest: Iterator<TreeEntry> }[] = [];
  const enter = (id: Oid, entry: TreeEntry | null): void => {
    if (open.length > limits.depth) {
      throw beyond(tree, `more than ${limits.depth} directories inside each other`);
    }
    open.push({ entry, rest: (directories.get(id) ?? []).values() });
  };
  yield { event: 'open', entry: null };
  enter(tree, null);
  let entries = 0;
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = top.rest.next();
    if (next.done === true) {
      yield { event: 'close', entry: top.entry };
      open.pop();
      continue;
    }
    const entry = next.value;
    entries += 1;
    if (entries > limits.entries) throw tooMany(tree, limits);
    if (isDirectory(entry)) {
      yield { event: 'open', entry };
      enter(entry.id, entry);
    } else if (entry.mode === '160000') {
      // nix leaves the place of a submodule empty, unless it is told to fetch submodules.
      yield { event: 'open', entry };
      yield { event: 'close', entry };
    } else {
      yield { event: 'file', entry };
    }
  }
}

function sortedEntries(id: Oid, raw: Uint8Array): readonly TreeEntry[] {
  const parsed = parseTree(id, raw);
  if (parsed.ok) return parsed.entries.toSorted((a, b) => Buffer.compare(a.name, b.name));
  throw new Unreadable('object-forged', `tree \`${id}\` is malformed: ${parsed.detail}`, { passing: false });
}

function isDirectory({ mode }: TreeEntry): boolean {
  return mode === '40000';
}

function tooMany(tree: Oid, limits: TreeLimits): Unreadable {
  return beyond(tree, `more than ${limits.entries} files and directories`);
}

export function beyond(tree: Oid, what: string): Unreadable {
  return new Unreadable('list-cut', `tree \`${tree}\` has ${what}`, { passing: false });
}
