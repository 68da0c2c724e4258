import type { ObjectType, Oid } from '../core/object/id.ts';

/**
 * Where trees and blobs come from. `git/objects.ts` fits: it recomputes the id of everything that it gives, and this room
 * relies on that for blobs. All of it throws `Unreadable`.
 */
export interface TreeSource {
  /** Type and size in bytes as the store claims, in the order asked; `null` for what it lacks. */
  readInfo(
    ids: readonly Oid[],
  ): Promise<readonly ({ readonly type: ObjectType; readonly size: number } | null)[]>;
  /** Contents in the order asked, ids recomputed; refuses an object above `maxBytes`, and 256 MiB together. */
  readObjects(ids: readonly Oid[], type: ObjectType, maxBytes: number): Promise<readonly Uint8Array[]>;
}

/** What a tree may cost. A few objects that name each other can spell out more files than a disk holds. */
export interface TreeLimits {
  /** Files and directories, each counted wherever it lies. */
  readonly entries: number;
  /** Directories inside each other. */
  readonly depth: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files, each counted wherever it lies. */
  readonly totalBytes: number;
}

/**
 * nixpkgs has about 80,000 files and directories, 400 MB and 15 levels; GitHub takes no file above 100 MiB. Paths above
 * 4096 bytes can't be checked out on Linux, which bounds the depth.
 */
export const TREE_LIMITS: TreeLimits = {
  entries: 1_000_000,
  depth: 2048,
  fileBytes: 128 * 1024 * 1024,
  totalBytes: 16 * 1024 * 1024 * 1024,
};
