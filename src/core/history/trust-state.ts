import type { Oid } from '../object/id.ts';
import { strictest } from './demand.ts';
import type { Freshness } from '../policy/policy.ts';
import type { Verdict } from '../verdict/verdict.ts';

/**
 * How far a branch is proven: every step along first parents from the introduction to `commit` was judged, each by the
 * policy at its own first parent (trust.md A2), and passed.
 */
export interface TrustState {
  /** The branch's name without `refs/heads/`: whose rule judged, and what reviews had to name. */
  readonly branch: string;
  /** Where trust begins: the commit that the user pinned (trust.md F28). */
  readonly introduction: Oid;
  /** The newest commit that is proven; the introduction itself where no step was judged yet. */
  readonly commit: Oid;
  /** `policyDigest` of `.countersign/` at `commit`, or of the given policy: what judges the next step. */
  readonly policy: string;
  /** The strictest demand for fresh heads that any policy on the way made. */
  readonly freshness: Freshness | null;
  /** Steps judged since the introduction, and the commits that they brought. */
  readonly steps: number;
  readonly commits: number;
  /** Steps that only a ratification let pass, oldest first (trust.md F27): shown with every verification. */
  readonly ratified: readonly Oid[];
}

/** Trust where it begins: nothing is judged yet. */
export function introduced(
  branch: string,
  introduction: Oid,
  policy: string,
  freshness: Freshness | null = null,
): TrustState {
  return {
    branch,
    introduction,
    commit: introduction,
    policy,
    freshness,
    steps: 0,
    commits: 0,
    ratified: [],
  };
}

/** What a step brought: see `advance`. */
export interface StepTaken {
  readonly verdict: Verdict;
  /** Commits that it brought, itself included. */
  readonly commits: number;
  /** `policyDigest` of what judges the step after it, and what it asks of heads. */
  readonly policy: string;
  readonly freshness?: Freshness | null;
}

/**
 * Trust moves on by exactly one step: one that passed, was judged for this branch, and whose first parent is the commit
 * proven so far. `null` for anything else, whatever the verdict says of it: there is no other way to advance.
 */
export function advance(
  state: TrustState,
  { verdict, commits, policy, freshness = null }: StepTaken,
): TrustState | null {
  const { target, outcome, enforced } = verdict;
  if (outcome !== 'pass' || enforced !== 'pass') return null;
  if (target.kind !== 'step' || target.branch !== state.branch || target.parent !== state.commit) return null;
  return {
    ...state,
    commit: target.commit,
    policy,
    freshness: strictest(state.freshness, freshness),
    steps: state.steps + 1,
    commits: state.commits + commits,
    ratified: isRatified(verdict) ? [...state.ratified, target.commit] : state.ratified,
  };
}

/** Whether governance had to take the step upon itself: without the ratification another ruling would have stopped it. */
export function isRatified({ rulings }: Verdict): boolean {
  return rulings.some(({ rule, outcome }) => rule !== 'ratification' && outcome !== 'pass');
}
