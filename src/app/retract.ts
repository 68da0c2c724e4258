import type { Oid } from '../core/object/id.ts';
import { checkName } from '../core/report/check.ts';
import { cancelRun, listOwnRuns } from '../github/checks.ts';
import { listPullsWith, type PullRequest } from '../github/pulls.ts';
import { pullAt, type Place, type Subject } from '../github/subject.ts';
import { checksOf, clientOf, projectOf, type Context } from './context.ts';
import { canSatisfy } from './publish.ts';
import { onePerCheck } from './take-back.ts';
import type { Ending, Turn } from './worker.ts';

export type RetractSubject = Extract<Subject, { kind: 'retract' }>;

/**
 * Takes a verdict back from a commit that no open pull request onto the branch has as its head any more. It was right when
 * it was published; policy and objections move on without it, and a pull request that is opened again, pointed back or
 * pushed back would be green at once. Where others still have it, they are judged again: what was said of the one that is
 * gone concerns them no more.
 */
export async function handleRetract(context: Context, subject: RetractSubject, turn: Turn): Promise<Ending> {
  const { branch, head } = subject;
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${head}`)) return { kind: 'busy' };
  const remaining = await wantSharing(context, subject, head);
  if (remaining.some(({ base }) => base === branch)) return { kind: 'done' };
  const checks = checksOf(context, subject, 'urgent');
  const run = (await listOwnRuns(checks, head)).find(({ name }) => name === checkName(branch, 'enforce'));
  if (!run || !canSatisfy(run) || (await hasLanded(context, subject))) return { kind: 'done' };
  const summary =
    'No open pull request proposes this commit for this branch now. It is judged again when one does.';
  await cancelRun(checks, run, 'no longer proposed', summary);
  return { kind: 'done' };
}

/** Wants the open pull requests with this head, one for each check (trust.md E24: those that share it agree). */
export async function wantSharing(
  context: Context,
  place: Place,
  head: Oid,
): Promise<readonly PullRequest[]> {
  const pulls = await listPullsWith(clientOf(context, place, 'urgent'), place, head);
  const sharing = onePerCheck(pulls.filter((pull) => pull.open && pull.head === head));
  context.want(
    sharing.map(({ number }) => pullAt(place, number)),
    'event',
  );
  return sharing;
}

/** A commit of the branch itself carries the verdict on its step. */
async function hasLanded(context: Context, subject: RetractSubject): Promise<boolean> {
  return context.mirrors.borrow(subject, async (mirror) => {
    const tip = await mirror.fetchBranchTip(subject.branch);
    if (tip === null) return false;
    await mirror.fetchCommits([subject.head]);
    return mirror.repository.isReachable(subject.head, tip);
  });
}
