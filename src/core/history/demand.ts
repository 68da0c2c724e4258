import { openedFolder, policyIn } from '../facts/opened.ts';
import { rulesFor } from '../policy/branch-rules.ts';
import type { PolicyFolder } from '../policy/folder.ts';
import type { Freshness } from '../policy/policy.ts';

/** What a policy asks of a head of a branch before it is taken for the newest (trust.md D20); `null`: nothing. */
export function freshnessIn(folder: PolicyFolder, branch: string): Freshness | null {
  const parsed = policyIn(openedFolder(folder));
  const [rule] = parsed?.ok === true ? rulesFor(parsed.policy, branch) : [];
  return rule?.freshness ?? null;
}

/**
 * The stricter of two demands in each part. Along a history the strictest one ever met holds: an old quorum that extends an
 * old state could land a policy that no longer asks (attack 62), so a project that asks for less publishes a new introduction.
 */
export function strictest(one: Freshness | null, other: Freshness | null): Freshness | null {
  if (one === null || other === null) return one ?? other;
  return { days: Math.min(one.days, other.days), people: Math.max(one.people, other.people) };
}
