import type { Finding } from '../verdict/finding.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { list } from '../verdict/catalogue/entry.ts';
import { inWords } from './in-words.ts';

const LONGEST_TITLE = 200;

/** The findings that decide: those of the worst outcome, one for each rule, the widest gap first. */
export function deciding({ rulings, enforced }: Verdict): Finding[] {
  return rulings
    .filter(({ rule, outcome }) => outcome === enforced && rule !== 'mode')
    .flatMap(({ findings }) => findings.find(({ outcome }) => outcome === enforced) ?? [])
    .sort((a, b) => gap(b) - gap(a));
}

/** What governs everything else is said first, then what is no quorum, then the quorum that is furthest from being met. */
function gap({ code, data }: Finding): number {
  if (code === 'governance-missing') return 2000;
  return 'need' in data ? data.need - data.have.length : 1000;
}

/** Whether all that blocks is that a maintainer has not yet looked at commits of somebody outside the roster. */
export function waitsForMaintainer({ enforced, rulings, target }: Verdict): boolean {
  if (enforced !== 'pending' || target.kind !== 'change') return false;
  if (rulings.some(({ rule, outcome }) => rule === 'governance' && outcome !== 'pass')) return false;
  return rulings.some(({ rule, outcome }) => rule === 'commits' && outcome === 'pending');
}

/** One line that says what is missing, for people who read nothing else. Plain text. */
export function titleOf(verdict: Verdict): string {
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
    const names = people.behind;
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
