import type { Requirement } from '../../policy/policy.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { ruling, type People, type Ruling } from '../verdict.ts';
import { isAbout } from './paths.ts';

/** Every requirement whose paths the change touches, one ruling each; all must hold. Where none applies, nothing passes. */
export function judgeRequirements(judged: Case, people: People): Ruling[] {
  const applicable = applicableRequirements(judged);
  if (applicable.length === 0) {
    return [ruling('requirement', 'none', [finding('requirement-missing', { branch: judged.branch.name })])];
  }
  return applicable.map((rule) => judgeRequirement(judged, rule, people));
}

export function applicableRequirements(judged: Case): readonly Requirement[] {
  return judged.branch.require.filter((rule) => applies(judged, rule));
}

function applies(judged: Case, { paths }: Requirement): boolean {
  if (paths === null) return true;
  return judged.changed.some((file) => isAbout(paths, file));
}

export function judgeRequirement(judged: Case, rule: Requirement, people: People): Ruling {
  const members = judged.policy.groups.get(rule.from) ?? new Set<string>();
  const within = (names: readonly string[]): string[] => names.filter((name) => members.has(name));
  const behind = within(people.behind);
  const approvers = within(people.approvers);
  const { name, from } = rule;
  const findings: Finding[] = [];
  if (behind.length < rule.people) {
    const candidates = [...members].filter((member) => !people.behind.includes(member)).sort();
    findings.push(
      finding('people-missing', { rule: name, from, need: rule.people, have: behind, candidates }),
    );
  }
  if (approvers.length < rule.approvals) {
    const candidates = [...members]
      .filter((member) => !people.approvers.includes(member) && !people.authors.includes(member))
      .sort();
    findings.push(
      finding('approvals-missing', { rule: name, from, need: rule.approvals, have: approvers, candidates }),
    );
  }
  return ruling('requirement', name, findings, rule.approvals > 0 && rule.people === 0 ? approvers : behind);
}
