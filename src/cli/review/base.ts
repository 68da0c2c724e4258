import { createHash } from 'node:crypto';
import type { Oid } from '../../core/object/id.ts';
import { fetchRefs } from '../../git/own.ts';
import { lookUp } from '../../git/refs.ts';
import type { Workplace } from './workplace.ts';

/**
 * Brings the tips of branches of the remote here, under names of ours. The person's own `refs/remotes/…` stay as they are:
 * a branch called `head` would move another one there, where names of files have no letter case.
 */
export async function fetchBases(
  { directory, remote }: Pick<Workplace, 'directory' | 'remote'>,
  branches: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  if (remote === null) return;
  const bases = branches.map((branch) => `+refs/heads/${branch}:${refOf(remote, branch)}`);
  await fetchRefs(directory, remote, [...bases, ...more]);
}

/** The tip that was brought last; without `fetched` the one that the person's own git knows goes first. */
export async function findBase(
  { directory, remote }: Pick<Workplace, 'directory' | 'remote'>,
  branch: string,
  fetched: boolean,
): Promise<Oid | null> {
  if (remote === null) return null;
  const own = refOf(remote, branch);
  const theirs = `refs/remotes/${remote}/${branch}`;
  const [first, second] = fetched ? [own, theirs] : [theirs, own];
  return (await lookUp(directory, first)) ?? (await lookUp(directory, second));
}

/** A digest has no letter case, and is no folder of another. */
function refOf(remote: string, branch: string): string {
  return `refs/countersign/base/${createHash('sha256').update(`${remote}\n${branch}`).digest('hex')}`;
}
