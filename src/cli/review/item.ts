import { openBasePolicy, ruleOf } from '../../core/facts/base-policy.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { ofRoster, type RosterText } from '../../core/facts/needs.ts';
import { readFacts } from '../../core/facts/reading.ts';
import { judgedBy, subjectOf, type Target } from '../../core/facts/target.ts';
import type { Oid } from '../../core/object/id.ts';
import { matches } from '../../core/policy/pattern.ts';
import type { BranchPolicy, Policy } from '../../core/policy/policy.ts';
import { inWords } from '../../core/report/in-words.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { headOf, signerNameOf, type Statement } from '../../core/statement/statement.ts';
import type { Finding } from '../../core/verdict/finding.ts';
import { isGoverned } from '../../core/verdict/rules/governance.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { judge } from '../../judge.ts';
import { EXIT } from '../io.ts';
import { digestOf } from '../at-commit.ts';
import { gatherStatements } from './gathered.ts';
import type { Kept } from './kept.ts';
import { findLocals, serialOf, type Local } from './local.ts';
import { Refusal } from './refusal.ts';
import type { Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** A change or a step as it was judged here and now, with what somebody needs to decide on it. */
export interface Item {
  readonly subject: Subject;
  readonly target: Target;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly policy: Policy;
  readonly rule: BranchPolicy;
  /** What people of the roster really signed about it, as far as others can find it: the verdict rests on this. */
  readonly texts: readonly RosterText[];
  /** What was signed on this machine and was found nowhere else: the verdict does not rest on it. */
  readonly locals: readonly Local[];
  readonly commits: readonly ListedCommit[];
  /** It touches what the policy protects: signed by itself, never in a batch. */
  readonly isProtected: boolean;
}

export interface ListedCommit {
  readonly id: Oid;
  /** Name and address, an attacker's text. */
  readonly author: string;
  readonly subject: string;
  /** Whether somebody has to take it over before it counts. */
  readonly adoptable: boolean;
  /** Who could. */
  readonly adopters: readonly string[];
}

export async function judgeItem(
  work: Workplace,
  subject: Subject,
  target: Target,
  kept: readonly Kept[],
  files: readonly StatementSource[] = [],
): Promise<Item> {
  const landed = target.kind === 'step';
  const at = { ...subject, tip: judgedBy(target), head: subjectOf(target) };
  const sent = kept.filter(({ delivered }) => delivered);
  const statements = gatherStatements(work, at, { sent, files }, landed);
  const ports = { repository: work.opened.repository, statements };
  const now = Math.floor(Date.now() / 1000);
  const { facts, verdict } = await judge(target, ports, { now, repository: work.forge?.project ?? null });
  if (facts === null) throw notJudged(verdict);
  const base = await openBasePolicy(facts.policy);
  const rule = base && ruleOf(base, target.branch);
  if (base === null || rule === null || verdict.mode === null) throw notJudged(verdict);
  const { policy } = base;
  const changed = [...facts.change.files, ...(facts.landing?.files ?? [])];
  const areas = [policy.governance.paths, ...rule.require.map(({ paths }) => paths ?? [])].flat();
  return {
    subject,
    target,
    facts,
    verdict,
    policy,
    rule,
    texts: await ofRoster(facts.policy, facts.statements),
    locals: await findLocals(facts, kept),
    commits: listCommits(facts, verdict),
    isProtected: changed.some(
      ({ path }) => isGoverned(path) || areas.some((pattern) => matches(pattern, path)),
    ),
  };
}

/** Nobody can say anything of a change that brings nothing. Throws `Refusal`. */
export function refuseLanded({ facts, subject, target }: Item): void {
  if (target.kind === 'step' || facts.commits.length > 0) return;
  throw new Refusal(
    'change-empty',
    `nothing to judge: ${subject.head.slice(0, 12)} is in \`${target.branch}\` already`,
    `\`countersign repair ${subject.head}\` looks at a landed commit`,
    EXIT.undetermined,
  );
}

/** Everything that is open, in the order of the report. */
export function openFindings({ verdict: { rulings } }: Pick<Item, 'verdict'>): readonly Finding[] {
  return rulings
    .filter(({ rule }) => rule !== 'mode')
    .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'pass'));
}

/** What this person signed about an item that nobody else can see yet, the last first. */
export function localsOf({ locals, target, facts }: Item, name: string): readonly Local[] {
  const about = new Set<string>([...facts.commits.map(({ id }) => id), ...facts.earlier, subjectOf(target)]);
  return locals
    .filter(({ delivered }) => !delivered)
    .filter(({ statement }) => signerNameOf(statement) === name && about.has(headOf(statement) ?? ''))
    .filter(({ statement }) => !('branch' in statement) || statement.branch === target.branch)
    .toSorted((a, b) => serialOf(b.statement) - serialOf(a.statement));
}

/** Whether something of this person's is missing: an approval, or an adoption. */
export function waitsFor(item: Item, name: string): boolean {
  return openFindings(item).some(
    ({ data }) =>
      ('candidates' in data && data.candidates.includes(name)) ||
      ('adopters' in data && data.adopters.includes(name)),
  );
}

/** All that people of the roster signed and that is known here, seen by others or not. */
export function allSigned({ texts, locals }: Pick<Item, 'texts' | 'locals'>): readonly Statement[] {
  return [...texts.flatMap(({ statements }) => statements), ...locals.map(({ statement }) => statement)];
}

/** What a person signed on the branch of an item: reviews and adoptions. */
export function signedBy(item: Item, name: string): readonly Opinion[] {
  const { target } = item;
  return allSigned(item)
    .filter((one): one is Opinion => one.type === 'review' || one.type === 'adopt')
    .filter((one) => signerNameOf(one) === name && one.branch === target.branch);
}

export type Opinion = Extract<Statement, { type: 'review' | 'adopt' }>;

/** Above every serial that is known of this person on this branch (trust.md C14). */
export function nextSerial(item: Item, name: string): number {
  return Math.max(0, ...signedBy(item, name).map(({ serial }) => serial)) + 1;
}

/** The change that a review of `head` names, from the branch's side. */
export function changeOf(work: Workplace, item: Item, base: Oid, head: Oid): Promise<string> {
  const [only] = item.facts.mergeBases ?? [];
  if (item.target.kind === 'change' && item.facts.mergeBases?.length !== 1) {
    throw new Refusal(
      only === undefined ? 'history-unrelated' : 'merge-base-ambiguous',
      only === undefined
        ? 'this change has no commit in common with its branch'
        : 'this change and its branch have several merge bases',
      'merge the tip of the branch into the change first',
    );
  }
  return digestOf(work.opened.repository, base, head);
}

function listCommits(facts: Facts, verdict: Verdict): readonly ListedCommit[] {
  const open = new Map<string, readonly string[]>();
  for (const { data } of openFindings({ verdict })) {
    if ('adoptable' in data && data.adoptable) open.set(data.commit, data.adopters);
  }
  return readFacts(facts).commits.map((parsed) => {
    const adopters = open.get(parsed.ok ? parsed.commit.id : parsed.id);
    return {
      id: parsed.ok ? parsed.commit.id : parsed.id,
      author: parsed.ok ? authorOf(parsed.commit.author) : '(not readable)',
      subject: parsed.ok ? parsed.commit.subject : '(not readable)',
      adoptable: adopters !== undefined,
      adopters: adopters ?? [],
    };
  });
}

/** Without date and zone. */
function authorOf(header: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(header.subarray(0, 1000));
  const end = text.lastIndexOf('>');
  return end < 0 ? text : text.slice(0, end + 1);
}

function notJudged(verdict: Verdict): Refusal {
  const [first] = openFindings({ verdict });
  if (first === undefined) return new Refusal('not-judged', 'this could not be judged');
  const { cause, remedy } = inWords(first);
  const own =
    first.code === 'project-mismatch' ? ['or name the remote that is the project: `--remote NAME`'] : [];
  const said =
    first.code === 'policy-missing' && verdict.target.kind === 'step'
      ? [
          'what landed before there was a policy can be judged by nobody: users start to trust the branch at its introduction, which comes later',
        ]
      : [...remedy, ...own];
  return new Refusal(first.code, cause, said.length === 0 ? null : said.join('; '), 2);
}
