import { checkName } from '../core/report/check.ts';
import { Unreadable } from '../gather/ports.ts';
import { listOwnRuns } from '../github/checks.ts';
import type { Subject } from '../github/subject.ts';
import { checksOf, projectOf, type Context } from './context.ts';
import { readEnrolment, type Enrolment } from './enrolment.ts';
import { publish } from './publish.ts';
import type { Ending, Turn } from './worker.ts';

export type GroupSubject = Extract<Subject, { kind: 'group' }>;

/** Merge queues are not judged yet, so their groups fail (attack 8): a check without a judgement would be a rubber stamp. */
export async function handleGroup(context: Context, subject: GroupSubject, turn: Turn): Promise<Ending> {
  const { branch, head } = subject;
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${head}`)) return { kind: 'busy' };
  const kind = await enrolmentOf(context, subject);
  if (kind === 'none') return { kind: 'done' };
  const observed = kind === 'observe';
  const checks = checksOf(context, subject);
  const runs = new Map((await listOwnRuns(checks, head)).map((run) => [run.name, run]));
  await publish(
    { checks, head, runs },
    {
      name: checkName(branch, observed ? 'observe' : 'enforce'),
      conclusion: observed ? 'neutral' : 'failure',
      title: 'could not tell: merge queues are not judged yet',
      summary:
        'Countersign cannot judge the groups of a merge queue yet, and nothing passes unjudged. Merge this change without the queue.',
      annotations: [],
    },
  );
  return { kind: 'done' };
}

/** What the policy makes of the branch; where that cannot be told, the name is used that can only block. */
async function enrolmentOf(context: Context, subject: GroupSubject): Promise<Enrolment['kind']> {
  const project = projectOf(context, subject);
  try {
    return await context.mirrors.borrow(subject, async (mirror) => {
      const tip = await mirror.fetchBranchTip(subject.branch);
      if (tip === null) return 'unknown';
      return (await readEnrolment(mirror.repository, tip, subject.branch, project)).kind;
    });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    context.log.warn(
      { branch: subject.branch, reason: error.message },
      'the policy of a group cannot be read',
    );
    return 'unknown';
  }
}
