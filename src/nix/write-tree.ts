import { mkdir, symlink, writeFile } from 'node:fs/promises';
import type { Oid } from '../core/object/id.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import { TREE_LIMITS } from './source.ts';
import type { TreeLimits, TreeSource } from './source.ts';
import { beyond, readDirectories, walkTree } from './trees.ts';

/** A file or symbolic link that is still to be written, and where. */
interface Waiting {
  readonly path: Buffer;
  readonly entry: TreeEntry;
  readonly size: number;
}

const BATCH_FILES = 256;
const BATCH_BYTES = 16 * 1024 * 1024;
const SLASH = Buffer.from('/');

/**
 * Writes a tree as files into a new folder: exactly what `narHash` of it is the hash of. Contents are read-only; a
 * submodule is an empty folder. Every folder and file is made anew, so nothing is ever written through a link or over
 * something that was there, on a disk that ignores letter case neither; names are those that `parseTree` lets pass.
 *
 * Throws `Unreadable`: what the source throws, `list-cut` beyond the limits, `file-unreadable` where the disk refuses; the
 * folder is then incomplete, and for the caller to remove.
 *
 * @param target a whole path at which nothing is yet
 */
export async function writeTree(
  tree: Oid,
  target: string,
  source: TreeSource,
  limits: TreeLimits = TREE_LIMITS,
): Promise<void> {
  const directories = await readDirectories(tree, source, limits);
  const open: Buffer[] = [];
  let waiting: { readonly path: Buffer; readonly entry: TreeEntry }[] = [];
  let total = 0;
  const flush = async (): Promise<void> => {
    const sized = await sizesOf(waiting, source);
    for (const { size } of sized) total += size;
    if (total > limits.totalBytes) throw beyond(tree, `more than ${limits.totalBytes} bytes of files`);
    for (const batch of batchesOf(sized)) await writeFiles(batch, source, limits);
    waiting = [];
  };
  for (const { event, entry } of walkTree(tree, directories, limits)) {
    if (event === 'close') {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const path =
      parent === undefined || entry === null
        ? Buffer.from(target)
        : Buffer.concat([parent, SLASH, entry.name]);
    if (event === 'open') {
      await onDisk(path, () => mkdir(path, { mode: 0o755 }));
      open.push(path);
    } else {
      waiting.push({ path, entry });
      if (waiting.length >= BATCH_FILES) await flush();
    }
  }
  await flush();
}

async function sizesOf(
  files: readonly Omit<Waiting, 'size'>[],
  source: TreeSource,
): Promise<readonly Waiting[]> {
  const infos = await source.readInfo(files.map(({ entry }) => entry.id));
  return files.map((file, index) => {
    const info = infos[index];
    if (info === null || info === undefined) {
      throw new Unreadable('object-missing', `blob \`${file.entry.id}\` is missing`);
    }
    return { ...file, size: info.size };
  });
}

/** At most so many bytes together, or one file. */
function* batchesOf(files: readonly Waiting[]): Generator<readonly Waiting[]> {
  let batch: Waiting[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length > 0 && bytes + file.size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  yield batch;
}

async function writeFiles(batch: readonly Waiting[], source: TreeSource, limits: TreeLimits): Promise<void> {
  const ids = batch.map(({ entry }) => entry.id);
  const contents = await source.readObjects(ids, 'blob', limits.fileBytes);
  await Promise.all(
    batch.map(({ path, entry }, index) => {
      const bytes = Buffer.from(contents[index] ?? []);
      if (entry.mode === '120000') return onDisk(path, () => symlink(bytes, path));
      const mode = entry.mode === '100755' ? 0o555 : 0o444;
      // Exclusive: neither follows a link nor writes over anything (open(2), O_EXCL).
      return onDisk(path, () => writeFile(path, bytes, { flag: 'wx', mode }));
    }),
  );
}

async function onDisk(path: Buffer, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    const name = path.toString('utf8').slice(-200);
    throw new Unreadable('file-unreadable', `\`${name}\` could not be written: ${code}`, {
      passing: false,
      cause,
    });
  }
}
