import type { Oid } from '../object/id.ts';
import type { Assessment } from './assess.ts';
import type { Case, JudgedCommit } from './case.ts';
import type { Adopted } from './statements/adoption.ts';
import type { People } from './verdict.ts';

/** Which adoptions are relied on, and who is what by that. */
export interface Roles {
  readonly people: People;
  readonly adoptions: readonly Adopted[];
  /** Adoptions by people who approve instead, because others vouch for the same commits. */
  readonly unused: readonly Adopted[];
  /** The commits that somebody has taken over. */
  readonly covered: ReadonlySet<Oid>;
}

/**
 * Who stands behind what is judged (trust.md B8 to B10). Every name in any of these lists is a person whose own signature
 * verified on this very change: on its head, on a commit of it, on its merge, or on a statement about it.
 *
 * @param used the adoptions that are relied on: who made them is an author, and approves nothing
 */
export function peopleOf(judged: Case, assessment: Assessment, used: readonly Adopted[]): People {
  const adopters = new Set(used.map(({ statement }) => statement.adopter));
  const authors = new Set([...signersOf(judged), ...adopters]);
  const behind = new Set<string>();
  const head = judged.byId.get(judged.proposed);
  const headSigner = head && !judged.resolution ? personOf(head) : null;
  if (headSigner !== null) behind.add(headSigner);
  const merger = mergerOf(judged);
  if (merger !== null) behind.add(merger);
  for (const { statement } of assessment.adoptions) {
    if (judged.heads.has(statement.head)) behind.add(statement.adopter);
  }
  for (const { statement } of assessment.approvals) behind.add(statement.reviewer);
  const approvers = wouldApprove(judged, assessment).filter((name) => !authors.has(name));
  return {
    authors: [...authors].sort(),
    behind: [...behind].sort(),
    approvers: approvers.sort(),
    merger,
    adopters: [...adopters].sort(),
  };
}

/** Whose signature on a commit makes them an author. */
export function signersOf(judged: Case): ReadonlySet<string> {
  const names = judged.commits
    // A clean merge adds nothing of its own, so who made it is no author; who resolved a conflict is.
    .filter((commit) => commit !== judged.merge || judged.resolution)
    .flatMap((commit) => personOf(commit) ?? []);
  return new Set(names);
}

/** Who approves unless they wrote some of it: reviewers, and the merger where the policy says so. Each once. */
export function wouldApprove(judged: Case, { approvals }: Assessment): string[] {
  const names = new Set(approvals.map(({ statement }) => statement.reviewer));
  const merger = mergerOf(judged);
  const counts = judged.branch.merges.signerCountsAs === 'approver' && !judged.resolution;
  if (counts && merger !== null) names.add(merger);
  return [...names];
}

function mergerOf({ merge }: Case): string | null {
  return merge && personOf(merge);
}

function personOf({ signer }: JudgedCommit): string | null {
  return signer.kind === 'person' ? signer.name : null;
}
