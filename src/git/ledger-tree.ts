import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectId } from '../core/object/hash.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/object/id.ts';
import { encodeTree, entryAt, findEntry, findIndex, sizeOf } from '../core/object/tree.ts';
import type { Tree, TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Ledger } from './ledger.ts';
import { runGitOk } from './run.ts';

/** Objects that make a ledger with more files in it. */
export interface GrownLedger {
  readonly tree: Oid;
  readonly blobs: readonly Uint8Array[];
  readonly trees: readonly Uint8Array[];
  /** Paths that were not there. */
  readonly added: readonly string[];
}

/**
 * The tree of a ledger with files added to it; everything else in it stays as it is. A file whose name does not follow
 * from its bytes, as only an attacker writes one, gives its place to the one whose name does.
 *
 * @param ledger `null` for one that does not exist yet
 * @param files by path, `<folder>/<key>/<name>`
 */
export async function growLedger(
  ledger: Ledger | null,
  files: ReadonlyMap<string, Uint8Array>,
  format: ObjectFormat,
): Promise<GrownLedger> {
  const blobs = new Map<Oid, Uint8Array>();
  const trees: Uint8Array[] = [];
  const added: string[] = [];
  const keep = (bytes: Uint8Array): Oid => {
    trees.push(bytes);
    return objectId('tree', bytes, format);
  };
  const folderOf = (name: string, id: Oid): TreeEntry => ({ mode: '40000', name: encode(name), id });
  const folders: TreeEntry[] = [];
  for (const [folder, ofFolder] of Map.groupBy(files, ([path]) => path.split('/')[0] ?? '')) {
    const keys: TreeEntry[] = [];
    for (const [key, ofKey] of Map.groupBy(ofFolder, ([path]) => path.split('/')[1] ?? '')) {
      const tree = (await ledger?.list(folder, key)) ?? null;
      const entries: TreeEntry[] = [];
      for (const [path, bytes] of ofKey) {
        const id = objectId('blob', bytes, format);
        const name = encode(path.split('/')[2] ?? '');
        const there = tree && findEntry(tree, name);
        if (there?.id === id && there.mode === '100644') continue;
        entries.push({ mode: '100644', name, id });
        blobs.set(id, bytes);
        added.push(path);
      }
      if (entries.length > 0) keys.push(folderOf(key, keep(putInto(tree, entries))));
    }
    if (keys.length > 0) folders.push(folderOf(folder, keep(putInto(ledger?.top(folder) ?? null, keys))));
  }
  return { tree: keep(putInto(ledger?.top('') ?? null, folders)), blobs: [...blobs.values()], trees, added };
}

/** Writes objects into the repository around a folder. Throws `Unreadable('git-failed')`. */
export async function writeObjects(
  directory: string,
  type: ObjectType,
  objects: readonly Uint8Array[],
  format: ObjectFormat,
): Promise<void> {
  if (objects.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
  try {
    const paths: string[] = [];
    for (const [index, bytes] of objects.entries()) {
      const path = join(folder, String(index));
      await writeFile(path, bytes, { mode: 0o600 });
      paths.push(path);
    }
    const args = ['hash-object', '-w', '-t', type, '--no-filters', '--stdin-paths'];
    const said = await runGitOk(args, {
      gitDir: null,
      cwd: directory,
      own: true,
      input: paths.map((path) => `${path}\n`).join(''),
    });
    const expected = objects.map((bytes) => `${objectId(type, bytes, format)}\n`).join('');
    if (Buffer.from(said).toString('latin1') !== expected) {
      throw new Unreadable('git-failed', 'git wrote other objects than those of the ledger');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The bytes of a tree with entries in it that take the place of those of the same name. What stays is copied as bytes:
 * anybody who may push chooses how much that is.
 */
function putInto(tree: Tree | null, added: readonly TreeEntry[]): Uint8Array {
  if (tree === null) return encodeTree(added);
  const { bytes, starts } = tree;
  const startOf = (index: number): number => starts[index] ?? bytes.length;
  const inOrder = added.toSorted((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  const cuts = inOrder.flatMap((entry) => {
    const old = findIndex(tree, entry.name);
    const at = startOf(placeOf(tree, entry));
    const put = { at, end: at, bytes: encodeTree([entry]) };
    return old === null ? [put] : [put, { at: startOf(old), end: startOf(old + 1), bytes: new Uint8Array() }];
  });
  const pieces: Uint8Array[] = [];
  let copied = 0;
  // What is put at a place comes before what is taken away there.
  for (const cut of cuts.sort((a, b) => a.at - b.at || a.end - b.end)) {
    pieces.push(bytes.subarray(copied, cut.at), cut.bytes);
    copied = cut.end;
  }
  return Buffer.concat([...pieces, bytes.subarray(copied)]);
}

/** Before which entry of a tree another one is sorted. */
function placeOf(tree: Tree, entry: TreeEntry): number {
  const key = sortKey(entry);
  let low = 0;
  let high = sizeOf(tree);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(sortKey(entryAt(tree, middle)), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** git sorts a folder as if its name ended in a slash (tree.c, `base_name_compare`). */
function sortKey({ mode, name }: TreeEntry): Uint8Array {
  return mode === '40000' ? Buffer.concat([name, Buffer.from('/')]) : name;
}

function encode(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}
