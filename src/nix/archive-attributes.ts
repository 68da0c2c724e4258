import type { Oid } from '../core/object/id.ts';
import { TREE_LIMITS } from './source.ts';
import type { TreeLimits, TreeSource } from './source.ts';
import { beyond, readDirectories, walkTree } from './trees.ts';
import type { Directories } from './trees.ts';

/** A line of a `.gitattributes` file that can make a tarball of a tree differ from the tree. */
export interface ArchiveAttribute {
  /** Of the `.gitattributes` file; bytes that are no UTF-8 are replaced. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** As it stands there: `export-ignore`, `eol=crlf`, … */
  readonly attribute: string;
}

const NAME = Buffer.from('.gitattributes');
const FILE_BYTES = 1024 * 1024;
const MAX_FILES = 1000;
const MAX_FOUND = 100;

/**
 * What `git archive` does beyond copying (git-archive(1), gitattributes(5)): it leaves out, expands, and converts as a
 * checkout does. A server has no drivers but perhaps Git LFS, and writes line feeds unless a file wants others.
 */
const CHANGING = /^(?:export-ignore|export-subst|ident|working-tree-encoding|eol=crlf|filter=lfs)(?:=|$)/;

/**
 * The attributes of a tree for which a forge's tarball (GitHub, GitLab, sourcehut: `git archive`), and `fetchGit` of some
 * nix, may differ from the tree: at most 100, the first of each line, in the order of paths. Whether a pattern fits any
 * file is not looked at: an empty list is a proof, another one a warning. Throws `Unreadable` as `narHash` does, and
 * `list-cut` for more than 1,000 different files of attributes or one above 1 MiB.
 */
export async function findArchiveAttributes(
  tree: Oid,
  source: Pick<TreeSource, 'readObjects'>,
  limits: TreeLimits = TREE_LIMITS,
): Promise<readonly ArchiveAttribute[]> {
  const directories = await readDirectories(tree, source, limits);
  const files = findFiles(tree, directories, limits);
  if (files.size > MAX_FILES) throw beyond(tree, `more than ${MAX_FILES} different files of attributes`);
  const found: ArchiveAttribute[] = [];
  for (const [id, path] of files) {
    const [bytes] = await source.readObjects([id], 'blob', FILE_BYTES);
    const lines = Buffer.from(bytes ?? [])
      .toString('latin1')
      .split('\n');
    for (const [index, line] of lines.entries()) {
      const attribute = changingAttribute(line);
      if (attribute !== null) found.push({ path, line: index + 1, attribute });
      if (found.length >= MAX_FOUND) return found;
    }
  }
  return found;
}

/** Each different content once, under its first path. git reads one that is a symbolic link as text, or not at all. */
function findFiles(tree: Oid, directories: Directories, limits: TreeLimits): ReadonlyMap<Oid, string> {
  const files = new Map<Oid, string>();
  const names: Uint8Array[] = [];
  for (const { event, entry } of walkTree(tree, directories, limits)) {
    if (entry === null) continue;
    if (event === 'open') names.push(entry.name);
    else if (event === 'close') names.pop();
    else if (Buffer.compare(entry.name, NAME) === 0 && !files.has(entry.id)) {
      files.set(entry.id, [...names, entry.name].map((name) => Buffer.from(name).toString('utf8')).join('/'));
    }
  }
  return files;
}

/** The first attribute after the pattern that is set or has a value; `-name` and `!name` take one away. */
function changingAttribute(line: string): string | null {
  const text = line.trim();
  if (text.startsWith('#')) return null;
  // A pattern with blanks stands in quotes, as in C.
  const pattern = /^(?:"(?:[^"\\]|\\.){0,2048}"|[^\s]+)/.exec(text.slice(0, 4096))?.[0] ?? '';
  const words = text.slice(pattern.length).split(/\s+/);
  return words.find((word) => CHANGING.test(word)) ?? null;
}
