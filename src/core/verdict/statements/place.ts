import type { ReadStatement } from '../../facts/reading.ts';
import type { Court } from '../court.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf } from './accepted.ts';

/** Where a statement holds: in this project, and on this branch (trust.md C13). A revoked key is revoked on all branches. */
export function placeProblem({ policy, facts }: Court, read: ReadStatement): Finding | null {
  const { statement } = read;
  const label = labelOf(facts.target, read);
  const { project } = statement;
  if (project !== policy.project) return finding('statement-other-project', { ...label, project });
  if (statement.type === 'revoke' || statement.branch === facts.target.branch) return null;
  return finding('statement-other-branch', { ...label, branch: statement.branch });
}
