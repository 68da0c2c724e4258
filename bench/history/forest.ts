import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import type { PackWriter } from '../pack.ts';

/** A tree of `pkgs/<hex>/…/<name>.nix`, never changed: a change makes another that shares all the rest. */
export interface Forest {
  readonly id: Oid;
  readonly size: number;
  /** The same with one file of other content. */
  change(file: number, content: string): Forest;
}

type Entries = ReadonlyMap<string, { readonly mode: string; readonly id: Oid }>;

interface Folder {
  readonly entries: Entries;
  /** The folders of a folder that holds no files, by the digit that they are called. */
  readonly below: readonly Folder[];
}

const FAN = 16;

/**
 * @param levels of sixteen folders each between `pkgs` and the files: as many as keep the folders of files small
 * @param beside what lies in the root besides `pkgs`, such as the policy: names and the ids of trees
 */
export function plant(pack: PackWriter, size: number, levels: number, beside: Entries): Forest {
  const blob = writeBlob(pack, 'what was built to be measured\n');
  const places = FAN ** levels;
  const grow = (level: number, place: number): Folder => {
    if (level === levels) {
      const entries = new Map<string, { mode: string; id: Oid }>();
      for (let file = place; file < size; file += places)
        entries.set(nameOf(file), { mode: '100644', id: blob });
      return { entries, below: [] };
    }
    const below = Array.from({ length: FAN }, (_, digit) => grow(level + 1, place * FAN + digit));
    return { entries: foldersOf(pack, below), below };
  };
  const change = (folder: Folder, level: number, file: number, id: Oid): Folder => {
    if (level === levels)
      return { entries: new Map(folder.entries).set(nameOf(file), { mode: '100644', id }), below: [] };
    const digit = Math.floor((file % places) / FAN ** (levels - 1 - level)) % FAN;
    const old = folder.below[digit];
    if (old === undefined) throw new RangeError(`no folder ${digit}`);
    const young = change(old, level + 1, file, id);
    const entries = new Map(folder.entries).set(hex(digit), asFolder(writeTree(pack, young.entries)));
    return { entries, below: folder.below.with(digit, young) };
  };
  const grown = (pkgs: Folder): Forest => ({
    id: writeTree(pack, new Map(beside).set('pkgs', asFolder(writeTree(pack, pkgs.entries)))),
    size,
    change: (file, content) => grown(change(pkgs, 0, file, writeBlob(pack, content))),
  });
  return grown(grow(0, 0));
}

function foldersOf(pack: PackWriter, folders: readonly Folder[]): Entries {
  return new Map(folders.map(({ entries }, digit) => [hex(digit), asFolder(writeTree(pack, entries))]));
}

function asFolder(id: Oid): { readonly mode: string; readonly id: Oid } {
  return { mode: '40000', id };
}

/** Names are ASCII and none is the beginning of another, so plain order is git's. */
export function writeTree(pack: PackWriter, entries: Entries): Oid {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const raw = Buffer.concat(
    sorted.flatMap(([name, { mode, id }]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
  pack.add('tree', raw);
  return objectId('tree', raw, 'sha1');
}

export function writeBlob(pack: PackWriter, content: string): Oid {
  const raw = Buffer.from(content);
  pack.add('blob', raw);
  return objectId('blob', raw, 'sha1');
}

function nameOf(file: number): string {
  return `package-${String(file).padStart(6, '0')}.nix`;
}

function hex(number: number): string {
  return number.toString(16);
}
