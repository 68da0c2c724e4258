import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { objectId } from '../../src/core/object/hash.ts';
import { type ObjectFormat, type Oid } from '../../src/core/object/id.ts';
import { forgeObject, gitIn, oid, type Scratch } from '../git/scratch.ts';

/** A file or directory to be made; names and targets are bytes as Latin-1. */
export type Made =
  | { readonly kind: 'file' | 'program' | 'link'; readonly bytes: string | Uint8Array }
  | { readonly kind: 'module' }
  | { readonly kind: 'folder'; readonly entries: Readonly<Record<string, Made>> };

export const file = (bytes: string | Uint8Array = ''): Made => ({ kind: 'file', bytes });
export const program = (bytes: string): Made => ({ kind: 'program', bytes });
export const link = (target: string): Made => ({ kind: 'link', bytes: target });
export const folder = (entries: Readonly<Record<string, Made>> = {}): Made => ({ kind: 'folder', entries });
export const submodule: Made = { kind: 'module' };

const MODES = { file: '100644', program: '100755', link: '120000', folder: '040000', module: '160000' };

/** Writes it: contents as loose objects, directories by `git mktree`, which sorts them as git does. */
export function writeTree(repo: Scratch, entries: Readonly<Record<string, Made>>): Oid {
  const format = repo.git(['rev-parse', '--show-object-format']) === 'sha256' ? 'sha256' : 'sha1';
  return treeOf({ repo, format, known: new Map() }, entries);
}

interface Ground {
  readonly repo: Scratch;
  readonly format: ObjectFormat;
  readonly known: Map<string, Oid>;
}

function treeOf(ground: Ground, entries: Readonly<Record<string, Made>>): Oid {
  const { repo, known } = ground;
  const lines = Object.entries(entries).map(([name, made]) => {
    const [type, id] = objectOf(ground, made);
    return Buffer.from(`${MODES[made.kind]} ${type} ${id}\t${name}\0`, 'latin1');
  });
  const input = Buffer.concat(lines);
  const key = input.toString('latin1');
  const tree = known.get(key) ?? oid(repo.git(['mktree', '-z', '--missing'], input));
  known.set(key, tree);
  return tree;
}

function objectOf(ground: Ground, made: Made): readonly [string, Oid] {
  const { repo, format } = ground;
  if (made.kind === 'folder') return ['tree', treeOf(ground, made.entries)];
  if (made.kind === 'module') return ['commit', oid('1'.repeat(format === 'sha1' ? 40 : 64))];
  const bytes = typeof made.bytes === 'string' ? Buffer.from(made.bytes, 'latin1') : made.bytes;
  const id = objectId('blob', bytes, format);
  forgeObject(repo, id, 'blob', bytes);
  return ['blob', id];
}

/** Lets git write a tree to disk, links and modes and all, and gives the folder. */
export function checkOut(repo: Scratch, tree: Oid, name: string): string {
  const target = join(repo.root, name);
  mkdirSync(target);
  gitIn(repo.dir, ['read-tree', tree]);
  gitIn(repo.dir, ['checkout-index', '--all', '--force', `--prefix=${target}/`]);
  return target;
}

/** A commit of a tree. */
export function commitTree(repo: Scratch, tree: Oid): Oid {
  return oid(repo.git(['commit-tree', '-m', 'a tree', tree]));
}
