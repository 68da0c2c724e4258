import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { objectId } from '../core/object/hash.ts';
import { formatOf } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { TREE_LIMITS } from './source.ts';
import type { TreeLimits, TreeSource } from './source.ts';
import { readDirectories, walkTree } from './trees.ts';

const SLASH = Buffer.from('/');

/**
 * Whether a folder holds exactly this tree: the same names, kinds and contents, each content hashed anew. For a copy that
 * was made before: a disk that lost power, or somebody else, may have changed it. Throws what `readDirectories` throws.
 */
export async function isSameTree(
  tree: Oid,
  folder: string,
  source: Pick<TreeSource, 'readObjects'>,
  limits: TreeLimits = TREE_LIMITS,
): Promise<boolean> {
  const directories = await readDirectories(tree, source, limits);
  const open: Buffer[] = [];
  for (const { event, entry } of walkTree(tree, directories, limits)) {
    if (event === 'close') {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const path =
      parent === undefined || entry === null
        ? Buffer.from(folder)
        : Buffer.concat([parent, SLASH, entry.name]);
    if (event === 'open') {
      const expected = entry?.mode === '160000' ? [] : (directories.get(entry?.id ?? tree) ?? []);
      if (!(await hasNames(path, expected))) return false;
      open.push(path);
    } else if (!(await isSameFile(path, entry))) return false;
  }
  return true;
}

/** Whether it is a folder itself, no link to one, with these names alone. */
async function hasNames(path: Buffer, entries: readonly TreeEntry[]): Promise<boolean> {
  const info = await lstat(path).catch(() => null);
  if (info?.isDirectory() !== true) return false;
  const found = await readdir(path, { encoding: 'buffer' }).catch(() => null);
  const names = new Set(found?.map((name) => name.toString('latin1')));
  return (
    found?.length === entries.length &&
    entries.every(({ name }) => names.has(Buffer.from(name).toString('latin1')))
  );
}

async function isSameFile(path: Buffer, { id, mode }: TreeEntry): Promise<boolean> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return false;
  let bytes: Uint8Array | null = null;
  if (mode === '120000') {
    bytes = info.isSymbolicLink() ? await readlink(path, { encoding: 'buffer' }).catch(() => null) : null;
  } else if (info.isFile() && ((info.mode & 0o100) !== 0) === (mode === '100755')) {
    bytes = info.size > TREE_LIMITS.fileBytes ? null : await readFile(path).catch(() => null);
  }
  return bytes !== null && objectId('blob', bytes, formatOf(id)) === id;
}
