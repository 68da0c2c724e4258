import { subjectOf, type Target } from '../core/facts/target.ts';
import { stopped, unreadable } from '../core/verdict/evaluate.ts';
import { finding } from '../core/verdict/finding.ts';
import { Unreadable, type Ports } from '../gather/ports.ts';
import { judge, type Judgement } from '../judge.ts';
import { ForgeFailure } from '../github/client.ts';
import { subjectKey, type Place, type Subject } from '../github/subject.ts';
import { projectOf, type Context } from './context.ts';
import { keepVerified } from './keep.ts';
import { reasonOf } from './log.ts';
import { verifiedStatements } from './verified.ts';

/**
 * Judges, and always comes to a verdict: what `prepare` or `judge` throw becomes `undetermined` (attack 18), a defect
 * with a finding of its own. Rate limits alone are thrown on: publishing would fail as well, and the worker waits them
 * out. Verified statements are kept.
 */
export async function judgeAlways(
  context: Context,
  place: Place,
  target: Target,
  prepare: () => Promise<Ports>,
  signal: AbortSignal,
): Promise<Judgement> {
  const project = projectOf(context, place);
  try {
    const ports = await prepare();
    const now = Math.floor(context.now() / 1000);
    const judgement = await judge(target, ports, { now, repository: project });
    if (judgement.facts === null) return withoutPaths(context, judgement);
    const { policy, statements } = judgement.facts;
    const judging = { branch: target.branch, head: subjectOf(target) };
    keepVerified(context, place, await verifiedStatements(policy, statements, project), judging);
    return judgement;
  } catch (error) {
    if (signal.aborted || (error instanceof ForgeFailure && error.notBefore !== null)) throw error;
    return failed(context, target, error);
  }
}

/** What git itself says may hold paths of this machine: it is for the log, not for a check that anybody can read. */
function withoutPaths(context: Context, judgement: Judgement): Judgement {
  const { target, rulings } = judgement.verdict;
  const [found] = rulings.flatMap(({ findings }) => findings);
  if (found?.code !== 'world-unreadable' || found.data.code !== 'git-failed') return judgement;
  context.log.warn({ commit: subjectOf(target), reason: found.data.message }, 'git failed');
  const verdict = unreadable(target, 'git-failed', 'git could not fetch or read the repository just now');
  return { ...judgement, verdict };
}

/** The verdict on a failure of ours or of the world. */
export function failed(context: Context, target: Target, error: unknown): Judgement {
  if (error instanceof Unreadable) {
    const verdict = unreadable(target, error.code, error.message);
    return withoutPaths(context, { facts: null, verdict, retry: error.passing });
  }
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  context.log.error({ commit: subjectOf(target), reason: reasonOf(error), stack }, 'judging crashed');
  const verdict = stopped(target, [finding('internal-error', { message: reasonOf(error).slice(0, 300) })]);
  return { facts: null, verdict, retry: true };
}

/** Adds to the audit trail what was judged and where it was published. */
export function record(
  context: Context,
  subject: Subject & Place,
  judgement: Judgement,
  checkRun: number | null,
): void {
  const { verdict, facts } = judgement;
  const project = projectOf(context, subject);
  const at = context.now();
  context.store.recordJudgement({ subject: subjectKey(subject), project, verdict, facts, checkRun }, at);
  context.log.info(
    { subject: subjectKey(subject), commit: subjectOf(verdict.target), outcome: verdict.outcome },
    'judged',
  );
}
