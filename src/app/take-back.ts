import { checkName } from '../core/report/check.ts';
import { listOwnRuns, startRun } from '../github/checks.ts';
import { listOpenPulls, type PullRequest } from '../github/pulls.ts';
import { pullAt, type Place, type Subject } from '../github/subject.ts';
import { checksOf, clientOf, type Context } from './context.ts';
import { canSatisfy } from './publish.ts';
import type { Ending } from './worker.ts';

/**
 * What has changed judges all open changes (of a branch; `null`: of any) anew: what stands is taken back before any of them
 * is judged (trust.md E25, attack 68). The others are left to a sweep.
 */
export async function takeBackPulls(context: Context, place: Place, branch: string | null): Promise<void> {
  const checks = checksOf(context, place, 'urgent');
  const open = await listOpenPulls(clientOf(context, place, 'urgent'), place, branch);
  const wanted: Subject[] = [];
  for (const { number, head, base } of onePerCheck(open)) {
    const name = checkName(base, 'enforce');
    const run = (await listOwnRuns(checks, head)).find((own) => own.name === name);
    if (!run || !canSatisfy(run)) continue;
    // One in progress may be about to be completed by what was true before.
    if (run.completed) await startRun(checks, head, name, run);
    wanted.push(pullAt(place, number));
  }
  // Where this was stopped on the way, it is done again, and finds these in progress.
  context.want(wanted, 'event');
}

export type RecallSubject = Extract<Subject, { kind: 'recall' }>;

/** The same until it is done, whatever fails meanwhile. */
export async function handleRecall(context: Context, subject: RecallSubject): Promise<Ending> {
  const { installation, owner, repo } = subject;
  await takeBackPulls(context, subject, null);
  context.want([{ kind: 'sweep', installation, owner, repo, branch: null, head: null }], 'event');
  return { kind: 'done' };
}

/** Pull requests with one head and one base share their check and their verdict (trust.md E24): the first of each. */
export function onePerCheck(pulls: readonly PullRequest[]): readonly PullRequest[] {
  const found = new Map<string, PullRequest>();
  for (const pull of pulls) {
    const key = `${pull.head} ${pull.base}`;
    if (!found.has(key)) found.set(key, pull);
  }
  return [...found.values()];
}
