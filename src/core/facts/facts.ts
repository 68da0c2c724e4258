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
  /** Heads that the proposal had before, by the forge's or the app's word: objections to them still stand (trust.md C18). */
  readonly earlier: readonly Oid[];
  /** What the pairs of base and head stand for that statements of the roster name: one entry for each distinct pair. */
  readonly spans: readonly SignedSpan[];
}

/** What lies between a base and a head that a review or an adoption names. */
export interface SignedSpan {
  readonly base: Oid;
  readonly head: Oid;
  /** Whether the base is reachable from the tip, on a side branch too. */
  readonly baseLanded: boolean;
  readonly headLanded: boolean;
  /**
   * Best common ancestors of head and tip; for a base inside the change (an adoption of later commits), of head and base.
   * `null` where they could not be found, or looking would have taken too long: then nothing counts.
   */
  readonly mergeBases: readonly Oid[] | null;
  /**
   * From the single merge base to head; empty where there is none. For the merge commit of a step as head: from the tip to
   * its tree, as it landed.
   */
  readonly change: TreeDiff;
  /**
   * A first-parent step between base and tip that landed this very change, compared with its difference to its first
   * parent and, for a merge, with what its second parent proposed: the statement is spent then (trust.md C15).
   */
  readonly repeatedBy: Oid | null;
  /** What head brings over the tip where it is none of the commits judged, parents after children; else empty. */
  readonly commits: readonly RawCommit[];
  /**
   * Our merge of head onto the judged change's single merge base, where an approval names a head that is not the one
   * judged and has not landed: it carries over where that gives the judged head's very tree (trust.md C16). Such a head may
   * be one of the commits judged, as after an update by merging the tip.
   */
  readonly recreated: Remerge | null;
  /**
   * Beside `recreated`: whether the span's own single merge base is the judged change's or reachable from it. Otherwise
   * merging head onto that brings what lay below head when it was reviewed, which nobody reviewed with it.
   */
  readonly beganBelow: boolean;
}

export interface RawCommit {
  readonly id: Oid;
  readonly raw: Uint8Array;
}
