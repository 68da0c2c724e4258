import type { Oid } from '../../core/object/id.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import { short } from '../pull/words.ts';
import type { FollowedBranch } from './followed.ts';

/** Why what is proven now must not take the place of what is used now. */
export interface Stop {
  readonly code: 'history-downgrade' | 'history-fork' | 'history-ahead';
  readonly outcome: Exclude<Outcome, 'pass'>;
  /** A sentence in lower case. */
  readonly message: string;
}

/**
 * What a lock file or a channel has now is a memory of its own, also on a machine that has seen nothing yet: what takes
 * its place has to contain it (attacks 14, 62). `null`: it does.
 */
export async function judgeMove(
  { opened, trusted, head, entry }: Extract<FollowedBranch, { readonly problem: null }>,
  from: Oid,
  to: Oid,
): Promise<Stop | null> {
  if (from === to) return null;
  const { objects, repository } = opened;
  const stop = (code: Stop['code'], message: string): Stop => ({ code, outcome: 'fail', message });
  const [info] = await objects.readInfo([from]);
  if (info?.type !== 'commit') {
    return stop(
      'history-downgrade',
      `${short(from)}, which is used now, is not among what the server has: it serves an older state, or that never was on \`${entry.branch}\``,
    );
  }
  if (await repository.isReachable(from, to)) return null;
  const { outcome } = trusted.answer;
  if (outcome !== 'pass' && (await repository.isReachable(from, head))) {
    return {
      code: 'history-ahead',
      outcome,
      message: `${short(from)}, which is used now, is beyond the newest proven commit ${short(to)}`,
    };
  }
  return (await repository.isReachable(to, from))
    ? stop('history-downgrade', `${short(to)} is older than ${short(from)}, which is used now`)
    : stop('history-fork', `${short(to)} does not contain ${short(from)}, which is used now`);
}
