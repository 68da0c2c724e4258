import { describePull } from '../describe/pull-request.ts';
import { announce } from '../deliveries.ts';
import { hasCommit, writeCommit } from '../git/commit.ts';
import { measureChange, mergeTrees } from '../git/merge.ts';
import { git } from '../git/run.ts';
import { readRef } from '../git/store.ts';
import type { JsonObject } from '../json.ts';
import type { PullRequest, Repository, User } from '../model.ts';
import { Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { mergeableState } from './mergeability.ts';

function invalid(field: string, message?: string): Refusal {
  const error = { resource: 'PullRequest', field, code: message === undefined ? 'invalid' : 'custom' };
  return new Refusal(422, 'Validation Failed', [message === undefined ? error : { ...error, message }]);
}

/** Tells the apps about a pull request; `extra` joins the payload. */
export function announcePull(
  world: World,
  pull: PullRequest,
  action: string,
  sender: User,
  extra: JsonObject = {},
): void {
  const fields = {
    number: pull.number,
    pull_request: describePull(world, pull, mergeableState(pull)),
    ...extra,
  };
  announce(world, pull.repository, { event: 'pull_request', action, sender, fields });
}

/** Counts what the pull request brings and makes its test merge anew. `resetBase`: also notes the base's tip. */
export async function measurePull(pull: PullRequest, resetBase: boolean): Promise<void> {
  const { gitDir } = pull.repository;
  const tip = await readRef(gitDir, `refs/heads/${pull.base.ref}`);
  if (tip === undefined) return;
  if (resetBase) pull.base.sha = tip;
  pull.size = await measureChange(gitDir, tip, pull.head.sha);
  await makeTestMerge(pull, tip);
}

async function makeTestMerge(pull: PullRequest, tip: string): Promise<void> {
  const { gitDir } = pull.repository;
  const tree = await mergeTrees(gitDir, tip, pull.head.sha);
  pull.conflict = tree === undefined;
  if (tree === undefined) {
    pull.mergeCommitSha = null;
    await git(gitDir, ['update-ref', '-d', `refs/pull/${pull.number}/merge`]);
    return;
  }
  const author = { name: pull.user.name, email: pull.user.email, date: pull.updatedAt };
  const committer = { name: 'GitHub', email: 'noreply@github.com', date: pull.updatedAt };
  const message = `Merge ${pull.head.sha} into ${tip}`;
  const parents = [tip, pull.head.sha];
  pull.mergeCommitSha = await writeCommit(gitDir, { tree, parents, author, committer, message });
  await git(gitDir, ['update-ref', `refs/pull/${pull.number}/merge`, pull.mergeCommitSha]);
}

export interface NewPull {
  /** `branch` or `owner:branch` */
  head: string;
  base: string;
  title: string;
  body?: string | null | undefined;
  draft?: boolean | undefined;
}

export async function openPull(
  world: World,
  repository: Repository,
  wanted: NewPull,
  user: User,
): Promise<PullRequest> {
  const [owner, branch] = wanted.head.includes(':')
    ? [wanted.head.slice(0, wanted.head.indexOf(':')), wanted.head.slice(wanted.head.indexOf(':') + 1)]
    : [repository.owner.login, wanted.head];
  const source = findSource(world, repository, owner);
  const sha = source && (await readRef(source.gitDir, `refs/heads/${branch}`));
  const tip = await readRef(repository.gitDir, `refs/heads/${wanted.base}`);
  if (!source || sha === undefined) throw invalid('head');
  if (tip === undefined) throw invalid('base');
  for (const other of repository.pulls.values()) {
    const { head, base, state } = other;
    if (state === 'open' && head.repository === source && head.ref === branch && base.ref === wanted.base) {
      throw invalid('', `A pull request already exists for ${owner}:${branch}.`);
    }
  }
  const size = await measureChange(repository.gitDir, tip, sha);
  if (size.commits === 0) throw invalid('', `No commits between ${wanted.base} and ${branch}`);
  const number = repository.nextNumber++;
  const pull: PullRequest = {
    id: world.nextId(),
    issueId: world.nextId(),
    number,
    repository,
    base: { ref: wanted.base, sha: tip },
    head: { repository: source, ref: branch, sha },
    title: wanted.title,
    body: wanted.body ?? null,
    user,
    state: 'open',
    draft: wanted.draft ?? false,
    mergedBy: undefined,
    mergeCommitSha: null,
    conflict: false,
    size,
    reviews: [],
    createdAt: world.now(),
    updatedAt: world.now(),
    closedAt: undefined,
    mergedAt: undefined,
  };
  repository.pulls.set(number, pull);
  await git(repository.gitDir, ['update-ref', `refs/pull/${number}/head`, sha]);
  await makeTestMerge(pull, tip);
  announcePull(world, pull, 'opened', user);
  return pull;
}

function findSource(world: World, repository: Repository, owner: string): Repository | undefined {
  if (owner.toLowerCase() === repository.owner.login.toLowerCase()) return repository;
  return [...world.repositories.values()].find(
    (other) =>
      other.network === repository.network && other.owner.login.toLowerCase() === owner.toLowerCase(),
  );
}

/** Changes title, body or base, telling the apps what it was. */
export async function editPull(
  world: World,
  pull: PullRequest,
  wanted: { title?: string | undefined; body?: string | undefined; base?: string | undefined },
  sender: User,
): Promise<void> {
  const changes: JsonObject = {};
  if (wanted.title !== undefined && wanted.title !== pull.title) {
    changes['title'] = { from: pull.title };
    pull.title = wanted.title;
  }
  if (wanted.body !== undefined && wanted.body !== pull.body) {
    changes['body'] = { from: pull.body ?? '' };
    pull.body = wanted.body;
  }
  if (wanted.base !== undefined && wanted.base !== pull.base.ref) {
    if (pull.state === 'closed')
      throw invalid('base', 'Cannot change the base branch of a closed pull request.');
    if ((await readRef(pull.repository.gitDir, `refs/heads/${wanted.base}`)) === undefined)
      throw invalid('base');
    changes['base'] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    pull.base.ref = wanted.base;
    await measurePull(pull, true);
  }
  if (Object.keys(changes).length === 0) return;
  pull.updatedAt = world.now();
  announcePull(world, pull, 'edited', sender, { changes });
}

export function readyPull(world: World, pull: PullRequest, sender: User): void {
  if (!pull.draft) return;
  pull.draft = false;
  pull.updatedAt = world.now();
  announcePull(world, pull, 'ready_for_review', sender);
}

/** Closes a pull request: merged, when it is given the commit that landed it. */
export function finishPull(world: World, pull: PullRequest, sender: User, landedBy?: string): void {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  pull.closedAt = pull.updatedAt = world.now();
  if (landedBy !== undefined) {
    pull.mergedAt = pull.closedAt;
    pull.mergedBy = sender;
    pull.mergeCommitSha = landedBy;
  }
  announcePull(world, pull, 'closed', sender);
}

/** Opens a closed pull request again, at its branch's present tip. */
export async function reopenPull(world: World, pull: PullRequest, sender: User): Promise<void> {
  if (pull.state === 'open') return;
  const sha = await readRef(pull.head.repository.gitDir, `refs/heads/${pull.head.ref}`);
  if (pull.mergedAt || sha === undefined) throw invalid('state', 'state cannot be changed.');
  pull.state = 'open';
  pull.closedAt = undefined;
  pull.updatedAt = world.now();
  pull.head.sha = sha;
  await git(pull.repository.gitDir, ['update-ref', `refs/pull/${pull.number}/head`, sha]);
  await measurePull(pull, true);
  announcePull(world, pull, 'reopened', sender);
}

/** The commit to which a review or a check is pinned must be there. */
export async function requireCommit(repository: Repository, sha: string): Promise<void> {
  if (!(await hasCommit(repository.gitDir, sha))) throw new Refusal(422, `No commit found for SHA: ${sha}`);
}
