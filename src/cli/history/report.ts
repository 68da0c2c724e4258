import { cleanSentence } from '../../core/report/clean.ts';
import { contextOf } from '../../core/report/context.ts';
import { jsonReport } from '../../core/report/json.ts';
import type { Paint } from '../../core/report/paint.ts';
import { documentUrl } from '../../core/report/project.ts';
import { textReport } from '../../core/report/text.ts';
import { describe, type Finding } from '../../core/verdict/finding.ts';
import type { Unreadable } from '../../gather/ports.ts';
import { BrokenTrust } from '../../trust/find.ts';
import type { TrustedAnswer } from './trusted.ts';
import { progressOf, sentence } from './words.ts';

/** What a verification of a history has to show. */
export interface Shown {
  readonly trusted: TrustedAnswer;
  /** As the person named it. */
  readonly revision: string;
  readonly branch: string;
}

/** Nothing is wrong, and there is something to do. */
const ASTRAY = 'history-off-branch';
const UNKEPT = 'memory-not-kept';

/** For people: the answer in a line, how far it is proven, the first step that does not hold, and what to do. */
export function textAnswer({ trusted, revision, branch }: Shown, paint: Paint): string {
  const { answer, outcome, findings, accepted } = trusted;
  const astray = findings.some(({ code }) => code === ASTRAY);
  const head =
    accepted === null
      ? `${cleanSentence(revision)} is not proven on ${cleanSentence(branch)}`
      : accepted === answer.to
        ? astray
          ? `${cleanSentence(revision)} holds by itself, and is no step of ${cleanSentence(branch)} here`
          : `${cleanSentence(revision)} is proven on ${cleanSentence(branch)}`
        : `the newest proven commit of ${cleanSentence(branch)} is ${accepted}`;
  const lines = [`${paint(outcome, outcome)}: ${paint('bold', head)}`];
  for (const found of findings) {
    if (found.code === 'history-ratified') continue;
    const { remedy } = describe(found);
    lines.push(`  ${sentence(found)} ${paint('dim', `[${found.code}]`)}`);
    if (found.outcome !== 'pass' || [ASTRAY, UNKEPT].includes(found.code))
      lines.push(...remedy.map((step) => `    → ${cleanSentence(step)}`));
  }
  lines.push(...progressOf(answer, astray).map((one) => `  ${one}`));
  const { failed } = answer;
  if (failed !== null && accepted === null && !astray) {
    const context = contextOf(failed.facts, { url: null, pull: null });
    lines.push('', `The first step that does not hold, ${failed.step}:`, '');
    return `${lines.join('\n')}\n${textReport(failed.verdict, context, paint)}`;
  }
  return `${lines.join('\n')}\n`;
}

/** For machines: stable names, codes and outcomes. */
export function jsonAnswer({ trusted, branch }: Shown): Readonly<Record<string, unknown>> {
  const { answer, outcome, accepted, summary } = trusted;
  const { from, to, steps, commits, state, ahead, failed } = answer;
  return {
    outcome,
    branch,
    from,
    to,
    steps: steps ?? 0,
    commits: commits ?? 0,
    proven: state && { commit: state.commit, steps: state.steps, commits: state.commits },
    accepted,
    ahead,
    failed: failed && { commit: failed.step },
    ratified: state?.ratified ?? [],
    summary,
    findings: findingsJson(trusted),
  };
}

/** What `--json` prints where nothing could be proven because the repository cannot be read. */
export function unreadableAnswer(error: Unreadable): Readonly<Record<string, unknown>> {
  const { code, message } = error;
  const text = cleanSentence(message);
  const found = { code: 'world-unreadable', outcome: 'undetermined', message: text, data: { code } };
  return {
    outcome: 'undetermined',
    from: null,
    to: null,
    steps: 0,
    commits: 0,
    accepted: null,
    findings: [found],
    // As `countersign trust` has them.
    ...(error instanceof BrokenTrust ? { diagnostics: error.diagnostics } : {}),
  };
}

/** Everything found of a branch, for machines; what is found of the first step that does not hold names it as `commit`. */
export function findingsJson({
  findings,
  answer,
}: Pick<TrustedAnswer, 'findings' | 'answer'>): readonly unknown[] {
  return [...findings.map(findingJson), ...failedFindings(answer.failed)];
}

/** A finding for machines: code, outcome, words safe on a terminal, where it is explained, and its data. */
export function findingJson(found: Finding): Readonly<Record<string, unknown>> {
  const { code, outcome, data } = found;
  const { cause, remedy } = describe(found);
  return {
    code,
    outcome,
    message: cleanSentence(cause),
    remedy: remedy.map(cleanSentence),
    help: documentUrl('docs/findings.md', code),
    data,
  };
}

function failedFindings(failed: TrustedAnswer['answer']['failed']): readonly unknown[] {
  if (failed === null) return [];
  const report = jsonReport(failed.verdict, contextOf(failed.facts, { url: null, pull: null }));
  const found: unknown = report['findings'];
  if (!Array.isArray(found)) return [];
  return found.map((one: object) => ({ ...one, commit: failed.step }));
}
