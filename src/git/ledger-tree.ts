import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectId } from '../core/object/id.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/object/id.ts';
import { encodeTree, entriesOf, type TreeEntry } from '../core/object/tree.ts';
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
  const keep = (entries: readonly TreeEntry[]): Oid => {
    const bytes = encodeTree(entries);
    trees.push(bytes);
    return objectId('tree', bytes, format);
  };
  let root = entriesIn(ledger, '');
  for (const [folder, ofFolder] of Map.groupBy(files, ([path]) => path.split('/')[0] ?? '')) {
    let keys = entriesIn(ledger, folder);
    const before = added.length;
    for (const [key, ofKey] of Map.groupBy(ofFolder, ([path]) => path.split('/')[1] ?? '')) {
      let entries = [...((await ledger?.list(folder, key)) ?? [])];
      const earlier = added.length;
      for (const [path, bytes] of ofKey) {
        const id = objectId('blob', bytes, format);
        const name = new TextEncoder().encode(path.split('/')[2]);
        if (entries.some((one) => one.id === id && one.mode === '100644' && sameName(one.name, name)))
          continue;
        entries = put(entries, { mode: '100644', name, id });
        blobs.set(id, bytes);
        added.push(path);
      }
      if (added.length > earlier) {
        keys = put(keys, { mode: '40000', name: new TextEncoder().encode(key), id: keep(entries) });
      }
    }
    if (added.length > before) {
      root = put(root, { mode: '40000', name: new TextEncoder().encode(folder), id: keep(keys) });
    }
  }
  return { tree: keep(root), blobs: [...blobs.values()], trees, added };
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

function entriesIn(ledger: Ledger | null, folder: string): TreeEntry[] {
  const tree = ledger?.top(folder) ?? null;
  return tree === null ? [] : entriesOf(tree);
}

function put(entries: readonly TreeEntry[], entry: TreeEntry): TreeEntry[] {
  return [...entries.filter(({ name }) => !sameName(name, entry.name)), entry];
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
