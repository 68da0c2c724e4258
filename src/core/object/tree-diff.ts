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
  const first = Math.min(most, lastAtMost(a.starts, sharedBytes(a.bytes, b.bytes, 1)));
  const shared = sharedBytes(a.bytes, b.bytes, -1);
  let last = Math.min(most - first, sizeOf(a) - firstAtLeast(a.starts, a.bytes.length - shared));
  // From the end, they are so only where an entry begins in both.
  while (last > 0 && fromEnd(a, last) !== fromEnd(b, last)) last -= 1;
  return [first, last];
}

/** How many bytes are the same from the beginning (1) or the end (-1) on. Most are: they are passed over in blocks. */
function sharedBytes(a: Buffer, b: Buffer, direction: 1 | -1): number {
  const most = Math.min(a.length, b.length);
  const [firstA, firstB] = direction === 1 ? [0, 0] : [a.length - 1, b.length - 1];
  let count = 0;
  while (count + BLOCK <= most) {
    const next = count + BLOCK;
    const [from, start] = direction === 1 ? [count, count] : [a.length - next, b.length - next];
    if (a.compare(b, start, start + BLOCK, from, from + BLOCK) !== 0) break;
    count = next;
  }
  while (count < most && a[firstA + direction * count] === b[firstB + direction * count]) count += 1;
  return count;
}

const BLOCK = 2048;

/** The place of the last of these numbers, which ascend from 0, that is not above `bound`. */
function lastAtMost(ascending: readonly number[], bound: number): number {
  let found = 0;
  for (let beyond = ascending.length; beyond - found > 1;) {
    const middle = (found + beyond) >>> 1;
    if ((ascending[middle] ?? Infinity) <= bound) found = middle;
    else beyond = middle;
  }
  return found;
}

function firstAtLeast(ascending: readonly number[], bound: number): number {
  const last = lastAtMost(ascending, bound);
  return ascending[last] === bound ? last : last + 1;
}

/** How many bytes the last `count` entries have. */
function fromEnd({ bytes, starts }: Tree, count: number): number {
  return bytes.length - (starts[starts.length - 1 - count] ?? 0);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
