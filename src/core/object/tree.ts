import { formatOf, objectId, parseOid } from './id.ts';
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
 */
export function parseTree(id: Oid, raw: Uint8Array): ParsedTree {
  if (raw.length > MAX_TREE_BYTES) return malformed(`larger than ${MAX_TREE_BYTES} bytes`);
  const format = formatOf(id);
  if (objectId('tree', raw, format) !== id) {
    return { ok: false, problem: 'tree-hash-mismatch', detail: 'its bytes do not hash to its id' };
  }
  const idBytes = format === 'sha1' ? 20 : 32;
  const entries: TreeEntry[] = [];
  // A file and a directory of one name need not be neighbours in the order, so order alone does not find them.
  const names = new Set<string>();
  let at = 0;
  while (at < raw.length) {
    const space = raw.indexOf(SPACE, at);
    // A name with a NUL in it ends there: what follows is then read as an id.
    const nul = space < 0 ? -1 : raw.indexOf(NUL, space);
    if (nul < 0 || nul + 1 + idBytes > raw.length) return malformed('its last entry is cut off');
    const mode = text(raw.subarray(at, Math.min(space, at + 7)), 'latin1');
    if (!isMode(mode)) return malformed('an entry has a mode that git does not write');
    const name = raw.subarray(space + 1, nul);
    const problem = nameProblem(name);
    if (problem !== null) return malformed(problem);
    const entryId = parseOid(text(raw.subarray(nul + 1, nul + 1 + idBytes), 'hex'));
    if (entryId === null) return malformed('an entry has no valid object id');
    const entry: TreeEntry = { mode, name, id: entryId };
    const previous = entries.at(-1);
    if (previous && compareBytes(sortName(previous), sortName(entry)) >= 0) {
      return malformed('its entries are repeated or out of order');
    }
    const key = text(name, 'latin1');
    if (names.has(key)) return malformed('a file and a directory have the same name');
    names.add(key);
    entries.push(entry);
    at = nul + 1 + idBytes;
  }
  return { ok: true, entries };
}

/** The names whose mode or id differ between two trees, in byte order of the name. Does not look into subtrees. */
export function diffTreeLevel(before: readonly TreeEntry[], after: readonly TreeEntry[]): TreeDifference[] {
  const unmatched = new Map(after.map((entry) => [text(entry.name, 'latin1'), entry]));
  const differences: TreeDifference[] = [];
  for (const entry of before) {
    const key = text(entry.name, 'latin1');
    const other = unmatched.get(key) ?? null;
    unmatched.delete(key);
    if (other?.mode !== entry.mode || other.id !== entry.id) {
      differences.push({ name: entry.name, before: entry, after: other });
    }
  }
  for (const entry of unmatched.values()) differences.push({ name: entry.name, before: null, after: entry });
  return differences.sort((a, b) => compareBytes(a.name, b.name));
}

function isMode(mode: string): mode is TreeMode {
  return MODES.includes(mode);
}

/** Names that git's fsck refuses, and that could lead a path out of its directory. */
function nameProblem(name: Uint8Array): string | null {
  if (name.length === 0) return 'an entry has no name';
  if (name.includes(SLASH)) return 'a name contains a slash';
  const short = name.length <= 4 ? text(name, 'latin1').toLowerCase() : '';
  return short === '.' || short === '..' || short === '.git' ? `an entry is called \`${short}\`` : null;
}

/** git compares a directory's name as if it ended in a slash. */
function sortName(entry: TreeEntry): Uint8Array {
  return entry.mode === '40000' ? Buffer.concat([entry.name, Uint8Array.of(SLASH)]) : entry.name;
}

/** Order of bytes, a prefix first. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function text(bytes: Uint8Array, encoding: 'latin1' | 'hex'): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

function malformed(detail: string): ParsedTree {
  return { ok: false, problem: 'tree-malformed', detail };
}
