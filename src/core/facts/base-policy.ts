import type { PolicyFolder } from '../policy/folder.ts';
import { rulesFor } from '../policy/branch-rules.ts';
import type { BranchPolicy, Policy } from '../policy/policy.ts';
import type { Roster } from '../policy/roster.ts';
import type { VerificationKeys } from '../signature/verification-keys.ts';
import { keyringOf, openedFolder, policyIn, rosterOf } from './opened.ts';

/** The policy that judges, opened for gathering: what it makes necessary, and whose statements do. */
export interface BasePolicy {
  readonly policy: Policy;
  readonly roster: Roster;
  readonly keys: VerificationKeys;
}

/** `null` where there is none that could judge; evaluation reports why. */
export async function openBasePolicy(folder: PolicyFolder): Promise<BasePolicy | null> {
  const opened = openedFolder(folder);
  const parsed = policyIn(opened);
  if (parsed?.ok !== true) return null;
  const { keyring, keys } = await keyringOf(opened.keys);
  return { policy: parsed.policy, roster: rosterOf(parsed.policy, keyring), keys };
}

/** The one rule for a branch; `null` where there is none, or two, which judge nothing. */
export function ruleOf({ policy }: BasePolicy, branch: string): BranchPolicy | null {
  const [rule, ...others] = rulesFor(policy, branch);
  return rule !== undefined && others.length === 0 ? rule : null;
}
