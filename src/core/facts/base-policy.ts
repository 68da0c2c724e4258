import { openKeyring } from '../identity/certificate.ts';
import { openFolder, type PolicyFolder } from '../policy/folder.ts';
import { parsePolicy } from '../policy/parse.ts';
import { rulesFor } from '../policy/branch-rules.ts';
import type { BranchPolicy, Policy } from '../policy/policy.ts';
import { buildRoster, type Roster } from '../policy/roster.ts';
import type { VerificationKeys } from '../signature/verification-keys.ts';

/** The policy that judges, opened for gathering: what it makes necessary, and whose statements do. */
export interface BasePolicy {
  readonly policy: Policy;
  readonly roster: Roster;
  readonly keys: VerificationKeys;
}

/** `null` where there is none that could judge; evaluation reports why. */
export async function openBasePolicy(folder: PolicyFolder): Promise<BasePolicy | null> {
  const opened = openFolder(folder);
  if (opened.policy.state !== 'present') return null;
  const parsed = parsePolicy(opened.policy.bytes);
  if (!parsed.ok) return null;
  const { keyring, keys } = await openKeyring(opened.keys);
  return { policy: parsed.policy, roster: buildRoster(parsed.policy, keyring), keys };
}

/** The one rule for a branch; `null` where there is none, or two, which judge nothing. */
export function ruleOf({ policy }: BasePolicy, branch: string): BranchPolicy | null {
  const [rule, ...others] = rulesFor(policy, branch);
  return rule !== undefined && others.length === 0 ? rule : null;
}
