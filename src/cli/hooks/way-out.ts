import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../core/object/id.ts';
import { shellWord } from '../../core/report/clean.ts';
import { findGitDir } from '../../git/hooks-place.ts';
import { readCheckout } from '../../git/worktree.ts';
import type { Environment } from '../../trust/folders.ts';
import { short } from '../history/words.ts';

const ONCE = '`git -c core.hooksPath=/dev/null ...` passes this once';

/** Where git notes which branch it rebases, with HEAD on none meanwhile (git-rebase(1)). */
const REBASED = ['rebase-merge/head-name', 'rebase-apply/head-name'] as const;

/** What to do in plain git once a remote-tracking branch was refused: one refused ref ends the whole fetch. */
export function afterFetch(remote: string, branch: string): readonly string[] {
  const from = remote === 'origin' ? '' : ` ${shellWord(remote)}`;
  return [
    `git stops the whole fetch for this, other branches and tags too: \`countersign fetch${from}\` brings ${branch} up to its newest proven commit`,
    `\`git fetch ${shellWord(remote)} BRANCH\` brings another branch alone; ${ONCE}`,
  ];
}

/**
 * The same for a branch of the person's own, in the order in which it has to be done: git has changed the work tree before
 * it asks whether the branch may move, and switches to no other branch while a merge is under way.
 *
 * @param environment of the hook: git says there what it was called for
 */
export async function afterMove(
  directory: string,
  ref: string,
  to: Oid | null,
  environment: Environment,
): Promise<readonly string[]> {
  // git-receive-pack(1) works in the git directory itself.
  if (environment['GIT_DIR'] === '.')
    return ['push to a branch of another name: `git push REMOTE COMMIT:refs/heads/NAME`'];
  const undone = (command: string): string =>
    `git has left its work half done: \`${command}\` undoes it first`;
  const elsewhere = `work on a branch of another name: \`git switch --create NAME\`; ${ONCE}`;
  const gitDir = await findGitDir(directory);
  for (const name of REBASED) {
    const rebased = await readFile(join(gitDir, name), 'utf8').catch(() => '');
    if (rebased.trimEnd() === ref) return [undone('git rebase --abort'), elsewhere];
  }
  const { branch } = await readCheckout(directory);
  if (ref !== `refs/heads/${branch ?? ''}`) return [`use a branch of another name; ${ONCE}`];
  if (await isThere(join(gitDir, 'MERGE_HEAD'))) return [undone('git merge --abort'), elsewhere];
  if (to !== null && /^(?:merge|pull)\b/.test(environment['GIT_REFLOG_ACTION'] ?? '')) {
    const files = `git has put the files of ${short(to)} into your work tree already`;
    return [`${files}: \`git read-tree -m -u ${to} HEAD\` takes them out again`, elsewhere];
  }
  return [
    elsewhere,
    'after a cherry-pick or a revert, end that first: `git cherry-pick --abort`, `git revert --abort`',
  ];
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
