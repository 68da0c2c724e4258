import type { Finding } from '../verdict/finding.ts';
import type { Outcome } from '../verdict/outcome.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { addressAll } from './address.ts';
import { byHand, endsOf, fetchCommand, revisionOf } from './by-hand.ts';
import type { ReportContext } from './context.ts';

/** Something that somebody can do now, with commands to copy. Commands hold whole ids and quoted words. */
export interface NextStep {
  /** Who could; the points that are open say it too. */
  readonly who: string;
  /** Lower-case start, no final period; said to whoever does it. */
  readonly what: string;
  readonly commands: readonly string[];
  /** The same with nothing but git and gpg or ssh-keygen; `null` where that is what `commands` are. */
  readonly byHand: readonly string[] | null;
  readonly after: string | null;
}

const QUORUMS: ReadonlySet<string> = new Set(['people-missing', 'approvals-missing', 'governance-missing']);

/** For each kind of open point, who can do what. */
export function nextSteps(verdict: Verdict, context: ReportContext): NextStep[] {
  const { target, rulings, enforced } = verdict;
  // A ratified step passes with everything that was wrong with it.
  if (enforced === 'pass') return [];
  const open = rulings
    .filter(({ rule }) => rule !== 'mode')
    .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'pass'));
  if (target.kind === 'step') return enforced === 'undetermined' ? [] : repair(target.commit, enforced);
  if (open.some(({ code }) => code === 'change-empty')) return [];
  const unvouched = open.filter(({ data }) => 'adoptable' in data);
  // Signing them makes new commits: a review of the present head would be lost.
  if (unvouched.some(({ outcome }) => outcome === 'fail')) return [signCommits(verdict, context)];
  // What is wrong with the change itself is mended by another head: a review of this one helps nobody. A "no" may be taken
  // back.
  if (open.some(({ code, outcome }) => outcome === 'fail' && code !== 'objection')) return [];
  const quorum = open.filter(({ code }) => QUORUMS.has(code));
  return [
    ...(unvouched.length > 0 ? [adopt(verdict, context, adoptersOf(unvouched))] : []),
    ...(quorum.length > 0 ? [review(verdict, context, candidatesOf(quorum))] : []),
  ];
}

function candidatesOf(quorum: readonly Finding[]): string[] {
  const names = quorum.flatMap(({ data }) => ('candidates' in data ? data.candidates : []));
  return [...new Set(names)].sort();
}

function adoptersOf(unvouched: readonly Finding[]): string[] {
  const names = unvouched.flatMap(({ data }) => ('adopters' in data ? data.adopters : []));
  return [...new Set(names)].sort();
}

function review(verdict: Verdict, context: ReportContext, candidates: readonly string[]): NextStep {
  return {
    who: candidates.length === 0 ? 'nobody who is left in the group' : addressAll(candidates, 'or', context),
    what: 'to review: look at the change, and sign what you think of it',
    commands: [`countersign review ${revisionOf(verdict, context)}`],
    byHand: byHand('review', verdict, context, candidates),
    after: null,
  };
}

function adopt(verdict: Verdict, context: ReportContext, adopters: readonly string[]): NextStep {
  return {
    who: adopters.length === 0 ? 'a maintainer' : addressAll(adopters, 'or', context),
    what: 'to take the commits over: adopt them by a signed statement, and answer for them as their author does',
    commands: [`countersign adopt ${revisionOf(verdict, context)}`],
    byHand: byHand('adopt', verdict, context, adopters),
    after: null,
  };
}

/** What is missing can be signed later; what is wrong stays wrong, and governance can take it upon itself. */
function repair(commit: string, outcome: Outcome): NextStep[] {
  const complete: NextStep = {
    who: 'a maintainer',
    what: 'to complete this step: see what it lacks, and sign what is yours to sign; it counts whenever it is signed',
    commands: [`countersign repair ${commit}`],
    byHand: null,
    after: null,
  };
  const ratify: NextStep = {
    who: 'the governance group',
    what: 'to ratify it: governance takes upon itself what statements do not mend; every verification shows it from then on',
    commands: [`countersign ratify ${commit}`],
    byHand: null,
    after: null,
  };
  return outcome === 'fail' ? [complete, ratify] : [complete];
}

function signCommits(verdict: Verdict, context: ReportContext): NextStep {
  const { base, head } = endsOf(verdict);
  return {
    who: 'a maintainer',
    what: 'to take the commits over: sign them in your own name, and count as their author',
    commands: [
      ...fetchCommand(context, base, head),
      `git switch --create take-over-${head.slice(0, 10)} ${head}`,
      `git rebase --force-rebase --gpg-sign "$(git merge-base ${base} ${head})"`,
    ],
    byHand: null,
    after: 'push the result to the branch of this change, or propose it as a change of your own',
  };
}
