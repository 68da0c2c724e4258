import type { Oid } from '../core/object/id.ts';

/** What has to happen before contents are used: a mirror fetches them, a borrowed store is checked. */
export interface Supply {
  /** Contents that are about to be read. */
  readonly beforeReading: (ids: readonly Oid[]) => Promise<void>;
  /** Contents that git itself is about to read for a merge. */
  readonly beforeMerging: (ids: readonly Oid[]) => Promise<void>;
  /** Commits that git has just said to be reachable from `tip`. */
  readonly afterListing: (tip: Oid, edge: readonly Oid[]) => Promise<void>;
  /** Merge bases that git has just named. */
  readonly afterBases: (a: Oid, b: Oid, bases: readonly Oid[]) => Promise<void>;
  /** Which of these are commits here, after trying to get the others. */
  readonly obtain: (ids: readonly Oid[]) => Promise<ReadonlySet<Oid>>;
}
