import { Unreadable } from '../gather/ports.ts';
import { ASKING } from './environment.ts';
import { failed, runGit } from './run.ts';
import type { GitResult } from './run.ts';

/** Where git looks for the hooks of a repository. */
export interface HooksPlace {
  /** The whole path of the folder; it need not exist. */
  readonly folder: string;
  /** What `core.hooksPath` says and whose configuration says so; `null` where nothing does. */
  readonly configured: { readonly value: string; readonly scope: string } | null;
}

/** Finds the folder as the person's own git does, from whatever folder or worktree of the repository. */
export async function findHooksPlace(directory: string): Promise<HooksPlace> {
  const [top, gitDir] = await Promise.all([
    own(directory, ['rev-parse', '--show-toplevel']),
    own(directory, ['rev-parse', '--absolute-git-dir']),
  ]);
  if (gitDir.code !== 0) {
    throw new Unreadable('git-failed', `\`${directory}\` is not inside a git repository`, { passing: false });
  }
  // A relative `core.hooksPath` counts from where hooks run: the top of the work tree (git-config(1)).
  const from = top.code === 0 && line(top) !== '' ? line(top) : line(gitDir);
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'hooks'];
  const asked = await own(from, args);
  if (asked.code !== 0) throw failed(args, asked);
  const set = await own(from, ['config', '--show-scope', '--type=path', '--get', 'core.hooksPath']);
  const [scope = '', value = ''] = line(set).split('\t');
  return { folder: line(asked), configured: set.code === 0 ? { scope, value } : null };
}

/** The whole path of the git directory of this very worktree. */
export async function findGitDir(directory: string): Promise<string> {
  const result = await own(directory, ['rev-parse', '--absolute-git-dir']);
  if (result.code === 0) return line(result);
  throw new Unreadable('git-failed', `\`${directory}\` is not inside a git repository`, { passing: false });
}

function line({ stdout }: GitResult): string {
  return Buffer.from(stdout).toString('utf8').replace(/\n$/, '');
}

function own(directory: string, args: readonly string[]): Promise<GitResult> {
  return runGit(args, { gitDir: null, cwd: directory, own: true, env: ASKING });
}
