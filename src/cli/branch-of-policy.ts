import { openedFolder, policyIn } from '../core/facts/opened.ts';
import type { Oid } from '../core/object/id.ts';
import type { Policy } from '../core/policy/policy.ts';
import { quoted } from '../core/policy/words.ts';
import { shellWord } from '../core/report/clean.ts';
import { isBranchName } from '../core/statement/names.ts';
import { policyAt } from '../gather/policy-at.ts';
import type { OpenRepository } from '../git/reader.ts';
import { UsageError } from './revisions.ts';

/** How every refusal to guess begins. */
export const SAY_BRANCH = 'say which branch is meant: --branch NAME';

/**
 * The branch of an introduction that somebody gave as a bare commit: the only one that the policy at this very commit has,
 * as it was pinned with the commit. Neither what a forge calls its default nor what is checked out says it: whoever serves
 * the repository chooses the first, and by it what a clone checks out, and so the weakest rule of a policy that has several.
 * Throws `UsageError` where the policy leaves a choice, has errors or is not there, `Unreadable` where the commit is not.
 */
export async function branchAtCommit(opened: OpenRepository, commit: Oid): Promise<string> {
  const parsed = policyIn(openedFolder(await policyAt(opened, commit)));
  if (parsed === null) throw new UsageError(`${SAY_BRANCH}; there is no policy at \`${commit}\``);
  if (!parsed.ok) {
    const [first] = parsed.diagnostics;
    const where = first === undefined ? '' : `: line ${first.line}: ${first.message}`;
    throw new UsageError(`${SAY_BRANCH}; the policy at \`${commit}\` has errors${where}`);
  }
  return onlyBranch(parsed.policy, 'the policy at that commit');
}

/**
 * The only branch that a policy has. Throws `UsageError` where it has several, or a pattern for several.
 *
 * @param what names the policy in the message
 */
export function onlyBranch({ branches }: Policy, what: string): string {
  const patterns = branches.flatMap(({ match }) => match.map(({ source }) => source));
  const [only, ...others] = patterns;
  if (only !== undefined && others.length === 0 && isPlain(only)) return only;
  const example = patterns.find(isPlain);
  throw new UsageError(
    `${SAY_BRANCH}; ${what} has ${quoted(patterns)}${
      example === undefined ? '' : `, so that for \`${example}\` it is \`--branch ${shellWord(example)}\``
    }`,
  );
}

/** One branch and no pattern for several. */
function isPlain(source: string): boolean {
  return !/[*?]/.test(source) && isBranchName(source);
}
