import type { Oid } from '../object/id.ts';

export type FileMode = '100644' | '100755' | '120000' | '160000';

/** One side of a changed path: a blob, or for mode 160000 the commit of a submodule. */
export interface FileSide {
  readonly mode: FileMode;
  readonly id: Oid;
}

/** A path whose mode or content differs between two trees. Renames do not exist: they are a removal and an addition. */
export interface ChangedFile {
  /** The raw bytes of the path, parts separated by `/`. */
  readonly path: Uint8Array;
  readonly before: FileSide | null;
  readonly after: FileSide | null;
}

/** The difference of two trees: every changed path once, in byte order of the whole path. */
export interface TreeDiff {
  readonly files: readonly ChangedFile[];
  /** Added or changed paths that equal another path of the new tree after case folding, with that other path. */
  readonly twins: readonly { readonly path: Uint8Array; readonly twin: Uint8Array }[];
}

/** The merge of two commits as we make it ourselves: a fact, which a rule compares with what lies in the repository. */
export type Remerge =
  | { readonly clean: true; readonly tree: Oid }
  | { readonly clean: false; readonly conflicts: readonly Uint8Array[] };
