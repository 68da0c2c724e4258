import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { ruling, type Ruling } from '../verdict.ts';

/** The shape of what is judged: exactly one merge base, something to judge, no octopus (trust.md A2, A3). */
export function judgeHistory(judged: Case): Ruling {
  const { facts } = judged;
  const { branch } = facts.target;
  const findings: Finding[] = [];
  if (facts.commits.length === 0) findings.push(finding('change-empty', { branch }));
  else if (facts.mergeBases?.length === 0) findings.push(finding('history-unrelated', { branch }));
  else if (facts.mergeBases !== null && facts.mergeBases.length > 1) {
    findings.push(finding('merge-base-ambiguous', { branch, bases: facts.mergeBases }));
  }
  for (const { commit } of judged.commits) {
    if (commit && commit.parents.length > 2) {
      findings.push(finding('octopus-merge', { commit: commit.id, parents: commit.parents.length }));
    }
  }
  for (const parsed of [judged.reading.tip, ...judged.reading.commits]) {
    if (!parsed.ok && parsed.problem === 'commit-hash-mismatch') {
      findings.push(finding('commit-forged', { commit: parsed.id }));
    }
  }
  return ruling('history', 'where the change stands', findings);
}
