import type { Facts } from '../facts/facts.ts';
import { rosterOf } from '../facts/opened.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import { assessStatements } from './assess.ts';
import { openCase } from './case.ts';
import { openCourt } from './court.ts';
import { evidenceOf } from './evidence.ts';
import { findExpiringKeys } from './expiring.ts';
import { finding, type Finding } from './finding.ts';
import { worst } from './outcome.ts';
import { findPolicyChanges, findProposedLockouts } from './proposed.ts';
import { castRoles } from './roles.ts';
import { judgeCarryOver, judgeReviewers } from './rules/reviewers.ts';
import { judgeCommits } from './rules/commits.ts';
import { judgeGovernance } from './rules/governance.ts';
import { judgeHistory } from './rules/history.ts';
import { judgeMerge } from './rules/merge.ts';
import { judgeObjections } from './rules/objections.ts';
import { judgePaths } from './rules/paths.ts';
import { findApplicable, judgeProposedPolicy, judgeRoster } from './rules/policy.ts';
import { judgeRatification, mends } from './rules/ratification.ts';
import { judgeRequirements } from './rules/requirement.ts';
import { findRevocations } from './statements/revocation.ts';
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
  const roster = rosterOf(policy, proofs.keyring);
  const court = openCourt(reading, proofs, policy, branch, roster);
  const revocations = findRevocations(court);
  const judged = openCase({ ...court, revoked: revocations.keys, settled: revocations.settled });
  const assessment = assessStatements(judged);
  const roles = castRoles(judged, assessment);
  const { people } = roles;
  const governance = judgeGovernance(judged, people);
  const rulings: Ruling[] = [
    ruling('policy', 'policy and keys', [
      ...judgeRoster(reading, roster, proofs.keyring),
      ...judgeProposedPolicy(reading, proofs),
      ...findProposedLockouts(reading, proofs),
      ...revocations.findings,
      ...findExpiringKeys(judged, assessment),
    ]),
    judgeHistory(judged),
    judgePaths(judged),
    judgeCommits(judged, roles),
    judgeMerge(judged, roles),
    judgeObjections(assessment),
    ...judgeRequirements(judged, people),
    ...(governance ? [governance] : []),
    ...judgeCarryOver(judged, assessment),
    ruling('statements', 'statements that do not count', [
      ...judged.facts.broken.map((broken) => finding('statement-broken', broken)),
      ...revocations.notes,
      ...assessment.notes,
      ...judgeReviewers(judged, assessment, roles),
    ]),
  ];
  const { ratified } = assessment;
  if (ratified.findings.length > 0) rulings.unshift(judgeRatification(ratified));
  const enforced = mends(ratified, rulings) ? 'pass' : worst(rulings.map(({ outcome }) => outcome));
  const observing = branch.mode === 'observe';
  if (observing)
    rulings.unshift(ruling('mode', 'observe', [finding('observe-mode', { branch: target.branch })]));
  const policyChanges = findPolicyChanges(reading, proofs, policy);
  return {
    target,
    outcome: observing ? worst([enforced, 'undetermined']) : enforced,
    enforced,
    mode: branch.mode,
    rulings,
    people,
    digest: judged.digest,
    evidence: evidenceOf(assessment, roles, revocations),
    ...(policyChanges && { policyChanges }),
  };
}

/** A verdict where nothing could be judged: the findings say why. */
export function stopped(target: Facts['target'], findings: readonly Finding[]): Verdict {
  const only = ruling('policy', 'policy and keys', findings);
  const outcome = worst([only.outcome, 'undetermined']);
  return {
    target,
    outcome,
    enforced: outcome,
    mode: null,
    rulings: [only],
    people: NOBODY,
    digest: null,
    evidence: [],
  };
}

/** A verdict on a broken world: never silence, never green. */
export function unreadable(target: Target, code: string, message: string): Verdict {
  return stopped(target, [finding('world-unreadable', { code, message })]);
}
