import { git, tryGit } from '../git/run.ts';
import { readRef, readRefs, writePushGate } from '../git/store.ts';
import type { Repository, User } from '../model.ts';
import type { World } from '../world.ts';
import { checkState } from './mergeability.ts';
import { compareRefs, followRefs } from './refs.ts';

/**
 * Tells the pre-receive hook of `git/store.ts` what to let in: on a branch whose checks hold for pushes too, only
 * commits on which all of them pass.
 */
export async function writeGate(repository: Repository): Promise<void> {
  const strict = repository.required.filter((check) => check.onPush);
  const branches = [...new Set(strict.map((check) => check.branch))];
  const commits = [...new Set([...repository.checkRuns.values()].map((run) => run.headSha))];
  const allowed = branches.flatMap((branch) =>
    commits
      .filter((sha) =>
        strict.filter((c) => c.branch === branch).every((c) => checkState(repository, c, sha) === 'passing'),
      )
      .map((sha) => `refs/heads/${branch} ${sha}`),
  );
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  await writePushGate(repository.gitDir, refs, allowed);
}

/** Does something that moves refs, and follows what it moved. Within `inTurn`. */
export async function followingRefs<T>(
  world: World,
  repository: Repository,
  sender: User,
  work: () => Promise<T>,
): Promise<T> {
  await writeGate(repository);
  const before = await readRefs(repository.gitDir);
  const result = await work();
  await followRefs(world, repository, compareRefs(before, await readRefs(repository.gitDir)), sender);
  return result;
}

export interface LocalPush {
  /** A work tree or bare repository on this machine. */
  from: string;
  /** What to push: a branch, tag or commit there. Left out: its `HEAD`. */
  ref?: string;
  /** Where to. */
  branch: string;
  force?: boolean;
}

/** Pushes from a directory on this machine; gives the commit that the branch now has. */
export async function pushLocal(
  world: World,
  repository: Repository,
  push: LocalPush,
  sender: User,
): Promise<string> {
  return await followingRefs(world, repository, sender, async () => {
    const source = `${push.ref ?? 'HEAD'}^{commit}`;
    const sha = await git(push.from, ['rev-parse', '--verify', '--end-of-options', source]);
    const target = `${push.force === true ? '+' : ''}${sha}:refs/heads/${push.branch}`;
    await git(push.from, [
      '-c',
      'core.hooksPath=/dev/null',
      'push',
      '--quiet',
      '--no-verify',
      repository.gitDir,
      target,
    ]);
    return sha;
  });
}

export async function deleteBranch(
  world: World,
  repository: Repository,
  branch: string,
  sender: User,
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const tip = await readRef(repository.gitDir, ref);
  if (tip === undefined) throw new Error(`no branch \`${branch}\``);
  await git(repository.gitDir, ['update-ref', '-d', ref, tip]);
  await followRefs(world, repository, [{ ref, before: tip, after: undefined }], sender);
}

/** Sets a branch to a commit that the network's object store has. */
export async function setBranch(
  world: World,
  repository: Repository,
  branch: string,
  sha: string,
  sender: User,
): Promise<void> {
  await followingRefs(world, repository, sender, async () => {
    const { code, stderr } = await tryGit(repository.gitDir, ['update-ref', `refs/heads/${branch}`, sha]);
    if (code !== 0) throw new Error(stderr.trim());
  });
}
