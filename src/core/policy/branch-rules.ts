import { matches } from './pattern.ts';
import type { BranchPolicy, Policy } from './policy.ts';

/** What was found last for a policy: a history asks for one branch thousands of times. */
const last = new WeakMap<Policy, { readonly branch: string; readonly rules: readonly BranchPolicy[] }>();

/** The branch rules whose patterns match a branch's whole name. */
export function rulesFor(policy: Policy, branch: string): readonly BranchPolicy[] {
  const known = last.get(policy);
  if (known?.branch === branch) return known.rules;
  const name = new TextEncoder().encode(branch);
  const rules = policy.branches.filter(({ match }) => match.some((pattern) => matches(pattern, name)));
  last.set(policy, { branch, rules });
  return rules;
}
