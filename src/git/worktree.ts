import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { ASKING } from './environment.ts';
import { provenEnvironment } from './move-refs.ts';
import { checkUnreplaced } from './replaced.ts';
import { failed, runGit } from './run.ts';
import type { GitResult } from './run.ts';

/** What a person has checked out. */
export interface Checkout {
  /** The top of the work tree; `null` for a bare repository. */
  readonly top: string | null;
  /** The branch without `refs/heads/`; `null` for a detached HEAD. */
  readonly branch: string | null;
  /** `null` where the branch has no commit yet. The commit need not be here. */
  readonly commit: Oid | null;
}

/** Where a branch is pulled from, as the person configured it (git-config(1), `branch.<name>.remote` and `.merge`). */
export interface Upstream {
  readonly remote: string | null;
  /** Without `refs/heads/`. */
  readonly branch: string | null;
}

/** A person's merge hooks may take their time. */
const MERGE_MS = 30 * 60_000;

export async function readCheckout(directory: string): Promise<Checkout> {
  const [top, head, commit] = await Promise.all([
    readTop(directory),
    ask(directory, ['symbolic-ref', '--quiet', 'HEAD']),
    // With `^{commit}` git would read the object.
    ask(directory, ['rev-parse', '--verify', '--quiet', 'HEAD']),
  ]);
  const ref = line(head);
  return {
    top,
    branch: ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null,
    commit: parseOid(line(commit)),
  };
}

/** The top of the work tree around a folder; `null` for a bare repository, or none. */
export async function readTop(directory: string): Promise<string | null> {
  const top = await ask(directory, ['rev-parse', '--show-toplevel']);
  return top.code === 0 ? line(top) : null;
}

export async function readUpstream(directory: string, branch: string): Promise<Upstream> {
  const [remote, merge] = await Promise.all(
    ['remote', 'merge'].map(async (name) =>
      line(await ask(directory, ['config', '--get', `branch.${branch}.${name}`])),
    ),
  );
  return {
    remote: remote === undefined || remote === '' || remote === '.' ? null : remote,
    branch: merge?.startsWith('refs/heads/') === true ? merge.slice('refs/heads/'.length) : null,
  };
}

/**
 * Brings the checked out branch, index and work tree forward to a commit, never beyond what is there of the person's own
 * and never with a merge; submodules stay as they are. Their hooks run. What git said where it refused; `null`: done.
 * Throws `Unreadable('git-failed')` where git would show other content than that commit has.
 *
 * @param ref the checked out branch, whole name
 */
export async function mergeForward(
  directory: string,
  ref: string,
  from: Oid | null,
  to: Oid,
): Promise<string | null> {
  const settings = ['-c', 'submodule.recurse=false', '-c', 'merge.stat=false'];
  const args = [...settings, 'merge', '--ff-only', '--no-squash', '--no-autostash', '--quiet', to];
  await checkUnreplaced(directory);
  const env = { ...provenEnvironment([{ ref, from, to }]), GIT_NO_REPLACE_OBJECTS: '1' };
  const result = await own(directory, args, env);
  if (result.code === 0) return null;
  if (result.stderr === '' && result.stdout.length === 0) throw failed(['merge'], result);
  return result.stderr === '' ? line(result) : result.stderr;
}

function line({ stdout }: GitResult): string {
  return Buffer.from(stdout).toString('utf8').replace(/\n$/, '');
}

function ask(directory: string, args: readonly string[]): Promise<GitResult> {
  return own(directory, args, ASKING);
}

function own(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<GitResult> {
  return runGit(args, { gitDir: null, cwd: directory, own: true, env, timeoutMs: MERGE_MS });
}
