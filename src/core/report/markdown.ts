import { judgedBy, subjectOf } from '../facts/target.ts';
import type { Outcome } from '../verdict/outcome.ts';
import type { Ruling, Verdict } from '../verdict/verdict.ts';
import { clean, markdown } from './clean.ts';
import type { ReportContext } from './context.ts';
import { greetingOf, ledgerNews } from './greeting.ts';
import { nextSteps, type NextStep } from './next-steps.ts';
import { documentUrl, PROJECT_URL } from './project.ts';
import { sectionsOf, shownAs, type Point, type Section } from './sections.ts';
import { titleOf } from './title.ts';

const MARKS: Readonly<Record<Outcome, string>> = {
  pass: '✅',
  pending: '⏳',
  undetermined: '❓',
  fail: '❌',
};
const MOST_POINTS = 20;
const LONGEST_SUMMARY = 65_000;

/** The verdict as Markdown: what is open and who can do what first, then everything that was checked. */
export function markdownReport(verdict: Verdict, context: ReportContext): string {
  const sections = sectionsOf(verdict, context);
  const urgent = sections.filter(({ kind }) => isUrgent(kind));
  const others = sections.filter(({ kind }) => !isUrgent(kind));
  return join([
    `### ${MARKS[verdict.enforced]} ${markdown(titleOf(verdict))}`,
    ...greetingOf(verdict).map(ownWords),
    ...observing(verdict),
    ...urgent.map(sectionText),
    ...nextSteps(verdict, context).map(stepText),
    checked(verdict),
    ...others.map(sectionText),
    ...ledgerNews(context).map((sentence) => `${capital(markdown(sentence))}.`),
    `Judged \`${subjectOf(verdict.target)}\` on \`${clean(verdict.target.branch)}\` by the policy at \`${judgedBy(verdict.target)}\`.`,
  ]);
}

/** Whole parts only: half a part could leave a fence or a fold open. */
function join(parts: readonly string[]): string {
  let whole = '';
  for (const part of parts) {
    if (whole.length + part.length + 2 > LONGEST_SUMMARY) return `${whole}\n\n…cut: too long to show`;
    whole += whole === '' ? part : `\n\n${part}`;
  }
  return whole;
}

/** What comes before the commands to copy. */
function isUrgent(kind: Section['kind']): boolean {
  return kind === 'objections' || kind === 'ratified' || kind === 'open' || kind === 'policy';
}

function observing({ mode }: Verdict): string[] {
  return mode === 'observe'
    ? ['The policy only observes this branch: nothing is blocked by this, and nothing is proven.']
    : [];
}

function sectionText({ title, points }: Section): string {
  const said = new Set<string>();
  const shown = points.slice(0, MOST_POINTS);
  const lines = shown.flatMap((point, index) => {
    const { rule } = point;
    if (!rule.startsWith('requirement')) return [pointText(point, '', said)];
    // What one requirement asks for stands together.
    const heading = shown[index - 1]?.rule === rule ? [] : [`- ${markdown(rule)}`];
    return [...heading, pointText(point, '  ', said)];
  });
  const more = points.length > MOST_POINTS ? [`- …and ${points.length - MOST_POINTS} more`] : [];
  return `#### ${capital(title)}\n\n${[...lines, ...more].join('\n')}`;
}

/** What to do about one finding is often what to do about the next one too: `said` keeps it from being said again. */
function pointText({ mark: of, sentence, code, remedies }: Point, indent: string, said: Set<string>): string {
  const news = remedies.filter((step) => !said.has(step));
  for (const step of news) said.add(step);
  const mark = of === null ? '' : of === 'warning' ? '❗ ' : `${MARKS[of]} `;
  const link = code === null ? '' : ` ([\`${code}\`](${documentUrl('docs/findings.md', code)}))`;
  const bullets = news.map((step) => `\n${indent}  - ${markdown(step)}`).join('');
  return `${indent}- ${mark}${markdown(sentence)}${link}${bullets}`;
}

function stepText({ what, commands, byHand, after }: NextStep): string {
  const end = after === null ? '' : `\n\n${markdown(`${capital(after)}.`)}`;
  const fold =
    byHand === null ? '' : `\n\n<details><summary>by hand</summary>\n\n${fence(byHand)}\n\n</details>`;
  return `${capital(markdown(what))}:\n\n${fence(commands)}${fold}${end}`;
}

function fence(commands: readonly string[]): string {
  return `~~~~sh\n${commands.join('\n')}\n~~~~`;
}

function checked(verdict: Verdict): string {
  const { rulings, people } = verdict;
  const lines = rulings
    .filter(({ rule }) => rule !== 'statements' && rule !== 'mode')
    .map((ruling) => ruleLine(ruling, verdict));
  const who = [
    people.authors.length > 0 ? `authors: ${people.authors.map(clean).join(', ')}` : '',
    people.adopters.length > 0 ? `taken over by: ${people.adopters.map(clean).join(', ')}` : '',
    people.approvers.length > 0 ? `approved by: ${people.approvers.map(clean).join(', ')}` : '',
    people.merger === null ? '' : `merged by: ${clean(people.merger)}`,
  ].filter((part) => part !== '');
  const tail = who.length > 0 ? `\n\n${markdown(who.join('; '))}` : '';
  return `#### What was checked\n\n${lines.join('\n')}${tail}`;
}

function ruleLine(ruling: Ruling, verdict: Verdict): string {
  const { rule, counted } = ruling;
  const { outcome, title } = shownAs(ruling, verdict);
  const names = counted.length > 0 ? ` (${counted.map(clean).join(', ')})` : '';
  return `- ${MARKS[outcome]} ${rule === 'requirement' ? 'requirement ' : ''}${markdown(`${clean(title)}${names}`)}`;
}

/** Words of ours: the pages of this project that they name become links. */
function ownWords(text: string): string {
  return text.replaceAll(new RegExp(`${PROJECT_URL}/blob/main/([a-z/.-]+)(#[a-z-]+)?`, 'g'), '[$1]($&)');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
