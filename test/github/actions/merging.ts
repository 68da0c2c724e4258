import type { Person } from '../describe/commit.ts';
import { listCommits, readCommit, writeCommit } from '../git/commit.ts';
import { mergeTrees, rebase } from '../git/merge.ts';
import { git } from '../git/run.ts';
import { readRef } from '../git/store.ts';
import type { PullRequest, User } from '../model.ts';
import { fullName, Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { blockers } from './mergeability.ts';
import { finishPull } from './pulls.ts';
import { followRefs } from './refs.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface MergeWish {
  method: MergeMethod;
  /** What the head must be. */
  sha?: string | undefined;
  title?: string | undefined;
  message?: string | undefined;
  /** Merge in spite of required checks, as an admin may. */
  bypass?: boolean | undefined;
}

/** Lands a pull request by one of GitHub's three buttons; gives the commit that is now the base's tip. */
export async function mergePull(
  world: World,
  pull: PullRequest,
  wish: MergeWish,
  user: User,
): Promise<string> {
  const { repository } = pull;
  const { gitDir } = repository;
  if (wish.sha !== undefined && wish.sha !== pull.head.sha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const reasons = blockers(pull).filter(
    (reason) => !(wish.bypass === true && reason.startsWith('required ')),
  );
  const first = reasons[0];
  if (first !== undefined) {
    const check = reasons.find((reason) => reason.startsWith('required '));
    throw new Refusal(405, check === undefined ? 'Pull Request is not mergeable' : `R${check.slice(1)}.`);
  }
  const ref = `refs/heads/${pull.base.ref}`;
  const tip = await readRef(gitDir, ref);
  if (tip === undefined) throw new Refusal(405, 'Base branch does not exist');
  const landed = await land(world, pull, tip, wish, user);
  if (landed === undefined) throw new Refusal(405, 'Pull Request is not mergeable');
  await git(gitDir, ['update-ref', ref, landed, tip]);
  finishPull(world, pull, user, landed);
  await followRefs(world, repository, [{ ref, before: tip, after: landed }], user);
  return landed;
}

async function land(
  world: World,
  pull: PullRequest,
  tip: string,
  wish: MergeWish,
  user: User,
): Promise<string | undefined> {
  const { gitDir } = pull.repository;
  const date = world.now();
  const person = (who: User): Person => ({ name: who.name, email: who.email, date });
  if (wish.method === 'rebase') return await rebase(gitDir, tip, pull.head.sha, person(user));

  const tree = await mergeTrees(gitDir, tip, pull.head.sha);
  if (tree === undefined) return undefined;
  const github: Person = { name: 'GitHub', email: 'noreply@github.com', date };
  const webFlow = await world.webFlow();
  const sign = (payload: Buffer): string => webFlow.sign(payload, date);
  if (wish.method === 'squash') {
    const message = await squashMessage(pull, tip, wish);
    return await writeCommit(
      gitDir,
      { tree, parents: [tip], author: person(pull.user), committer: github, message },
      sign,
    );
  }
  const title =
    wish.title ??
    `Merge pull request #${pull.number} from ${fullName(pull.head.repository).split('/')[0] ?? ''}/${pull.head.ref}`;
  const message = [title, wish.message ?? pull.title].filter(Boolean).join('\n\n');
  const parents = [tip, pull.head.sha];
  return await writeCommit(gitDir, { tree, parents, author: person(user), committer: github, message }, sign);
}

/** One commit keeps its own words; several become a list (docs: about pull request merges). */
async function squashMessage(pull: PullRequest, tip: string, wish: MergeWish): Promise<string> {
  const { gitDir } = pull.repository;
  const names = await listCommits(gitDir, tip, pull.head.sha, true);
  const texts: string[] = [];
  for (const sha of names) texts.push((await readCommit(gitDir, sha)).message.trim());
  const only = texts.length === 1 ? (texts[0] ?? '') : undefined;
  const subject = only?.split('\n')[0] ?? pull.title;
  const body =
    only === undefined ? texts.map((text) => `* ${text}`).join('\n\n') : only.slice(subject.length).trim();
  const title = wish.title ?? `${subject} (#${pull.number})`;
  return [title, wish.message ?? body].filter(Boolean).join('\n\n');
}
