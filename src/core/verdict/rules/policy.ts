import type { Proofs } from '../../facts/prove.ts';
import type { Reading } from '../../facts/reading.ts';
import { rulesFor } from '../../policy/branch-rules.ts';
import { POLICY_PATH } from '../../policy/folder.ts';
import type { BranchPolicy, Policy } from '../../policy/policy.ts';
import type { Roster } from '../../policy/roster.ts';
import type { Keyring } from '../../identity/keyring.ts';
import { policyIn, rosterOf } from '../../facts/opened.ts';
import { judgedBy } from '../../facts/target.ts';
import { finding, type Finding } from '../finding.ts';

/** The one policy and the one branch rule that judge, or why there are none. */
export type Applicable =
  | { readonly ok: true; readonly policy: Policy; readonly branch: BranchPolicy }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Finds what judges (trust.md A1, A6): without exactly one readable policy and one rule for the branch, nothing passes. */
export function findApplicable({ facts, folder, policy: parsed }: Reading): Applicable {
  const refuse = (found: Finding): Applicable => ({ ok: false, findings: [found] });
  const { branch } = facts.target;
  const commit = judgedBy(facts.target);
  if (folder.policy.state === 'refused') {
    const { path, mode } = folder.policy;
    return refuse(finding('policy-refused', { path, mode }));
  }
  if (parsed === null) return refuse(finding('policy-missing', { branch, commit }));
  if (!parsed.ok) return refuse(finding('policy-invalid', { commit, diagnostics: parsed.diagnostics }));
  const { policy } = parsed;
  if (facts.repository !== null && facts.repository.toLowerCase() !== policy.project.toLowerCase()) {
    return refuse(finding('project-mismatch', { policy: policy.project, repository: facts.repository }));
  }
  const rules = rulesFor(policy, branch);
  const [rule] = rules;
  if (!rule) {
    const patterns = policy.branches.flatMap(({ match }) => match.map(({ source }) => source));
    return refuse(finding('branch-not-enrolled', { branch, patterns }));
  }
  if (rules.length > 1) {
    return refuse(finding('branch-overlap', { branch, names: rules.map(({ name }) => name) }));
  }
  return { ok: true, policy, branch: rule };
}

/** What is wrong with roster and keys. A shared key stops everything; a missing certificate only its owner. */
export function judgeRoster({ folder }: Reading, roster: Roster, keyring: Keyring): Finding[] {
  const findings: Finding[] = [];
  for (const problem of roster.problems) {
    if (problem.kind === 'key-shared') findings.push(finding('key-shared', problem));
    else if (problem.kind === 'certificate-missing') findings.push(finding('certificate-missing', problem));
    else if (problem.kind === 'pin-is-subkey') findings.push(finding('pin-is-subkey', problem));
  }
  for (const { path, reason } of keyring.unreadable) {
    findings.push(finding('certificate-unreadable', { file: path, reason }));
  }
  return [...findings, ...folder.refused.map((refused) => finding('key-file-refused', refused))];
}

/** The policy that would hold afterwards: one that judges nothing would stop everything on the branch for good. */
export function judgeProposedPolicy({ proposed }: Reading, { proposedKeyring }: Proofs): Finding[] {
  if (proposed === null) return [];
  const { policy } = proposed;
  if (policy.state === 'refused') {
    return [finding('proposed-policy-refused', { path: policy.path, mode: policy.mode })];
  }
  const parsed = policyIn(proposed);
  if (parsed === null) return [finding('proposed-policy-missing', { path: POLICY_PATH })];
  if (!parsed.ok) return [finding('proposed-policy-invalid', { diagnostics: parsed.diagnostics })];
  const roster = proposedKeyring && rosterOf(parsed.policy, proposedKeyring);
  return (roster?.problems ?? []).flatMap((problem) =>
    problem.kind === 'key-shared' ? [finding('proposed-key-shared', problem)] : [],
  );
}
