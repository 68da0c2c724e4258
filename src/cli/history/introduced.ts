import { digestOf, openedFolder, policyIn } from '../../core/facts/opened.ts';
import type { Oid } from '../../core/object/id.ts';
import { rulesFor } from '../../core/policy/branch-rules.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { policyAt } from '../../gather/policy-at.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { isHere } from './past.ts';

export interface IntroductionQuestion {
  readonly opened: OpenRepository;
  readonly branch: string;
  readonly introduction: Oid;
  /** `policyDigest` that the introduction must have; `null`: any. */
  readonly policyDigest: string | null;
  /** The project that its policy must name; `null`: any. */
  readonly project: string | null;
  /** The given policy instead of the repository's own. */
  readonly policy?: PolicyFolder;
}

/**
 * Whether the introduction is what was published, and its policy one that proves something (trust.md F28). What is wrong with
 * it is wrong with what the user was told: nobody can correct a policy that lies in history.
 */
export async function judgeIntroduction(question: IntroductionQuestion): Promise<readonly Finding[]> {
  const { opened, introduction, policyDigest: expected, project, branch } = question;
  if (!(await isHere(opened, introduction))) return [];
  const folder = await policyAt(opened, introduction);
  const found = digestOf(folder);
  const findings: Finding[] = [];
  if (expected !== null && expected !== found)
    findings.push(finding('introduction-policy-differs', { introduction, expected, found }));
  const parsed = policyIn(openedFolder(question.policy ?? folder));
  if (parsed === null) return [...findings, finding('introduction-policy-missing', { introduction })];
  if (!parsed.ok) {
    const { diagnostics } = parsed;
    return [...findings, finding('introduction-policy-invalid', { introduction, diagnostics })];
  }
  const { policy } = parsed;
  if (project !== null && policy.project !== project) {
    const about = { introduction, expected: project, found: policy.project };
    findings.push(finding('introduction-project-differs', about));
  }
  const [rule] = rulesFor(policy, branch);
  if (rule === undefined) {
    const patterns = policy.branches.flatMap(({ match }) => match.map(({ source }) => source));
    findings.push(finding('introduction-branch-unknown', { introduction, branch, patterns }));
  } else if (rule.mode === 'observe')
    findings.push(finding('introduction-observes', { introduction, branch }));
  return findings;
}
