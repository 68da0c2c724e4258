import type { Outcome } from '../verdict/outcome.ts';
import { subjectOf, judgedBy } from '../facts/target.ts';
import type { Ruling, Verdict } from '../verdict/verdict.ts';
import type { ReportContext } from './context.ts';
import { clean, markdown } from './clean.ts';
import { inWords } from './in-words.ts';
import { nextSteps, type NextStep } from './next-steps.ts';
import { titleOf, waitsForMaintainer } from './title.ts';

const MARKS: Readonly<Record<Outcome, string>> = {
  pass: '✅',
  pending: '⏳',
  undetermined: '❓',
  fail: '❌',
};
const MOST_FINDINGS = 20;
const LONGEST_SUMMARY = 65_000;

/** The verdict tree as Markdown: what is open and who can do what first, then everything that was checked. */
export function markdownReport(verdict: Verdict, context: ReportContext): string {
  const sections = [
    `### ${MARKS[verdict.enforced]} ${markdown(titleOf(verdict))}`,
    ...greeting(verdict),
    ...observing(verdict),
    ...openPoints(verdict),
    ...nextSteps(verdict, context).map(stepSection),
    checked(verdict),
    ...notCounted(verdict),
    footer(verdict),
  ];
  const whole = sections.join('\n\n');
  return whole.length <= LONGEST_SUMMARY
    ? whole
    : `${whole.slice(0, LONGEST_SUMMARY)}\n\n…cut: too long to show`;
}

function greeting(verdict: Verdict): string[] {
  if (!waitsForMaintainer(verdict)) return [];
  return [
    'Thank you for this change. If you are not a maintainer of this project, there is nothing for you to do: somebody ' +
      'on its roster looks at it, takes the commits over in their own name, and others approve.',
  ];
}

function observing({ mode }: Verdict): string[] {
  return mode === 'observe'
    ? ['The policy only observes this branch: nothing is blocked by this, and nothing is proven.']
    : [];
}

function openPoints({ rulings }: Verdict): string[] {
  const open = rulings
    .filter(({ rule }) => rule !== 'mode')
    .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'pass'));
  if (open.length === 0) return [];
  const said = new Set<string>();
  const lines = open.slice(0, MOST_FINDINGS).map((found) => {
    const { cause, remedy } = inWords(found);
    // What to do about one finding is often what to do about the next one too.
    const news = remedy.filter((step) => !said.has(step));
    for (const step of news) said.add(step);
    const bullets = news.map((step) => `\n  - ${markdown(step)}`).join('');
    return `- ${MARKS[found.outcome]} ${markdown(cause)} (\`${found.code}\`)${bullets}`;
  });
  const more = open.length > MOST_FINDINGS ? `\n- …and ${open.length - MOST_FINDINGS} more` : '';
  return [`#### What is open\n\n${lines.join('\n')}${more}`];
}

function stepSection({ who, what, commands, after }: NextStep): string {
  const end = after === null ? '' : `\n\n${markdown(`${after.charAt(0).toUpperCase()}${after.slice(1)}.`)}`;
  return `**${markdown(who)}** ${markdown(what)}:\n\n~~~~sh\n${commands.join('\n')}\n~~~~${end}`;
}

function checked({ rulings, people }: Verdict): string {
  const lines = rulings.filter(({ rule }) => rule !== 'statements' && rule !== 'mode').map(ruleLine);
  const who = [
    people.authors.length > 0 ? `authors: ${people.authors.join(', ')}` : '',
    people.approvers.length > 0 ? `approved by: ${people.approvers.join(', ')}` : '',
    people.merger === null ? '' : `merged by: ${people.merger}`,
  ].filter((part) => part !== '');
  const tail = who.length > 0 ? `\n\n${markdown(who.join('; '))}` : '';
  return `#### What was checked\n\n${lines.join('\n')}${tail}`;
}

function ruleLine({ rule, title, outcome, counted }: Ruling): string {
  const names = counted.length > 0 ? ` (${counted.join(', ')})` : '';
  return `- ${MARKS[outcome]} ${rule === 'requirement' ? 'requirement ' : ''}${markdown(`${clean(title)}${names}`)}`;
}

function notCounted({ rulings }: Verdict): string[] {
  const notes = rulings.flatMap(({ findings }) => findings.filter(({ outcome }) => outcome === 'pass'));
  if (notes.length === 0) return [];
  const lines = notes.slice(0, MOST_FINDINGS).map((found) => {
    const { cause, remedy } = inWords(found);
    return `- ${markdown(cause)} (\`${found.code}\`)${remedy.map((step) => `\n  - ${markdown(step)}`).join('')}`;
  });
  const more = notes.length > MOST_FINDINGS ? `\n- …and ${notes.length - MOST_FINDINGS} more` : '';
  return [`#### Also noted\n\n${lines.join('\n')}${more}`];
}

function footer({ target }: Verdict): string {
  const where = `\`${clean(target.branch)}\``;
  return `Judged \`${subjectOf(target)}\` on ${where} by the policy at \`${judgedBy(target)}\`.`;
}
