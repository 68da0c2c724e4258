import { describePayloadCommit } from '../describe/commit.ts';
import { announce } from '../deliveries.ts';
import { readCommit, writeCommit } from '../git/commit.ts';
import { mergeTrees } from '../git/merge.ts';
import { git } from '../git/run.ts';
import { readRef } from '../git/store.ts';
import type { PullRequest, User } from '../model.ts';
import type { World } from '../world.ts';

/**
 * Makes a merge group of one pull request, on a branch named as GitHub's queue names it, and asks for its checks. No
 * `push` is told: the branch is not a person's doing, and the app hears of the group anyway.
 */
export async function requestMergeGroup(
  world: World,
  pull: PullRequest,
  sender: User,
): Promise<{ headSha: string; headRef: string; baseSha: string }> {
  const { repository, base } = pull;
  const { gitDir } = repository;
  const baseSha = await readRef(gitDir, `refs/heads/${base.ref}`);
  const tree = baseSha === undefined ? undefined : await mergeTrees(gitDir, baseSha, pull.head.sha);
  if (baseSha === undefined || tree === undefined)
    throw new Error(`pull request ${pull.number} does not merge cleanly`);
  const date = world.now();
  const github = { name: 'GitHub', email: 'noreply@github.com', date };
  const author = { name: sender.name, email: sender.email, date };
  const from = `${pull.head.repository.owner.login}/${pull.head.ref}`;
  const message = `Merge pull request #${pull.number} from ${from}\n\n${pull.title}`;
  const webFlow = await world.webFlow();
  const commit = { tree, parents: [baseSha, pull.head.sha], author, committer: github, message };
  const headSha = await writeCommit(gitDir, commit, (payload) => webFlow.sign(payload, date));
  const headRef = `refs/heads/gh-readonly-queue/${base.ref}/pr-${pull.number}-${baseSha}`;
  await git(gitDir, ['update-ref', headRef, headSha]);
  const group = {
    head_sha: headSha,
    head_ref: headRef,
    base_sha: baseSha,
    base_ref: `refs/heads/${base.ref}`,
    head_commit: describePayloadCommit(await readCommit(gitDir, headSha)),
  };
  const fields = { merge_group: group };
  announce(world, repository, { event: 'merge_group', action: 'checks_requested', sender, fields });
  return { headSha, headRef, baseSha };
}
