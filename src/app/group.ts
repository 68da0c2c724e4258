import { checkName } from '../core/report/check.ts';
import { listOwnRuns } from '../github/checks.ts';
import type { Subject } from '../github/subject.ts';
import { checksOf, projectOf, type Context } from './context.ts';
import { publish } from './publish.ts';
import type { Ending, Turn } from './worker.ts';

export type GroupSubject = Extract<Subject, { kind: 'group' }>;

/** Merge queues are not judged yet, so their groups fail (attack 8): a check without a judgement would be a rubber stamp. */
export async function handleGroup(context: Context, subject: GroupSubject, turn: Turn): Promise<Ending> {
  const { branch, head } = subject;
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${head}`)) return { kind: 'busy' };
  const checks = checksOf(context, subject);
  const runs = new Map((await listOwnRuns(checks, head)).map((run) => [run.name, run]));
  await publish(
    { checks, head, runs },
    {
      name: checkName(branch, 'enforce'),
      conclusion: 'failure',
      title: 'could not tell: merge queues are not judged yet',
      summary:
        'Countersign cannot judge the groups of a merge queue yet, and nothing passes unjudged. Merge this change without the queue.',
      annotations: [],
    },
  );
  return { kind: 'done' };
}
