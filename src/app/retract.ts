import { listOwnRuns, cancelRun } from '../github/checks.ts';
import { listPullsWith } from '../github/pulls.ts';
import type { Subject } from '../github/subject.ts';
import { checkName } from '../core/report/check.ts';
import { checksOf, clientOf, projectOf, type Context } from './context.ts';
import { canSatisfy } from './publish.ts';
import type { Ending, Turn } from './worker.ts';

export type RetractSubject = Extract<Subject, { kind: 'retract' }>;

/**
 * Takes a verdict back from a commit that no open pull request onto the branch has as its head any more. It was right when
 * it was published; policy and objections move on without it, and a pull request that is opened again, pointed back or
 * pushed back would be green at once.
 */
export async function handleRetract(context: Context, subject: RetractSubject, turn: Turn): Promise<Ending> {
  const { branch, head } = subject;
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${head}`)) return { kind: 'busy' };
  const pulls = await listPullsWith(clientOf(context, subject), subject, head);
  if (pulls.some((pull) => pull.open && pull.head === head && pull.base === branch)) return { kind: 'done' };
  const checks = checksOf(context, subject);
  const run = (await listOwnRuns(checks, head)).find(({ name }) => name === checkName(branch, 'enforce'));
  if (!run || !canSatisfy(run) || (await hasLanded(context, subject))) return { kind: 'done' };
  const summary =
    'No open pull request proposes this commit for this branch now. It is judged again when one does.';
  await cancelRun(checks, run, 'no longer proposed', summary);
  return { kind: 'done' };
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
