import { describePushedCommit } from '../describe/commit.ts';
import { announce } from '../deliveries.ts';
import { isAncestor, listCommits, readCommit } from '../git/commit.ts';
import { git } from '../git/run.ts';
import { readRef } from '../git/store.ts';
import type { JsonObject } from '../json.ts';
import type { PullRequest, Repository, User } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { announcePull, finishPull, measurePull } from './pulls.ts';

export interface RefUpdate {
  /** `refs/heads/…` or `refs/tags/…` */
  ref: string;
  before: string | undefined;
  after: string | undefined;
}

const none = '0'.repeat(40);

/** What differs between two readings of a repository's refs. */
export function compareRefs(before: Map<string, string>, after: Map<string, string>): RefUpdate[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((ref) => ({ ref, before: before.get(ref), after: after.get(ref) }))
    .filter((update) => update.before !== update.after);
}

/** Follows refs that have moved: pull requests get new heads, land or close, and the apps hear of it. */
export async function followRefs(
  world: World,
  repository: Repository,
  updates: RefUpdate[],
  sender: User,
): Promise<void> {
  if (updates.length === 0) return;
  repository.pushedAt = world.now();
  for (const update of updates) {
    announce(world, repository, {
      event: 'push',
      action: undefined,
      sender,
      fields: await describePush(world, repository, update, sender),
    });
    if (!update.ref.startsWith('refs/heads/')) continue;
    const branch = update.ref.slice('refs/heads/'.length);
    for (const other of world.repositories.values()) {
      if (other.network !== repository.network) continue;
      for (const pull of other.pulls.values()) {
        if (pull.state === 'closed') continue;
        if (pull.head.repository === repository && pull.head.ref === branch)
          await moveHead(world, pull, update, sender);
        if (other === repository && pull.base.ref === branch) await moveBase(world, pull, update, sender);
      }
    }
  }
}

async function moveHead(world: World, pull: PullRequest, update: RefUpdate, sender: User): Promise<void> {
  if (update.after === undefined) {
    finishPull(world, pull, sender);
    return;
  }
  pull.head.sha = update.after;
  pull.updatedAt = world.now();
  await git(pull.repository.gitDir, ['update-ref', `refs/pull/${pull.number}/head`, update.after]);
  await measurePull(pull, true);
  announcePull(world, pull, 'synchronize', sender, { before: update.before ?? none, after: update.after });
}

/** A pull request is merged once its head is reachable from its base, however that came about. */
async function moveBase(world: World, pull: PullRequest, update: RefUpdate, sender: User): Promise<void> {
  if (update.after === undefined) {
    finishPull(world, pull, sender);
  } else if (
    pull.size.commits > 0 &&
    (await isAncestor(pull.repository.gitDir, pull.head.sha, update.after))
  ) {
    finishPull(world, pull, sender, update.after);
  } else {
    await measurePull(pull, false);
  }
}

async function describePush(
  world: World,
  repository: Repository,
  update: RefUpdate,
  sender: User,
): Promise<JsonObject> {
  const { ref, before, after } = update;
  const { gitDir } = repository;
  const forced = before !== undefined && after !== undefined && !(await isAncestor(gitDir, before, after));
  const commits: JsonObject[] = [];
  if (after !== undefined && ref.startsWith('refs/heads/')) {
    const from = before ?? (await defaultTip(repository, ref));
    const names = await listCommits(gitDir, from ?? null, after);
    // GitHub stops at 2048.
    for (const sha of names.slice(-2048)) commits.push(await describeOne(world, repository, sha));
  }
  const html = `${world.url}/${fullName(repository)}/compare`;
  const branchTip = after === undefined || !ref.startsWith('refs/heads/') ? undefined : after;
  const known = commits.find((commit) => commit['id'] === branchTip);
  const tip = branchTip === undefined ? null : (known ?? (await describeOne(world, repository, branchTip)));
  return {
    ref,
    before: before ?? none,
    after: after ?? none,
    base_ref: null,
    compare: `${html}/${(before ?? none).slice(0, 12)}...${(after ?? none).slice(0, 12)}`,
    created: before === undefined,
    deleted: after === undefined,
    forced,
    commits,
    head_commit: tip,
    pusher: { name: sender.login, email: sender.email },
  };
}

async function defaultTip(repository: Repository, ref: string): Promise<string | undefined> {
  const main = `refs/heads/${repository.defaultBranch}`;
  if (ref === main) return undefined;
  return await readRef(repository.gitDir, main);
}

async function describeOne(world: World, repository: Repository, sha: string): Promise<JsonObject> {
  const commit = await readCommit(repository.gitDir, sha);
  const args = ['diff-tree', '--root', '-r', '--no-commit-id', '--name-status', '--no-renames', '-z', sha];
  const fields = (await git(repository.gitDir, args)).split('\0');
  const files = { added: [] as string[], removed: [] as string[], modified: [] as string[] };
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const path = fields[i + 1] ?? '';
    if (fields[i] === 'A') files.added.push(path);
    else if (fields[i] === 'D') files.removed.push(path);
    else files.modified.push(path);
  }
  return describePushedCommit(world, repository, commit, files);
}
