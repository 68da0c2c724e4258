import { entryAt, sizeOf } from './tree.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** One name at one level of two trees. A file that became a directory is one difference with both sides. */
export interface TreeDifference {
  readonly name: Uint8Array;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/**
 * The names whose mode or id differ between two trees, `null` being the empty one, in byte order of the name. Does not look
 * into subtrees. What both have at their beginning and at their end is passed over as bytes.
 */
export function diffTreeLevel(before: Tree | null, after: Tree | null): TreeDifference[] {
  const [start, end] = before && after ? sharedEnds(before, after) : [0, 0];
  const unmatched = new Map<string, TreeEntry>();
  if (after !== null) {
    for (let index = start; index < sizeOf(after) - end; index += 1) {
      const entry = entryAt(after, index);
      unmatched.set(text(entry.name), entry);
    }
  }
  const differences: TreeDifference[] = [];
  if (before !== null) {
    for (let index = start; index < sizeOf(before) - end; index += 1) {
      const entry = entryAt(before, index);
      const key = text(entry.name);
      const other = unmatched.get(key) ?? null;
      unmatched.delete(key);
      if (other?.mode !== entry.mode || other.id !== entry.id)
        differences.push({ name: entry.name, before: entry, after: other });
    }
  }
  for (const entry of unmatched.values()) differences.push({ name: entry.name, before: null, after: entry });
  return differences.length < 2 ? differences : differences.sort((a, b) => Buffer.compare(a.name, b.name));
}

/** How many entries two trees share at their beginning, and how many of the others at their end. */
function sharedEnds(a: Tree, b: Tree): readonly [number, number] {
  const most = Math.min(sizeOf(a), sizeOf(b));
  // Both were read strictly: where the bytes up to an entry are the same, so are the entries.
  let first = 0;
  for (let beyond = most + 1; beyond - first > 1;) {
    const middle = (first + beyond) >>> 1;
    const [from, to] = [a.starts[first] ?? 0, a.starts[middle] ?? 0];
    if (b.starts[middle] === to && a.bytes.compare(b.bytes, from, to, from, to) === 0) first = middle;
    else beyond = middle;
  }
  // From the end, they are so only where an entry begins in both.
  let last = 0;
  for (let beyond = most - first + 1; beyond - last > 1;) {
    const middle = (last + beyond) >>> 1;
    const [from, to] = [fromEnd(a, middle), fromEnd(a, last)];
    const [start, end] = [fromEnd(b, middle), fromEnd(b, last)];
    if (to - from === end - start && a.bytes.compare(b.bytes, start, end, from, to) === 0) last = middle;
    else beyond = middle;
  }
  return [first, last];
}

/** Where the last `count` entries begin. */
function fromEnd({ starts }: Tree, count: number): number {
  return starts[starts.length - 1 - count] ?? 0;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
