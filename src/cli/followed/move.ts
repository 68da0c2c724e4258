import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import type { FollowedBranch } from './followed.ts';

/**
 * What a lock file or a channel has now is a memory of its own, also on a machine that has seen nothing yet: what takes
 * its place has to contain it (attacks 14, 62). `null`: it does.
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
  if (await repository.isReachable(from, to)) return null;
  const { outcome } = trusted.answer;
  if (outcome !== 'pass' && (await repository.isReachable(from, head))) {
    return finding('history-ahead', { branch: entry.branch, used: from, proven: to, outcome });
  }
  return (await repository.isReachable(to, from))
    ? finding('history-downgrade', { ...moved, here: true })
    : finding('history-fork', moved);
}
