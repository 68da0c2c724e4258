import { plainName } from './fold.ts';
import { bufferOver } from './headers.ts';
import { objectId } from './hash.ts';
import { formatOf, oidAt } from './id.ts';
import type { ObjectFormat, Oid } from './id.ts';

export type TreeMode = '100644' | '100755' | '120000' | '160000' | '40000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly name: Uint8Array;
  readonly id: Oid;
}

/**
 * A tree whose bytes were read strictly and hash to its id. A folder may have thousands of entries of which a step changes
 * one: no entry is made before somebody asks for it.
 */
export interface Tree {
  readonly bytes: Buffer;
  /** Where each entry begins, and at last where the bytes end: one more than there are entries. */
  readonly starts: readonly number[];
  /** Whether no name has a byte above 127. */
  readonly ascii: boolean;
  readonly idBytes: 20 | 32;
}

export type MalformedTree = {
  readonly ok: false;
  readonly problem: 'tree-hash-mismatch' | 'tree-malformed';
  /** A sentence in lower case. */
  readonly detail: string;
};

export type CheckedTree = { readonly ok: true; readonly tree: Tree } | MalformedTree;
export type ParsedTree = { readonly ok: true; readonly entries: readonly TreeEntry[] } | MalformedTree;

/** Larger trees are refused as malformed. */
export const MAX_TREE_BYTES = 64 << 20;
/** Longer names are refused: no system opens a file by one (git's fsck, `largePathname`). */
export const MAX_NAME_BYTES = 4096;

interface ModeText {
  readonly mode: TreeMode;
  /** With the space behind it. */
  readonly text: Buffer;
}

const FILE = modeText('100644');
const FOLDER = modeText('40000');
/** The most frequent first. */
const MODES = [FILE, FOLDER, ...(['100755', '120000', '160000'] as const).map(modeText)];
const FOLDER_DIGIT = 0x34;
const NUL = 0;
const SLASH = 0x2f;
const DOT = 0x2e;
const SMALL_G = 0x67;
const CAPITAL_G = 0x47;
const SMALL_T = 0x74;
const TILDE = 0x7e;
/** What NTFS takes for `.git` (git's path.c, `is_ntfs_dotgit`). */
const DOT_GIT = /^(?:\.git|git~1)[. ]*(?:$|[:\\])/i;

/**
 * Reads a tree strictly: `mode SP name NUL id`*, sorted as git sorts (tree.c, `base_name_compare`), every name once,
 * modes only as git writes them today. What git tolerates beyond that is refused.
 *
 * @param raw the object's bytes without git's `tree <length>\0`; at most 64 MiB
 */
export function checkTree(id: Oid, raw: Uint8Array): CheckedTree {
  if (raw.length > MAX_TREE_BYTES) return malformed(`larger than ${MAX_TREE_BYTES} bytes`);
  const format = formatOf(id);
  if (objectId('tree', raw, format) !== id)
    return { ok: false, problem: 'tree-hash-mismatch', detail: 'its bytes do not hash to its id' };
  return scanTree(raw, format);
}

/** `checkTree` of bytes that were hashed already. */
export function scanTree(raw: Uint8Array, format: ObjectFormat): CheckedTree {
  if (raw.length > MAX_TREE_BYTES) return malformed(`larger than ${MAX_TREE_BYTES} bytes`);
  return scan(bufferOver(raw), format === 'sha1' ? 20 : 32);
}

/** `checkTree`, and all of its entries. */
export function parseTree(id: Oid, raw: Uint8Array): ParsedTree {
  const checked = checkTree(id, raw);
  return checked.ok ? { ok: true, entries: entriesOf(checked.tree) } : checked;
}

/** How many entries a tree has. */
export function sizeOf({ starts }: Tree): number {
  return starts.length - 1;
}

export function entriesOf(tree: Tree): TreeEntry[] {
  return Array.from({ length: sizeOf(tree) }, (_, index) => entryAt(tree, index));
}

/** The entry of just this name. */
export function findEntry(tree: Tree, name: Uint8Array): TreeEntry | null {
  const index = findIndex(tree, name);
  return index === null ? null : entryAt(tree, index);
}

/** The place of the entry of just this name. A folder is sorted elsewhere than a file: one search for either. */
export function findIndex(tree: Tree, name: Uint8Array): number | null {
  return search(tree, name, false) ?? search(tree, name, true);
}

function search(tree: Tree, name: Uint8Array, slash: boolean): number | null {
  const { bytes } = tree;
  let low = 0;
  let high = sizeOf(tree);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [start, end] = [nameStart(tree, middle), nameEnd(tree, middle)];
    const common = Math.min(end - start, name.length);
    let order = bytes.compare(name, 0, common, start, start + common);
    if (order === 0) {
      const folder = bytes[tree.starts[middle] ?? 0] === FOLDER_DIGIT;
      if (end - start === name.length && folder === slash) return middle;
      order = byteAfter(bytes, start + common, end, folder) - (name[common] ?? (slash ? SLASH : -1));
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return null;
}

/** @param index from 0 to below `sizeOf`, here and below */
export function entryAt(tree: Tree, index: number): TreeEntry {
  const { bytes, starts, idBytes } = tree;
  const { mode } = modeAt(bytes, starts[index] ?? 0) ?? FILE;
  const end = nameEnd(tree, index);
  return {
    mode,
    name: bytes.subarray(nameStart(tree, index), end),
    id: oidAt(bytes, end + 1, idBytes),
  };
}

/** Where a name begins in a tree's bytes: behind the mode, which is the shorter one for a folder. */
export function nameStart({ bytes, starts }: Tree, index: number): number {
  const start = starts[index] ?? bytes.length;
  return start + (bytes[start] === FOLDER_DIGIT ? FOLDER : FILE).text.length;
}

export function nameEnd({ starts, idBytes }: Tree, index: number): number {
  return (starts[index + 1] ?? 0) - idBytes - 1;
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

function scan(bytes: Buffer, idBytes: 20 | 32): CheckedTree {
  const starts: number[] = [];
  // Lengths of the names of files that the name before begins with. A folder is sorted as if it ended in a slash, so that
  // other names may lie between it and a file of its name: all of these begin with that name.
  const files: number[] = [];
  let ascii = true;
  let before = { start: 0, end: 0, slash: false };
  let at = 0;
  while (at < bytes.length) {
    const mode = modeAt(bytes, at);
    if (mode === null) return malformed('an entry has a mode that git does not write');
    const start = at + mode.text.length;
    let end = start;
    for (let byte = bytes[end]; byte !== NUL; byte = bytes[end]) {
      if (byte === undefined) return malformed('its last entry is cut off');
      if (byte === SLASH) return malformed('a name contains a slash');
      if (byte >= 0x80) ascii = false;
      end += 1;
    }
    const next = end + 1 + idBytes;
    if (next > bytes.length) return malformed('its last entry is cut off');
    if (end - start > MAX_NAME_BYTES) return malformed(`a name is longer than ${MAX_NAME_BYTES} bytes`);
    const problem = nameProblem(bytes, start, end);
    if (problem !== null) return malformed(problem);
    const slash = mode.mode === '40000';
    let common = 0;
    if (starts.length > 0) {
      common = sharedBytes(bytes, before, start, end);
      const [one, other] = [before.start + common, start + common];
      const order = byteAfter(bytes, one, before.end, before.slash) - byteAfter(bytes, other, end, slash);
      if (order >= 0) return malformed('its entries are repeated or out of order');
    }
    while ((files.at(-1) ?? 0) > common) files.pop();
    if (slash && files.at(-1) === end - start) return malformed('a file and a directory have the same name');
    if (!slash) files.push(end - start);
    starts.push(at);
    before = { start, end, slash };
    at = next;
  }
  starts.push(bytes.length);
  return { ok: true, tree: { bytes, starts, ascii, idBytes } };
}

/** The byte of a name at a place, as git sorts names; -1 where a file's has ended. */
function byteAfter(bytes: Buffer, at: number, end: number, slash: boolean): number {
  return at < end ? (bytes[at] ?? 0) : slash ? SLASH : -1;
}

/** How many bytes a name shares with the one before it. */
function sharedBytes(
  bytes: Buffer,
  before: { readonly start: number; readonly end: number },
  start: number,
  end: number,
): number {
  const most = Math.min(before.end - before.start, end - start);
  let common = 0;
  while (common < most && bytes[before.start + common] === bytes[start + common]) common += 1;
  return common;
}

function modeAt(bytes: Buffer, at: number): ModeText | null {
  for (const one of MODES) {
    let same = 0;
    while (same < one.text.length && bytes[at + same] === one.text[same]) same += 1;
    if (same === one.text.length) return one;
  }
  return null;
}

function modeText(mode: TreeMode): ModeText {
  return { mode, text: Buffer.from(`${mode} `, 'latin1') };
}

/** Names that lead out of a folder, and those that some file system takes for `.git`: git checks none of them out. */
function nameProblem(bytes: Buffer, start: number, end: number): string | null {
  if (end === start) return 'an entry has no name';
  const first = bytes[start] ?? 0;
  if (first !== DOT && first !== SMALL_G && first !== CAPITAL_G && first < 0x80) return null;
  if (end - start <= 2 && bytes.toString('latin1', start, end).replaceAll('.', '') === '')
    return 'an entry is called `.` or `..`';
  // Both names have a `t` or `T` as their fourth letter, HFS+ apart, which ignores some letters that are not ASCII.
  const fourth = (bytes[start + 3] ?? 0) | 0x20;
  if (fourth !== SMALL_T && fourth !== TILDE && !hasHighByte(bytes, start, end)) return null;
  const isGit =
    DOT_GIT.test(bytes.toString('latin1', start, end)) || plainName(bytes.subarray(start, end)) === '.git';
  return isGit ? 'an entry is called `.git`, or what some file system takes for it' : null;
}

function hasHighByte(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((bytes[at] ?? 0) >= 0x80) return true;
  return false;
}

/** git compares a directory's name as if it ended in a slash. */
function compareSorted(a: TreeEntry, b: TreeEntry): number {
  const common = Math.min(a.name.length, b.name.length);
  const order = Buffer.compare(a.name.subarray(0, common), b.name.subarray(0, common));
  return order === 0 ? sortByte(a, common) - sortByte(b, common) : order;
}

/** The byte after the part that two names share; -1 for the end of a file's name. */
function sortByte({ mode, name }: TreeEntry, at: number): number {
  return name[at] ?? (mode === '40000' && name.length === at ? SLASH : -1);
}

function malformed(detail: string): MalformedTree {
  return { ok: false, problem: 'tree-malformed', detail };
}
