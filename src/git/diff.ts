import type { ChangedFile, FileMode, FileSide, TreeDiff } from '../core/facts/change.ts';
import type { Oid } from '../core/object/id.ts';
import { findAlike } from '../core/object/alike.ts';
import { plainName } from '../core/object/fold.ts';
import { diffTreeLevel } from '../core/object/tree-diff.ts';
import type { TreeDifference } from '../core/object/tree-diff.ts';
import { entriesOf, entryAt, sizeOf } from '../core/object/tree.ts';
import type { Tree, TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import { nextTree, readTrees } from './trees.ts';

/** One directory that differs. `prefix` is empty or ends in `/`. */
interface Pair {
  readonly prefix: Uint8Array;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

interface Twin {
  readonly path: Uint8Array;
  readonly twin: Uint8Array;
}

interface DirectoryTwin {
  /** Path of the directory, ending in `/`. */
  readonly prefix: Uint8Array;
  readonly twin: Uint8Array;
}

const MAX_DEPTH = 256;
/** Trees of trees without files grow as fast as a bomb: directories and bytes are counted as well as files. */
const MAX_DIRECTORIES = 250_000;
const MAX_ENTRIES = 20_000_000;
/** Pairs of directories that are read together: few, for each may be large, and somebody may make any number differ. */
const AT_A_TIME = 8;
const MAX_PATH_BYTES = 16 * 1024 * 1024;
const SLASH = 0x2f;
/** Touched entries of a directory that are compared one by one. */
const FEW = 8;

/**
 * The raw difference of two trees, `null` being the empty one: no renames, no attributes, no ignored submodules.
 * Directories of one level are read in one batch, and only those that differ. Throws `Unreadable('list-cut')` for more
 * than `limit` files, 256 levels, or more directories than any repository has.
 */
export async function diffTrees(
  objects: ObjectReader,
  before: Oid | null,
  after: Oid | null,
  limit: number,
): Promise<TreeDiff> {
  const files: ChangedFile[] = [];
  const twins: Twin[] = [];
  const directoryTwins: DirectoryTwin[] = [];
  let level: Pair[] = before === after ? [] : [{ prefix: new Uint8Array(), before, after }];
  let directories = 0;
  let entriesSeen = 0;
  let pathBytes = 0;

  for (let depth = 0; level.length > 0; depth += 1) {
    directories += level.length;
    if (depth >= MAX_DEPTH || directories > MAX_DIRECTORIES) {
      throw cut(`the trees are nested deeper than ${MAX_DEPTH} levels or differ in too many directories`);
    }
    const next: Pair[] = [];
    for (let from = 0; from < level.length; from += AT_A_TIME) {
      for (const { prefix, old, young } of await readPairs(objects, level.slice(from, from + AT_A_TIME))) {
        entriesSeen += (old ? sizeOf(old) : 0) + (young ? sizeOf(young) : 0);
        if (entriesSeen > MAX_ENTRIES) throw cut('the trees have too many entries');
        const differences = diffTreeLevel(old, young);
        for (const difference of differences) {
          const path = Buffer.concat([prefix, difference.name]);
          pathBytes += path.length;
          if (pathBytes > MAX_PATH_BYTES) throw cut('the changed paths are too long');
          const file = changedFile(path, difference);
          if (file !== null) files.push(file);
          if (files.length > limit) throw cut(`more than ${limit} files differ`);
          const pair = subtreePair(path, difference);
          if (pair !== null) next.push(pair);
        }
        for (const [name, twin] of findTwins(young, differences)) {
          const path = Buffer.concat([prefix, name.name]);
          const other = Buffer.concat([prefix, twin.name]);
          if (name.mode !== '40000') twins.push({ path, twin: other });
          else directoryTwins.push({ prefix: Buffer.concat([path, Uint8Array.of(SLASH)]), twin: other });
        }
      }
    }
    level = next;
  }
  files.sort((a, b) => Buffer.compare(a.path, b.path));
  for (const twin of firstBelow(files, directoryTwins)) twins.push(twin);
  twins.sort((a, b) => Buffer.compare(a.path, b.path) || Buffer.compare(a.twin, b.twin));
  return { files, twins };
}

interface ReadPair {
  readonly prefix: Uint8Array;
  readonly old: Tree | null;
  readonly young: Tree | null;
}

async function readPairs(objects: ObjectReader, pairs: readonly Pair[]): Promise<readonly ReadPair[]> {
  const wanted = pairs.flatMap(({ before, after }) => [before, after]).filter((id) => id !== null);
  const trees = (await readTrees(objects, wanted)).values();
  return pairs.map(({ prefix, before, after }) => ({
    prefix,
    old: before && nextTree(trees),
    young: after && nextTree(trees),
  }));
}

function changedFile(path: Uint8Array, { before, after }: TreeDifference): ChangedFile | null {
  const file = { path, before: fileSide(before), after: fileSide(after) };
  return file.before === null && file.after === null ? null : file;
}

function fileSide(entry: TreeEntry | null): FileSide | null {
  if (entry === null || entry.mode === '40000') return null;
  const mode: FileMode = entry.mode;
  return { mode, id: entry.id };
}

function subtreePair(path: Uint8Array, { before, after }: TreeDifference): Pair | null {
  const old = before?.mode === '40000' ? before.id : null;
  const young = after?.mode === '40000' ? after.id : null;
  if (old === young) return null;
  return { prefix: Buffer.concat([path, Uint8Array.of(SLASH)]), before: old, after: young };
}

/** Entries of a new directory that were added or changed and fold to the same name as another of its entries. */
function findTwins(young: Tree | null, differences: readonly TreeDifference[]): [TreeEntry, TreeEntry][] {
  const touched = differences.flatMap(({ after }) => (after === null ? [] : [after]));
  if (young === null || touched.length === 0 || sizeOf(young) < 2) return [];
  if (touched.length <= FEW) {
    return touched.flatMap((entry) =>
      twin(
        entry,
        findAlike(young, entry.name).map((index) => entryAt(young, index)),
      ),
    );
  }
  const groups = Map.groupBy(entriesOf(young), ({ name }) => plainName(name));
  return touched.flatMap((entry) => twin(entry, groups.get(plainName(entry.name)) ?? []));
}

function twin(entry: TreeEntry, alike: readonly TreeEntry[]): [TreeEntry, TreeEntry][] {
  const other = alike.find(({ name }) => Buffer.compare(name, entry.name) !== 0);
  return other === undefined ? [] : [[entry, other]];
}

/** A directory has no line of its own in a difference: its first added or changed file stands for it. */
function firstBelow(files: readonly ChangedFile[], directories: readonly DirectoryTwin[]): Twin[] {
  return directories.flatMap(({ prefix, twin }) => {
    let low = 0;
    let high = files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(files[middle]?.path ?? prefix, prefix) < 0) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < files.length; at += 1) {
      const file = files[at];
      if (file === undefined || !startsWith(file.path, prefix)) break;
      if (file.after !== null) return [{ path: file.path, twin }];
    }
    return [];
  });
}

function startsWith(path: Uint8Array, prefix: Uint8Array): boolean {
  return path.length >= prefix.length && Buffer.compare(path.subarray(0, prefix.length), prefix) === 0;
}

function cut(message: string): Unreadable {
  return new Unreadable('list-cut', message, { passing: false });
}
