import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ChangedFile, FileMode, FileSide } from '../../../src/core/facts/change.ts';
import { objectId } from '../../../src/core/object/hash.ts';
import { parseOid, type ObjectFormat, type ObjectType, type Oid } from '../../../src/core/object/id.ts';

/** What a file of a case is: text, or something special. */
export type Content =
  string | { readonly executable: string } | { readonly link: string } | { readonly submodule: string };

/** Every path of a tree, flat. */
export type Files = ReadonlyMap<string, FileSide>;

/** Objects in git's own form, kept in memory as well: what a case is made of. */
export interface ObjectStore {
  readonly format: ObjectFormat;
  blob(content: Content): FileSide;
  tree(files: Files): Oid;
  commit(raw: Uint8Array): Oid;
  /** SHA-256 (hex) of the blobs that were stored. */
  readonly contents: ReadonlyMap<Oid, string>;
}

/** @param folder the `objects` of a repository */
export function openStore(folder: string, format: ObjectFormat = 'sha1'): ObjectStore {
  const contents = new Map<Oid, string>();
  const store = (type: ObjectType, bytes: Uint8Array): Oid => {
    const id = objectId(type, bytes, format);
    const path = join(folder, id.slice(0, 2), id.slice(2));
    if (existsSync(path)) return id;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, deflateSync(Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes])));
    return id;
  };
  return {
    format,
    contents,
    commit: (raw) => store('commit', raw),
    blob(content) {
      if (typeof content === 'object' && 'submodule' in content) {
        const id = parseOid(content.submodule);
        if (id === null) throw new Error('no commit id');
        return { mode: '160000', id };
      }
      const [mode, text] = modeOf(content);
      const bytes = Buffer.from(text);
      const id = store('blob', bytes);
      contents.set(id, createHash('sha256').update(bytes).digest('hex'));
      return { mode, id };
    },
    tree: (files) => writeTree(files, store),
  };
}

function modeOf(content: Exclude<Content, { submodule: string }>): [FileMode, string] {
  if (typeof content === 'string') return ['100644', content];
  return 'link' in content ? ['120000', content.link] : ['100755', content.executable];
}

function writeTree(files: Files, store: (type: ObjectType, bytes: Uint8Array) => Oid): Oid {
  const folders = new Map<string, Map<string, FileSide>>();
  const entries: { name: string; mode: string; id: Oid }[] = [];
  for (const [path, side] of files) {
    const slash = path.indexOf('/');
    if (slash < 0) {
      entries.push({ name: path, ...side });
      continue;
    }
    const inner = folders.get(path.slice(0, slash)) ?? new Map<string, FileSide>();
    folders.set(path.slice(0, slash), inner.set(path.slice(slash + 1), side));
  }
  for (const [name, inner] of folders) entries.push({ name, mode: '40000', id: writeTree(inner, store) });
  // git's order: a folder's name counts as if a slash followed it.
  const orderOf = ({ name, mode }: { name: string; mode: string }): Buffer =>
    Buffer.from(mode === '40000' ? `${name}/` : name);
  const sorted = entries.sort((a, b) => Buffer.compare(orderOf(a), orderOf(b)));
  const raw = sorted.map(({ name, mode, id }) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
  return store('tree', Buffer.concat(raw));
}

/** What differs between two trees, in byte order of paths. */
export function changesBetween(before: Files, after: Files): ChangedFile[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((path) => ({
      path: Uint8Array.from(Buffer.from(path)),
      before: before.get(path) ?? null,
      after: after.get(path) ?? null,
    }))
    .filter(({ before: old, after: young }) => old?.id !== young?.id || old?.mode !== young?.mode)
    .sort((a, b) => Buffer.compare(a.path, b.path));
}
