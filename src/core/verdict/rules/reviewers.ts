import type { Assessment } from '../assess.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import type { Roles } from '../behind.ts';
import { labelOf } from '../statements/accepted.ts';
import { ruling, type Ruling } from '../verdict.ts';

/** Approvals of an earlier head that still hold, because the judged one is the same change, re-created (trust.md C16). */
export function judgeCarryOver({ facts, proposed }: Case, { carried }: Assessment): Ruling[] {
  if (carried.length === 0) return [];
  const findings = carried.map((one) =>
    finding('approval-carried', { ...labelOf(facts.target, one), to: proposed }),
  );
  const people = [...new Set(carried.map(({ statement }) => statement.reviewer))].sort();
  return [ruling('carry-over', 'approvals of an earlier head that still hold', findings, people)];
}

/** Statements that count for something else than they say: nobody both writes and approves (trust.md B9). */
export function judgeReviewers(
  { facts, policy, branch }: Case,
  { approvals }: Assessment,
  roles: Roles,
): Finding[] {
  const { people, unused } = roles;
  const authors = approvals
    .filter(({ statement }) => people.authors.includes(statement.reviewer))
    .map((one) => {
      const adopted = people.adopters.includes(one.statement.reviewer);
      return finding('reviewer-is-author', { ...labelOf(facts.target, one), adopted });
    });
  const members = [...(policy.groups.get(branch.commits.signedBy) ?? [])].sort();
  const approving = unused.map((one) =>
    finding('adoption-not-needed', {
      ...labelOf(facts.target, one),
      candidates: members.filter((name) => !people.approvers.includes(name)),
    }),
  );
  return [...authors, ...approving];
}
