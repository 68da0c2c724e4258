import { subjectOf, judgedBy } from '../facts/target.ts';
import type { Finding } from '../verdict/finding.ts';
import type { Outcome } from '../verdict/outcome.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { ReportContext } from './context.ts';
import { clean } from './clean.ts';
import { inWords } from './in-words.ts';
import { PLAIN } from './paint.ts';
import type { Paint } from './paint.ts';
import { nextSteps } from './next-steps.ts';
import { titleOf } from './title.ts';

export { PLAIN } from './paint.ts';
export type { Paint } from './paint.ts';

const WORDS: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  pending: 'wait',
  undetermined: '????',
  fail: 'FAIL',
};

/** The verdict tree for a terminal, ended by a line end. */
export function textReport(verdict: Verdict, context: ReportContext, paint: Paint = PLAIN): string {
  const { target, outcome, rulings } = verdict;
  const lines = [`${paint(outcome, outcome)}: ${paint('bold', titleOf(verdict))}`, ''];
  const said = new Set<string>();
  for (const ruling of rulings) {
    if (ruling.rule === 'statements' && ruling.findings.length === 0) continue;
    const names = ruling.counted.length > 0 ? ` (${ruling.counted.join(', ')})` : '';
    const word = paint(ruling.outcome, WORDS[ruling.outcome]);
    lines.push(`  ${word}  ${ruling.rule}: ${clean(ruling.title)}${names}`);
    for (const found of ruling.findings) lines.push(...findingLines(found, said, paint));
  }
  for (const { who, what, commands, after } of nextSteps(verdict, context)) {
    lines.push('', `${who} ${what}:`, ...commands.map((command) => `    ${command}`));
    if (after !== null) lines.push(`  ${after}`);
  }
  lines.push(
    '',
    paint(
      'dim',
      `judged ${subjectOf(target)} on ${clean(target.branch)} by the policy at ${judgedBy(target)}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** What to do about one finding is often what to do about the next one too: `said` keeps it from being said again. */
function findingLines(found: Finding, said: Set<string>, paint: Paint): string[] {
  const { cause, remedy } = inWords(found);
  const news = remedy.filter((step) => !said.has(step));
  for (const step of news) said.add(step);
  return [
    `        ${cause} ${paint('dim', `[${found.code}]`)}`,
    ...news.map((step) => `          → ${step}`),
  ];
}
