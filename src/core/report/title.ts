import type { Finding } from '../verdict/finding.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { subjectOf } from '../facts/target.ts';
import { list, short } from '../verdict/catalogue/entry.ts';
import { clean, shellWord } from './clean.ts';
import { inWords } from './in-words.ts';

const LONGEST_TITLE = 200;

/** The findings that decide: those of the worst outcome, one for each rule, the widest gap first. */
export function deciding({ rulings, enforced }: Verdict): Finding[] {
  return rulings
    .filter(({ rule, outcome }) => outcome === enforced && rule !== 'mode')
    .flatMap(({ findings }) => findings.find(({ outcome }) => outcome === enforced) ?? [])
    .sort((a, b) => gap(b) - gap(a));
}

/** A signed "no" is said first, then what governs everything else, then what is no quorum, then the quorum that is furthest from being met. */
function gap({ code, data }: Finding): number {
  if (code === 'objection') return 3000;
  if (code === 'governance-missing') return 2000;
  return 'need' in data && 'have' in data ? data.need - data.have.length : 1000;
}

/** Commits of people outside the roster, of whom nothing is wanted. */
const OUTSIDERS: ReadonlySet<string> = new Set([
  'commit-unsigned',
  'commit-key-unknown',
  'commit-signature-unsupported',
  'commit-by-github',
  'commit-signer-not-allowed',
]);

/** Whether all that blocks is that a maintainer has not yet looked at commits of somebody outside the roster. */
export function waitsForMaintainer(verdict: Verdict): boolean {
  return verdict.enforced === 'pending' && isOutsideWork(verdict);
}

/** Whether what is wrong with the commits of a change is nothing but that nobody on the roster vouches for them. */
export function isOutsideWork({ rulings, target }: Verdict): boolean {
  if (target.kind !== 'change') return false;
  if (rulings.some(({ rule, outcome }) => rule === 'governance' && outcome !== 'pass')) return false;
  const open = rulings
    .filter(({ rule }) => rule === 'commits')
    .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'pass'));
  return open.length > 0 && open.every(({ code }) => OUTSIDERS.has(code));
}

/** Whether a change brings nothing, because its head has landed. */
function isEmpty({ rulings, target }: Verdict): boolean {
  return (
    target.kind === 'change' &&
    rulings.some(({ findings }) => findings.some(({ code }) => code === 'change-empty'))
  );
}

/** What there is to do about a change that brings nothing; `null` for any other. Backticks stand around a command. */
export function landedRemedy(verdict: Verdict): string | null {
  const { target } = verdict;
  if (target.kind !== 'change' || !isEmpty(verdict)) return null;
  return `\`countersign repair ${target.head} --branch ${shellWord(clean(target.branch))}\` looks at a landed commit`;
}

/** One line that says what is missing, for people who read nothing else. Plain text. */
export function titleOf(verdict: Verdict): string {
  if (isEmpty(verdict)) {
    return `nothing to judge: ${short(subjectOf(verdict.target))} is in ${clean(verdict.target.branch)} already`;
  }
  const title = titleEnforced(verdict);
  const shown = verdict.mode === 'observe' ? `${OBSERVED[verdict.enforced]}: ${title}` : title;
  return shown.length > LONGEST_TITLE ? `${shown.slice(0, LONGEST_TITLE - 1)}…` : shown;
}

const OBSERVED = {
  pass: 'would pass',
  pending: 'would wait',
  undetermined: 'could not be judged',
  fail: 'would be blocked',
} as const;

function titleEnforced(verdict: Verdict): string {
  const { enforced, people, target } = verdict;
  if (enforced === 'pass') {
    const ratified = verdict.rulings
      .flatMap(({ findings }) => findings)
      .find(({ code }) => code === 'step-ratified');
    if (ratified) return inWords(ratified).cause.replaceAll('`', '');
    const names = people.behind.map(clean);
    return names.length === 0 ? 'as the policy demands' : `vouched for by ${list(names)}`;
  }
  if (waitsForMaintainer(verdict)) return 'waiting for a maintainer: nothing for you to do';
  const [first, ...others] = deciding(verdict);
  const cause = first ? inWords(first).cause.replaceAll('`', '') : 'no rule gave a reason';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const before = enforced === 'undetermined' ? 'could not tell: ' : '';
  const landed = target.kind === 'step' ? 'landed, but ' : '';
  return `${before === '' ? landed : before}${cause}${more}`;
}
