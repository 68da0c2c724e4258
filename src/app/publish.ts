import type { Oid } from '../core/object/id.ts';
import { checkName, type CheckOutput } from '../core/report/check.ts';
import { cancelRun, completeRun, startRun, type CheckRun, type Checks } from '../github/checks.ts';
import { ForgeFailure } from '../github/client.ts';

/** Our runs on one commit, and what is done to them in one turn. */
export interface Board {
  readonly checks: Checks;
  readonly head: Oid;
  /** By name. What is started replaces what was found. */
  readonly runs: Map<string, CheckRun>;
}

/** Sets the run of that name to `in_progress`, made where there is none. */
export async function start({ checks, head, runs }: Board, name: string): Promise<CheckRun> {
  const run = await startRun(checks, head, name, runs.get(name));
  runs.set(name, run);
  return run;
}

/** Whether a run stands for a verdict, or may: a required check takes more than `success` for one. */
export function canSatisfy({ completed, conclusion }: CheckRun): boolean {
  return !completed || !['failure', 'action_required', 'cancelled'].includes(conclusion ?? '');
}

/** Publishes a verdict under its own name; gives the run's id. */
export async function publish(board: Board, output: CheckOutput): Promise<number> {
  const known = board.runs.get(output.name);
  const run = known && !known.completed ? known : await start(board, output.name);
  try {
    await completeRun(board.checks, run, output);
  } catch (error) {
    if (!(error instanceof ForgeFailure) || error.status !== 422) throw error;
    // GitHub refuses the text. Better a verdict without words than a run that never ends, and never a pass.
    await completeRun(board.checks, run, {
      name: output.name,
      conclusion: output.conclusion === 'success' ? 'failure' : output.conclusion,
      title: 'the verdict could not be published: GitHub refused its text',
      summary: 'The log of the app has the details.',
      annotations: [],
    });
    throw error;
  }
  board.runs.set(output.name, { ...run, completed: true, conclusion: output.conclusion });
  return run.id;
}

/**
 * Takes back what stands for this branch under another name than the verdict's: an older result of the other mode must
 * satisfy nothing (attack 64), and a run that was started must not wait for ever.
 */
export async function retractOthers(board: Board, branch: string, published: string | null): Promise<void> {
  for (const mode of ['enforce', 'observe'] as const) {
    const name = checkName(branch, mode);
    const run = board.runs.get(name);
    if (!run || name === published || run.conclusion === 'cancelled') continue;
    const title = 'not judged under this name any more';
    await cancelRun(
      board.checks,
      run,
      title,
      'The policy has changed: another check carries the verdict now.',
    );
  }
}

/** Ends the unfinished runs of a branch without a verdict. */
export async function cancel(board: Board, branch: string, title: string, summary: string): Promise<void> {
  for (const mode of ['enforce', 'observe'] as const) {
    const run = board.runs.get(checkName(branch, mode));
    if (run && !run.completed) await cancelRun(board.checks, run, title, summary);
  }
}
