import type { Facts } from '../facts/facts.ts';
import { openFolder } from '../policy/folder.ts';
import { parsePolicy } from '../policy/parse.ts';

/** What the report may mention besides the verdict: for commands to copy, and for people to be addressed. */
export interface ReportContext {
  /** Where the repository is fetched from, such as `https://github.com/acme/nixpkgs`; `null` for `.`, a local one. */
  readonly url: string | null;
  /** The pull request's number; `null` outside one. */
  readonly pull: number | null;
  /** The GitHub logins of people in the judging policy, to address them; they prove nothing. */
  readonly logins?: ReadonlyMap<string, string>;
  /** How many merges of the branch could not be proven yet from the ledger alone; left out where nobody counted. */
  readonly unprovable?: number;
}

/**
 * Adds to `about` how the people of the judging policy are addressed. Facts are `null` where they could not be gathered;
 * then, and where there is no readable policy, nothing is added.
 */
export function contextOf(facts: Facts | null, about: ReportContext): ReportContext {
  if (facts === null) return about;
  const { policy } = openFolder(facts.policy);
  if (policy.state !== 'present') return about;
  const parsed = parsePolicy(policy.bytes);
  if (!parsed.ok) return about;
  const logins = new Map<string, string>();
  for (const { name, github } of parsed.policy.people.values()) if (github !== null) logins.set(name, github);
  return { ...about, logins };
}
