import type { Oid } from '../../core/object/id.ts';
import type { Finding } from '../../core/verdict/finding.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import type { TrustedAnswer } from '../history/trusted.ts';

/** What came of one branch. */
export interface BroughtBranch {
  readonly branch: string;
  /** The remote-tracking branch, whole name. */
  readonly ref: string;
  /** What the other side has; `null`: no such branch. */
  readonly head: Oid | null;
  /** Where the remote-tracking branch was before; `null`: there was none. */
  readonly before: Oid | null;
  /** Where it is now, because it is proven; `null`: nothing was changed. */
  readonly accepted: Oid | null;
  readonly outcome: Outcome;
  /** `null` where nothing could be asked. */
  readonly trusted: TrustedAnswer | null;
  /** What stood in the way of proving anything. */
  readonly problem: string | null;
  /** Why what was proven could not be remembered; `null`: it was, or there was nothing to remember. */
  readonly unkept: Finding | null;
}

export interface Brought {
  readonly branches: readonly BroughtBranch[];
  readonly tags: BroughtTags | null;
  /** What else is to be said. */
  readonly notes: readonly string[];
}

/** What came of the other side's tags. All are whole names. */
export interface BroughtTags {
  readonly added: readonly string[];
  /** Tags here of the same name that point elsewhere: they stay. */
  readonly differing: readonly string[];
  /** Tags on commits that are not proven, or that cannot be read. */
  readonly leftOut: readonly string[];
  /** Tags of names that git or a person would take for a branch, or for another commit. */
  readonly mistakable: readonly string[];
}
