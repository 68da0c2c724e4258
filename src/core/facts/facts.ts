import type { Oid } from '../object/id.ts';
import type { PolicyFolder } from '../policy/folder.ts';
import type { BrokenText, SignedText } from '../statement/extract.ts';
import type { Remerge, TreeDiff } from './change.ts';
import type { Target } from './target.ts';

/**
 * Everything that one judgement rests on, as plain data. Nothing but facts decides; whoever gathers them again from the
 * same repository and the same statements comes to the same verdict. They do not prove that nothing was left out.
 */
export interface Facts {
  /** Seconds since the epoch. */
  readonly evaluatedAt: number;
  readonly target: Target;
  /** What the forge calls the repository (`github.com/acme/nixpkgs`); `null` where no forge is involved. */
  readonly repository: string | null;
  /** `.countersign/` at the commit whose policy judges. */
  readonly policy: PolicyFolder;
  /** `.countersign/` as it would land, where the change touches it. */
  readonly proposedPolicy: PolicyFolder | null;
  /** The commit whose policy judges, raw. */
  readonly tip: RawCommit;
  /** Every commit that is brought, a step's own commit included, parents after children, each raw. */
  readonly commits: readonly RawCommit[];
  /** `null` where the commits are none that could be compared. */
  readonly mergeBases: readonly Oid[] | null;
  /** From the merge base to the head; empty where there is not exactly one merge base. */
  readonly change: TreeDiff;
  /** From the tip to what lands; `null` where that is the change itself, or nothing can land. */
  readonly landing: TreeDiff | null;
  /** The merge of tip and head, made by us; `null` where there is nothing to merge. */
  readonly remerge: Remerge | null;
  /** SHA-256 (hex) of blobs, for the change digests that statements name. */
  readonly contents: ReadonlyMap<Oid, string>;
  readonly statements: readonly SignedText[];
  readonly broken: readonly BrokenText[];
  /** The commits that statements name as their base, and whether each has landed. */
  readonly landed: ReadonlyMap<Oid, boolean>;
}

export interface RawCommit {
  readonly id: Oid;
  readonly raw: Uint8Array;
}
