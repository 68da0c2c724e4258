import { matches } from './pattern.ts';
import type { BranchPolicy, Policy } from './policy.ts';

/** The branch rules whose patterns match a branch's whole name. */
export function rulesFor(policy: Policy, branch: string): BranchPolicy[] {
  const name = new TextEncoder().encode(branch);
  return policy.branches.filter(({ match }) => match.some((pattern) => matches(pattern, name)));
}
