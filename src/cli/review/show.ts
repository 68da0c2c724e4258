import { counted } from '../../core/policy/words.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { inWords } from '../../core/report/in-words.ts';
import { titleOf } from '../../core/report/title.ts';
import type { Io } from '../io.ts';
import { localsOf, openFindings, type Item, type ListedCommit } from './item.ts';
import { localRemark } from './local.ts';
import type { Me } from './me.ts';
import { page } from './pager.ts';
import { remarkText } from './refusal.ts';
import { whyIdle } from './worth.ts';
import { cleanPatch, type Shown } from './patch-text.ts';
import type { Earlier, Range } from './since.ts';
import type { Workplace } from './workplace.ts';

const MOST_COMMITS = 30;
const MOST_FINDINGS = 12;

/** What an item is, what it lacks, who could give it, and what of that is this person's. */
export function headerText(item: Item, me: Me, earlier: Earlier | null, place: string): string {
  const { subject, commits, facts, target } = item;
  const [pull] = subject.pulls;
  const what = pull === undefined ? subject.head.slice(0, 12) : `#${pull.number}`;
  const title = commits.find(({ id }) => id === subject.head)?.subject ?? '';
  const files = facts.change.files.length;
  return [
    `\n${what}  ${clean(title)}${place}`,
    `  for ${clean(target.branch)}: ${counted(commits.length, 'commit')}, ${counted(files, 'file')}${item.isProtected ? ', protected paths' : ''}`,
    `  ${cleanSentence(titleOf(item.verdict))}`,
    ...lacking(item, me),
    ...policyLines(item),
    ...commitLines(item),
    ...earlierLines(earlier),
    ...localLines(item, me),
    '',
  ].join('\n');
}

function lacking(item: Item, me: Me): string[] {
  const findings = openFindings(item);
  const idle = whyIdle(item, me, 'approve');
  const { name } = me;
  const lines = findings.slice(0, MOST_FINDINGS).map((found) => {
    const { data } = found;
    const rule = 'rule' in data ? `${clean(data.rule)}: ` : '';
    const yours = 'candidates' in data && data.candidates.includes(name) ? ' — yours would count' : '';
    const who = 'candidates' in data && data.candidates.length > 0 ? ` (${namesOf(data.candidates)})` : '';
    return `  - ${rule}${inWords(found).cause}${who}${yours}`;
  });
  const more = findings.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`  - … and ${more} more`] : []),
    ...(idle === null ? [] : [`  ${cleanSentence(idle.message)}`]),
  ];
}

/** What it would make of the policy: nobody should have to read that out of YAML. */
function policyLines({ verdict }: Item): string[] {
  const changes = verdict.policyChanges ?? [];
  if (changes.length === 0) return [];
  const lines = changes.slice(0, MOST_FINDINGS).map(({ danger, sentence }) => {
    const mark = danger === 'critical' || danger === 'high' ? '!' : '-';
    return `  ${mark} ${cleanSentence(sentence)}`;
  });
  const more = changes.length - lines.length;
  return [
    '  what this change of the policy means:',
    ...lines,
    ...(more > 0 ? [`  - … and ${more} more: \`countersign policy diff\``] : []),
  ];
}

function localLines(item: Item, { name }: Me): string[] {
  return localsOf(item, name)
    .slice(0, 3)
    .map((local) => `  ${remarkText(localRemark(local)).trimEnd()}`);
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(clean).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function commitLines({ commits }: Item): string[] {
  const open = commits.filter(({ adoptable }) => adoptable);
  if (open.length === 0) return [];
  return [
    `  ${counted(open.length, 'commit')} to be adopted:`,
    ...open.slice(0, MOST_COMMITS).map(commitLine),
  ];
}

/** One commit with its author and subject, both an attacker's. */
export function commitLine({ id, author, subject }: ListedCommit): string {
  return `    ${id.slice(0, 12)}  ${clean(author)}  ${clean(subject)}`;
}

function earlierLines(earlier: Earlier | null): string[] {
  if (earlier === null) return [];
  const { opinion, range } = earlier;
  const said =
    opinion.type === 'adopt' ? 'adopted' : opinion.decision === 'reject' ? 'said no to' : 'approved';
  const since =
    range === null
      ? 'what changed since then cannot be told: all of it is shown'
      : range.files === 0
        ? 'nothing in it changed since then'
        : `what changed since then is shown: ${counted(range.files, 'file')}`;
  return [`  you ${said} an earlier state (${opinion.head.slice(0, 12)}); ${since}`];
}

/** Opens a difference in the person's pager. Tells what was not shown, `null` for all of it. */
export async function showRange(work: Workplace, range: Range): Promise<string | null> {
  const shown: Shown = { cut: false, binary: 0 };
  const colour = work.io.terminal?.out === true && (work.io.environment['NO_COLOR'] ?? '') === '';
  await page(cleanPatch(work.opened.patch(range.before, range.after), colour, shown), work.io);
  if (shown.cut) return 'not all of the difference was shown';
  if (shown.binary > 0)
    return `${counted(shown.binary, 'file')} of no text ${shown.binary === 1 ? 'was' : 'were'} not shown`;
  return null;
}

export function canShow({ terminal }: Io): boolean {
  return terminal?.out === true;
}
