import { createHash } from 'node:crypto';
import type { Oid } from '../core/object/id.ts';
import type { TreeEntry } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import { TREE_LIMITS } from './source.ts';
import type { TreeLimits, TreeSource } from './source.ts';
import { beyond, readDirectories, walkTree } from './trees.ts';
import type { Directories, Visit } from './trees.ts';

/** Files whose contents are read together. */
const BATCH_FILES = 1024;
const BATCH_BYTES = 16 * 1024 * 1024;

/** A place in the archive where a file's contents go, or bytes of the archive itself. */
type Part = Buffer | TreeEntry;

/**
 * The hash that nix gives a tree: `sha256-` and the base64 of the SHA-256 of its NAR, as in `narHash` of a lock file. This
 * is the tree as it lies in git: what `fetchGit` and flake inputs of type git take, submodules left out. A forge's tarball
 * may differ where `.gitattributes` demand it, see archive-attributes.ts.
 *
 * Throws `Unreadable`: `object-missing`, `object-forged` where bytes do not hash to their id or a tree does not parse
 * strictly, `list-cut` beyond the limits. Holds the directories and at most 16 MiB of files (or one file) at a time.
 */
export async function narHash(
  tree: Oid,
  source: TreeSource,
  limits: TreeLimits = TREE_LIMITS,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of narOf(tree, source, limits)) hash.update(chunk);
  return `sha256-${hash.digest('base64')}`;
}

/**
 * The NAR of a tree, in pieces (Dolstra, "The Purely Functional Software Deployment Model", figure 5.2; nix manual,
 * "Nix Archive (NAR) format"): strings are their length as 64 bits little endian and their bytes, padded with zeros to a
 * multiple of 8. Errors as in `narHash`; what was given before one is worth nothing.
 */
export async function* narOf(
  tree: Oid,
  source: TreeSource,
  limits: TreeLimits = TREE_LIMITS,
): AsyncGenerator<Uint8Array, void> {
  const directories = await readDirectories(tree, source, limits);
  let total = 0;
  for (const parts of partsOf(tree, directories, limits)) {
    const files = parts.filter((part): part is TreeEntry => !Buffer.isBuffer(part));
    const sizes = await sizesOf(files, source);
    for (const size of sizes) total += size;
    if (total > limits.totalBytes) throw beyond(tree, `more than ${limits.totalBytes} bytes of files`);
    const contents = readInOrder(files, sizes, source, limits);
    for (const part of parts) {
      if (Buffer.isBuffer(part)) {
        yield part;
        continue;
      }
      const { value } = await contents.next();
      const bytes = value ?? new Uint8Array();
      yield lengthOf(bytes.length);
      yield bytes;
      yield padding(bytes.length);
    }
  }
}

/** The archive with gaps for contents, cut so that no piece has more than a batch of files. */
function* partsOf(tree: Oid, directories: Directories, limits: TreeLimits): Generator<readonly Part[]> {
  let parts: Part[] = [];
  let words: Buffer[] = [string('nix-archive-1')];
  let files = 0;
  for (const visit of walkTree(tree, directories, limits)) {
    words.push(...wordsBefore(visit));
    if (visit.event === 'file') {
      parts.push(Buffer.concat(words), visit.entry);
      words = [string(')'), string(')')];
      files += 1;
    }
    if (files >= BATCH_FILES || words.length >= BATCH_FILES) {
      parts.push(Buffer.concat(words));
      yield parts;
      parts = [];
      words = [];
      files = 0;
    }
  }
  yield [...parts, Buffer.concat(words)];
}

function wordsBefore({ event, entry }: Visit): readonly Buffer[] {
  if (event === 'close') return entry === null ? [CLOSE] : [CLOSE, CLOSE];
  const begin = entry === null ? [] : [ENTRY, bytesString(entry.name), NODE];
  if (event === 'open') return [...begin, DIRECTORY];
  if (entry.mode === '120000') return [...begin, SYMLINK];
  return [...begin, entry.mode === '100755' ? EXECUTABLE : REGULAR];
}

async function sizesOf(files: readonly TreeEntry[], source: TreeSource): Promise<readonly number[]> {
  const infos = await source.readInfo(files.map(({ id }) => id));
  return infos.map((info, index) => {
    if (info !== null) return info.size;
    throw new Unreadable('object-missing', `blob \`${files[index]?.id ?? ''}\` is missing`);
  });
}

/** Verified contents in the order of the files, a bounded number of bytes at a time. */
async function* readInOrder(
  files: readonly TreeEntry[],
  sizes: readonly number[],
  source: TreeSource,
  limits: TreeLimits,
): AsyncGenerator<Uint8Array, void> {
  let from = 0;
  while (from < files.length) {
    let to = from + 1;
    let bytes = sizes[from] ?? 0;
    while (to < files.length && bytes + (sizes[to] ?? 0) <= BATCH_BYTES) {
      bytes += sizes[to] ?? 0;
      to += 1;
    }
    const ids = files.slice(from, to).map(({ id }) => id);
    yield* await source.readObjects(ids, 'blob', limits.fileBytes);
    from = to;
  }
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(length));
  return bytes;
}

function padding(length: number): Buffer {
  return Buffer.alloc((8 - (length % 8)) % 8);
}

function bytesString(bytes: Uint8Array): Buffer {
  return Buffer.concat([lengthOf(bytes.length), bytes, padding(bytes.length)]);
}

function string(text: string): Buffer {
  return bytesString(Buffer.from(text, 'latin1'));
}

function strings(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map(string));
}

const CLOSE = string(')');
const ENTRY = strings('entry', '(', 'name');
const NODE = string('node');
const DIRECTORY = strings('(', 'type', 'directory');
const SYMLINK = strings('(', 'type', 'symlink', 'target');
const REGULAR = strings('(', 'type', 'regular', 'contents');
const EXECUTABLE = strings('(', 'type', 'regular', 'executable', '', 'contents');
