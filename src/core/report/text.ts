import { judgedBy, subjectOf } from '../facts/target.ts';
import type { Outcome } from '../verdict/outcome.ts';
import type { Ruling, Verdict } from '../verdict/verdict.ts';
import { clean } from './clean.ts';
import type { ReportContext } from './context.ts';
import { ledgerNews } from './greeting.ts';
import { nextSteps, type NextStep } from './next-steps.ts';
import { PLAIN } from './paint.ts';
import type { Paint } from './paint.ts';
import { isApart, pointOf, sectionsOf, shownAs, type Point } from './sections.ts';
import { landedRemedy, titleOf } from './title.ts';

export { PLAIN } from './paint.ts';
export type { Paint } from './paint.ts';

const WORDS: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  pending: 'wait',
  undetermined: '????',
  fail: 'FAIL',
};

/** The verdict for a terminal, ended by a line end: the tree of rules, then what stands apart from it. */
export function textReport(verdict: Verdict, context: ReportContext, paint: Paint = PLAIN): string {
  const { target, outcome } = verdict;
  const judged = paint(
    'dim',
    `judged ${subjectOf(target)} on ${clean(target.branch)} by the policy at ${judgedBy(target)}`,
  );
  const landed = landedRemedy(verdict);
  if (landed !== null)
    return `${paint(outcome, outcome)}: ${paint('bold', titleOf(verdict))}; ${landed}\n\n${judged}\n`;
  const said = new Set<string>();
  const lines = [`${paint(outcome, outcome)}: ${paint('bold', titleOf(verdict))}`];
  lines.push('', ...inOrder(verdict).flatMap((ruling) => rulingLines(ruling, verdict, context, said, paint)));
  for (const { kind, title, points } of sectionsOf(verdict, context)) {
    if (!isApart(kind)) continue;
    lines.push('', `${title}:`, ...points.flatMap((point) => pointLines(point, '  ', said, paint)));
  }
  for (const step of nextSteps(verdict, context)) lines.push('', ...stepLines(step, paint));
  for (const sentence of ledgerNews(context)) lines.push('', sentence);
  return `${[...lines, '', judged].join('\n')}\n`;
}

/** A signed "no" comes before everything else. */
function inOrder({ rulings }: Verdict): Ruling[] {
  const first = rulings.filter(({ rule, outcome }) => rule === 'objections' && outcome !== 'pass');
  return [...first, ...rulings.filter((ruling) => !first.includes(ruling))];
}

function rulingLines(
  ruling: Ruling,
  verdict: Verdict,
  context: ReportContext,
  said: Set<string>,
  paint: Paint,
): string[] {
  if (ruling.rule === 'statements') return [];
  const names = ruling.counted.length > 0 ? ` (${ruling.counted.map(clean).join(', ')})` : '';
  const points = ruling.findings
    .map((found) => pointOf(found, ruling, verdict, context))
    .filter(({ kind }) => !isApart(kind));
  const { outcome, title } = shownAs(ruling, verdict);
  return [
    `  ${paint(outcome, WORDS[outcome])}  ${ruling.rule}: ${clean(title)}${names}`,
    ...points.flatMap((point) => pointLines(point, '        ', said, paint)),
  ];
}

/** What to do about one finding is often what to do about the next one too: `said` keeps it from being said again. */
function pointLines(point: Point, indent: string, said: Set<string>, paint: Paint): string[] {
  const news = point.remedies.filter((step) => !said.has(step));
  for (const step of news) said.add(step);
  const code = point.code === null ? '' : ` ${paint('dim', `[${point.code}]`)}`;
  const mark = point.mark === 'warning' ? `${paint('fail', '!')} ` : '';
  return [`${indent}${mark}${point.sentence}${code}`, ...news.map((step) => `${indent}  → ${step}`)];
}

function stepLines({ what, commands, byHand, after }: NextStep, paint: Paint): string[] {
  return [
    `${what}:`,
    ...commands.map((command) => `    ${command}`),
    ...(byHand === null ? [] : ['  or by hand:', ...byHand.map((command) => `    ${paint('dim', command)}`)]),
    ...(after === null ? [] : [`  ${after}`]),
  ];
}
