import { formatOf, objectId, oidAt } from './id.ts';
import type { Oid } from './id.ts';

export type TreeMode = '100644' | '100755' | '120000' | '160000' | '40000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly name: Uint8Array;
  readonly id: Oid;
}

export type ParsedTree =
  | { readonly ok: true; readonly entries: readonly TreeEntry[] }
  | {
      readonly ok: false;
      readonly problem: 'tree-hash-mismatch' | 'tree-malformed';
      /** A sentence in lower case. */
      readonly detail: string;
    };

/** A tree that was read before, whole. */
export interface RawTree {
  readonly raw: Uint8Array;
  readonly entries: readonly TreeEntry[];
}

/** One name at one level of two trees. A file that became a directory is one difference with both sides. */
export interface TreeDifference {
  readonly name: Uint8Array;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** Larger trees are refused as malformed. */
export const MAX_TREE_BYTES = 64 << 20;

const MODES: readonly string[] = ['100644', '100755', '120000', '160000', '40000'];
const SPACE = 0x20;
const NUL = 0;
const SLASH = 0x2f;

/**
 * Reads a tree strictly: `mode SP name NUL id`*, sorted as git sorts (tree.c, `base_name_compare`), every name once,
 * modes only as git writes them today. What git tolerates beyond that is refused.
 *
 * @param raw the object's bytes without git's `tree <length>\0`; at most 64 MiB
 * @param like a tree that may share most of its bytes with this one, as the same folder a step earlier does: what is shared
 * is not read again. The answer is the same without it.
 */
export function parseTree(id: Oid, raw: Uint8Array, like: RawTree | null = null): ParsedTree {
  if (raw.length > MAX_TREE_BYTES) return malformed(`larger than ${MAX_TREE_BYTES} bytes`);
  const format = formatOf(id);
  if (objectId('tree', raw, format) !== id) {
    return { ok: false, problem: 'tree-hash-mismatch', detail: 'its bytes do not hash to its id' };
  }
  const idBytes = format === 'sha1' ? 20 : 32;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const known = like === null ? null : sharedEntries(bytes, like, idBytes);
  const entries: TreeEntry[] = known === null ? [] : known.first.slice();
  let directories = 0;
  let at = known?.start ?? 0;
  const stop = known?.end ?? bytes.length;
  while (at < stop) {
    const space = bytes.indexOf(SPACE, at);
    // A name with a NUL in it ends there: what follows is then read as an id.
    const nul = space < 0 ? -1 : bytes.indexOf(NUL, space);
    if (nul < 0 || nul + 1 + idBytes > bytes.length) return malformed('its last entry is cut off');
    const mode = bytes.toString('latin1', at, Math.min(space, at + 7));
    if (!isMode(mode)) return malformed('an entry has a mode that git does not write');
    const name = bytes.subarray(space + 1, nul);
    const problem = nameProblem(name);
    if (problem !== null) return malformed(problem);
    const entry: TreeEntry = { mode, name, id: oidAt(bytes, nul + 1, idBytes) };
    const previous = entries.at(-1);
    if (previous && compareSorted(previous, entry) >= 0) {
      return malformed('its entries are repeated or out of order');
    }
    entries.push(entry);
    at = nul + 1 + idBytes;
  }
  if (known !== null) {
    // What is shared at the end begins where an entry ends, or nothing of it means what it meant.
    const [next] = known.last;
    const previous = entries.at(-1);
    if (at !== stop || (next && previous && compareSorted(previous, next) >= 0)) return parseTree(id, raw);
    // One by one: a folder may have more entries than a call takes arguments.
    for (const entry of known.last) entries.push(entry);
  }
  for (const { mode } of entries) if (mode === '40000') directories += 1;
  // A file and a directory of one name need not be neighbours in the order, so order alone does not find them.
  if (directories > 0 && directories < entries.length && repeatsName(entries)) {
    return malformed('a file and a directory have the same name');
  }
  return { ok: true, entries };
}

interface SharedEntries {
  readonly first: readonly TreeEntry[];
  readonly last: readonly TreeEntry[];
  /** Where what is not shared begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** The entries at both ends of a tree whose bytes are those of another one. */
function sharedEntries(bytes: Buffer, { raw, entries }: RawTree, idBytes: number): SharedEntries {
  const other = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const sizeOf = ({ mode, name }: TreeEntry): number => mode.length + 2 + name.length + idBytes;
  const most = Math.min(bytes.length, other.length);
  let start = 0;
  let first = 0;
  for (; first < entries.length; first += 1) {
    const next = start + sizeOf(entries[first] ?? NO_ENTRY);
    if (next > most || bytes.compare(other, start, next, start, next) !== 0) break;
    start = next;
  }
  let tail = 0;
  let last = entries.length;
  for (; last > first; last -= 1) {
    const next = tail + sizeOf(entries[last - 1] ?? NO_ENTRY);
    if (start + next > most) break;
    const [from, to] = [other.length - next, other.length - tail];
    if (bytes.compare(other, from, to, bytes.length - next, bytes.length - tail) !== 0) break;
    tail = next;
  }
  return { first: entries.slice(0, first), last: entries.slice(last), start, end: bytes.length - tail };
}

const NO_ENTRY: TreeEntry = { mode: '100644', name: new Uint8Array(), id: oidAt(Buffer.alloc(20), 0, 20) };

function repeatsName(entries: readonly TreeEntry[]): boolean {
  return new Set(entries.map(({ name }) => text(name))).size < entries.length;
}

/** A tree's bytes as git writes them: `mode SP name NUL id`, folders sorted as if their names ended in a slash. */
export function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  return Buffer.concat(
    entries
      .toSorted(compareSorted)
      .flatMap(({ mode, name, id }) => [
        Buffer.from(`${mode} `),
        name,
        Buffer.of(NUL),
        Buffer.from(id, 'hex'),
      ]),
  );
}

/** The names whose mode or id differ between two trees, in byte order of the name. Does not look into subtrees. */
export function diffTreeLevel(before: readonly TreeEntry[], after: readonly TreeEntry[]): TreeDifference[] {
  // Most of two trees is the same, at the same place from one of their ends.
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && isSame(before[start], after[start])) start += 1;
  let end = 0;
  while (end < most - start && isSame(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const rest = after.slice(start, after.length - end);
  const unmatched = new Map(rest.map((entry) => [text(entry.name), entry]));
  const differences: TreeDifference[] = [];
  for (const entry of before.slice(start, before.length - end)) {
    const key = text(entry.name);
    const other = unmatched.get(key) ?? null;
    unmatched.delete(key);
    if (other?.mode !== entry.mode || other.id !== entry.id) {
      differences.push({ name: entry.name, before: entry, after: other });
    }
  }
  for (const entry of unmatched.values()) differences.push({ name: entry.name, before: null, after: entry });
  return differences.sort((a, b) => compareBytes(a.name, b.name));
}

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return (
    a === b || (a?.id === b?.id && a?.mode === b?.mode && !!a && !!b && compareBytes(a.name, b.name) === 0)
  );
}

function isMode(mode: string): mode is TreeMode {
  return MODES.includes(mode);
}

/** Names that git's fsck refuses, and that could lead a path out of its directory. */
function nameProblem(name: Uint8Array): string | null {
  if (name.length === 0) return 'an entry has no name';
  if (name.includes(SLASH)) return 'a name contains a slash';
  const short = name.length <= 4 ? text(name).toLowerCase() : '';
  return short === '.' || short === '..' || short === '.git' ? `an entry is called \`${short}\`` : null;
}

/** git compares a directory's name as if it ended in a slash. */
function compareSorted(a: TreeEntry, b: TreeEntry): number {
  const common = Math.min(a.name.length, b.name.length);
  const order = compareBytes(a.name.subarray(0, common), b.name.subarray(0, common));
  return order === 0 ? sortByte(a, common) - sortByte(b, common) : order;
}

/** The byte after the part that two names share; -1 for the end of a file's name. */
function sortByte({ mode, name }: TreeEntry, at: number): number {
  return name[at] ?? (mode === '40000' && name.length === at ? SLASH : -1);
}

/** Order of bytes, a prefix first. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function malformed(detail: string): ParsedTree {
  return { ok: false, problem: 'tree-malformed', detail };
}
