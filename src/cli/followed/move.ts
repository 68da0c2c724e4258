import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import type { FollowedBranch } from './followed.ts';

/**
 * What a lock file or a channel has now is a memory of its own, also on a machine that has seen nothing yet: what takes
 * its place has to have it on its line of first parents (attacks 14, 62). That it merely contains it is not enough: a merge
 * made backwards does, and has an older tree (trust.md A2). `null`: it goes forward.
 */
export async function judgeMove(
  { opened, trusted, head, entry }: Extract<FollowedBranch, { readonly problem: null }>,
  from: Oid,
  to: Oid,
): Promise<Finding | null> {
  if (from === to) return null;
  const { objects, repository } = opened;
  const moved = { branch: entry.branch, seen: from, to, used: true } as const;
  const [info] = await objects.readInfo([from]);
  if (info?.type !== 'commit') return finding('history-downgrade', { ...moved, here: false });
  if ((await opened.line(from, to)) !== null) return null;
  const { outcome } = trusted.answer;
  if (outcome !== 'pass' && (await opened.line(from, head)) !== null) {
    return finding('history-ahead', { branch: entry.branch, used: from, proven: to, outcome });
  }
  return (await repository.isReachable(to, from))
    ? finding('history-downgrade', { ...moved, here: true })
    : finding('history-fork', moved);
}
