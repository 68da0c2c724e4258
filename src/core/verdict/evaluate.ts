import type { Facts } from '../facts/facts.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import { buildRoster } from '../policy/roster.ts';
import { assessStatements } from './assess.ts';
import { peopleOf } from './behind.ts';
import { openCase, type Case } from './case.ts';
import { findExpiringKeys } from './expiring.ts';
import { finding, type Finding } from './finding.ts';
import { worst } from './outcome.ts';
import { judgeCommits } from './rules/commits.ts';
import { judgeGovernance } from './rules/governance.ts';
import { judgeHistory } from './rules/history.ts';
import { judgeMerge } from './rules/merge.ts';
import { judgeObjections } from './rules/objections.ts';
import { judgePaths } from './rules/paths.ts';
import { findApplicable, judgeProposedPolicy, judgeRoster } from './rules/policy.ts';
import { judgeRequirements } from './rules/requirement.ts';
import { NOBODY, ruling, type Ruling, type Verdict } from './verdict.ts';
import type { Target } from '../facts/target.ts';

/**
 * Judges what was read and proven. Synchronous, total and pure: the same facts give the same verdict, anywhere and at any
 * time. The policy at the base judges, never the one that the change brings.
 */
export function evaluate(reading: Reading, proofs: Proofs): Verdict {
  const { target } = reading.facts;
  const applicable = findApplicable(reading);
  if (!applicable.ok) return stopped(target, applicable.findings);
  const { policy, branch } = applicable;
  const roster = buildRoster(policy, proofs.keyring);
  const judged = openCase(reading, proofs, policy, branch, roster);
  const assessment = assessStatements(judged);
  const people = peopleOf(judged, assessment);
  const notAuthors = assessment.approvals
    .filter(({ review }) => people.authors.includes(review.reviewer))
    .map(({ from, review }) => finding('reviewer-is-author', { from, reviewer: review.reviewer }));
  const governance = judgeGovernance(judged, people);
  const rulings: Ruling[] = [
    ruling('policy', 'policy and keys', [
      ...judgeRoster(reading, roster, proofs.keyring),
      ...judgeProposedPolicy(reading, proofs),
      ...findExpiringKeys(judged, assessment),
    ]),
    judgeHistory(judged),
    judgePaths(judged),
    judgeCommits(judged),
    judgeMerge(judged),
    judgeObjections(assessment),
    ...judgeRequirements(judged, people),
    ...(governance ? [governance] : []),
    ruling('statements', 'statements that do not count as approvals', [...assessment.notes, ...notAuthors]),
  ];
  const enforced = worst(rulings.map(({ outcome }) => outcome));
  const observing = branch.mode === 'observe';
  if (observing)
    rulings.unshift(ruling('mode', 'observe', [finding('observe-mode', { branch: target.branch })]));
  return {
    target,
    outcome: observing ? worst([enforced, 'undetermined']) : enforced,
    enforced,
    mode: branch.mode,
    rulings,
    people,
    digest: digestOf(judged),
  };
}

/** A verdict where nothing could be judged: the findings say why. */
export function stopped(target: Facts['target'], findings: readonly Finding[]): Verdict {
  const only = ruling('policy', 'policy and keys', findings);
  const outcome = worst([only.outcome, 'undetermined']);
  return { target, outcome, enforced: outcome, mode: null, rulings: [only], people: NOBODY, digest: null };
}

/** A verdict on a broken world: never silence, never green. */
export function unreadable(target: Target, code: string, message: string): Verdict {
  return stopped(target, [finding('world-unreadable', { code, message })]);
}

function digestOf(judged: Case): string | null {
  return judged.digests.get(judged.proposed) ?? null;
}
