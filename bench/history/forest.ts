import { objectId, type Oid } from '../../src/core/object/id.ts';
import type { PackWriter } from '../pack.ts';

/** A tree of `pkgs/<hex>/<hex>/<name>.nix`, never changed: a change makes another that shares all the rest. */
export interface Forest {
  readonly id: Oid;
  readonly size: number;
  /** The same with one file of other content. */
  change(file: number, content: string): Forest;
}

type Entries = ReadonlyMap<string, { readonly mode: string; readonly id: Oid }>;

interface State {
  readonly root: Entries;
  readonly pkgs: Entries;
  readonly outer: readonly Entries[];
  readonly inner: readonly (readonly Entries[])[];
}

const FAN = 16;

/** @param beside what lies in the root besides `pkgs`, such as the policy: names and the ids of trees */
export function plant(pack: PackWriter, size: number, beside: Entries): Forest {
  const blob = writeBlob(pack, 'what was built to be measured\n');
  const inner = Array.from({ length: FAN }, (_, high) =>
    Array.from({ length: FAN }, (_unused, low) => {
      const files = new Map<string, { mode: string; id: Oid }>();
      for (let file = high * FAN + low; file < size; file += FAN * FAN)
        files.set(nameOf(file), { mode: '100644', id: blob });
      return files;
    }),
  );
  const outer = inner.map((folders) => foldersOf(pack, folders));
  const pkgs = foldersOf(pack, outer);
  const root = new Map(beside).set('pkgs', { mode: '40000', id: writeTree(pack, pkgs) });
  return grown(pack, size, { root, pkgs, outer, inner });
}

function grown(pack: PackWriter, size: number, state: State): Forest {
  return {
    id: writeTree(pack, state.root),
    size,
    change(file, content) {
      const [high, low] = [Math.floor((file % (FAN * FAN)) / FAN), file % FAN];
      const entry = { mode: '100644', id: writeBlob(pack, content) };
      const files = new Map(state.inner[high]?.[low]).set(nameOf(file), entry);
      const folders = new Map(state.outer[high]).set(hex(low), folder(writeTree(pack, files)));
      const pkgs = new Map(state.pkgs).set(hex(high), folder(writeTree(pack, folders)));
      const root = new Map(state.root).set('pkgs', folder(writeTree(pack, pkgs)));
      const outer = state.outer.with(high, folders);
      const inner = state.inner.with(high, (state.inner[high] ?? []).with(low, files));
      return grown(pack, size, { root, pkgs, outer, inner });
    },
  };
}

function foldersOf(pack: PackWriter, folders: readonly Entries[]): Entries {
  return new Map(folders.map((files, index) => [hex(index), folder(writeTree(pack, files))]));
}

function folder(id: Oid): { readonly mode: string; readonly id: Oid } {
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
