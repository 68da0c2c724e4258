import type { Oid } from '../object/id.ts';

/** What is judged (trust.md A): a change proposed for a branch, or one step that a branch has taken. */
export type Target =
  | {
      readonly kind: 'change';
      /** The branch's name without `refs/heads/`. */
      readonly branch: string;
      /** The branch's tip now: its policy judges. */
      readonly tip: Oid;
      readonly head: Oid;
    }
  | {
      readonly kind: 'step';
      readonly branch: string;
      /** The first parent: its policy judges. */
      readonly parent: Oid;
      readonly commit: Oid;
    };

/** The commits that a statement must name to be about this target. */
export interface Proposal {
  readonly branch: string;
  /** The head of a change; of a step its commit, and for a merge what it merged. */
  readonly heads: readonly Oid[];
  /** All that is brought, heads included: adoptions name some of these, and objections may. */
  readonly commits: readonly Oid[];
  /** Heads that were proposed before. */
  readonly earlier: readonly Oid[];
}

/** The commit whose policy judges. */
export function judgedBy(target: Target): Oid {
  return target.kind === 'change' ? target.tip : target.parent;
}

/** The commit that the verdict is about, and is published on. */
export function subjectOf(target: Target): Oid {
  return target.kind === 'change' ? target.head : target.commit;
}
