import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { ASKING } from './environment.ts';
import { runGit, type GitResult } from './run.ts';

/** A person may have to unlock a key or touch a token first. */
const CONNECTION_MS = 30 * 60_000;
const MOST_REMOTES = 100;

/** The remotes of a person's repository, by their own git's word. */
export async function listRemotes(directory: string): Promise<readonly string[]> {
  const { code, stdout } = await runGit(['remote'], { gitDir: null, cwd: directory, own: true, env: ASKING });
  if (code !== 0) return [];
  return Buffer.from(stdout)
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '')
    .slice(0, MOST_REMOTES);
}

/**
 * Fetches refs with the person's own git and credentials into their repository, under exactly these names: no tags, no
 * FETCH_HEAD, no submodules. Throws `Unreadable('git-failed')` with what git said.
 *
 * @param refspecs such as `+refs/pull/7/head:refs/countersign/pull/7`
 */
export async function fetchRefs(
  directory: string,
  remote: string,
  refspecs: readonly string[],
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const result = await fetch(directory, remote, refspecs);
    if (result.code === 0) return;
    // Another process in the same repository has just fetched the same ref.
    if (tried < 5 && /cannot lock ref|unable to update local ref/.test(result.stderr)) continue;
    throw new Unreadable('git-failed', `\`${remote}\` could not be fetched from: ${result.stderr}`);
  }
}

/** Tries to get commits by their ids. Servers may refuse, and commits may be gone: whether they came is for the caller. */
export async function fetchCommits(directory: string, remote: string, ids: readonly Oid[]): Promise<void> {
  for (const id of ids) await fetch(directory, remote, [id]);
}

function fetch(directory: string, remote: string, what: readonly string[]): Promise<GitResult> {
  // Otherwise git also moves its own name for a branch that is fetched under another one.
  const args = ['fetch', '--quiet', '--no-progress', '--no-tags', '--no-write-fetch-head', '--refmap='];
  const more = ['--no-auto-maintenance', '--no-recurse-submodules', '--', remote, ...what];
  return runGit([...args, ...more], { gitDir: null, cwd: directory, own: true, timeoutMs: CONNECTION_MS });
}
