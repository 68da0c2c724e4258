import { POLICY_PATH } from '../policy/folder.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { clean } from './clean.ts';
import type { ReportContext } from './context.ts';
import { markdownReport } from './markdown.ts';
import { titleOf } from './title.ts';

const MOST_ANNOTATIONS = 50;

export type Conclusion = 'success' | 'failure' | 'action_required' | 'neutral' | 'cancelled';

/** A verdict as GitHub's check run shows it. Every text is escaped for Markdown and cut to GitHub's limits. */
export interface CheckOutput {
  /** `countersign / <branch>`, in observe mode `countersign (observe) / <branch>` (trust.md E22). */
  readonly name: string;
  readonly conclusion: Conclusion;
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
  /** At most 50. */
  readonly annotations: readonly Annotation[];
}

export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly level: 'failure' | 'warning';
  readonly message: string;
}

/** The check that carries a branch's verdict. The branch stands in it literally: a branch can only turn its own name green. */
export function checkName(branch: string, mode: Verdict['mode']): string {
  return mode === 'observe' ? `countersign (observe) / ${branch}` : `countersign / ${branch}`;
}

export function checkOf(verdict: Verdict, context: ReportContext): CheckOutput {
  return {
    name: checkName(verdict.target.branch, verdict.mode),
    conclusion: conclusionOf(verdict),
    title: titleOf(verdict),
    summary: markdownReport(verdict, context),
    annotations: annotationsOf(verdict).slice(0, MOST_ANNOTATIONS),
  };
}

/**
 * `neutral` satisfies a required check, so it stands for nothing but observe mode, whose check has another name. A step
 * has landed: nothing waits for anybody there, so what is missing is a failure.
 */
export function conclusionOf({ mode, outcome, target }: Verdict): Conclusion {
  if (mode === 'observe') return 'neutral';
  if (outcome === 'pass') return 'success';
  return outcome === 'pending' && target.kind === 'change' ? 'action_required' : 'failure';
}

function annotationsOf({ rulings }: Verdict): Annotation[] {
  return rulings
    .flatMap(({ findings }) => findings)
    .flatMap((found) =>
      found.code === 'policy-invalid' || found.code === 'proposed-policy-invalid'
        ? found.data.diagnostics
        : [],
    )
    .map(({ severity, line, column, length, message, remedy }) => ({
      path: POLICY_PATH,
      line,
      column,
      endColumn: column + length,
      level: severity === 'error' ? 'failure' : 'warning',
      message: clean(remedy === null ? message : `${message}: ${remedy}`),
    }));
}
