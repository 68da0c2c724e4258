import { clean, cleanSentence } from './clean.ts';
import type { ReportContext } from './context.ts';
import { inWords } from './in-words.ts';
import { short } from '../verdict/catalogue/entry.ts';
import type { Finding, FindingCode } from '../verdict/finding.ts';
import type { Outcome } from '../verdict/outcome.ts';
import type { Ruling, Verdict } from '../verdict/verdict.ts';

/** What a report says besides its title: each surface prints the same points in its own way. */
export interface Section {
  readonly kind: SectionKind;
  /** Lower-case start, no final period. */
  readonly title: string;
  readonly points: readonly Point[];
}

export type SectionKind = 'objections' | 'ratified' | 'open' | 'policy' | 'otherwise' | 'uncounted' | 'noted';

/** One finding in words. Every text is cleaned; backticks stand around data. */
export interface Point {
  readonly kind: SectionKind;
  /** `null` where it is no finding. */
  readonly code: FindingCode | null;
  /** What it decides; `warning` for what should be known before it lands; `null` where nothing hangs on it. */
  readonly mark: Exclude<Outcome, 'pass'> | 'warning' | null;
  /** The rule that says it, and for a requirement its name. */
  readonly rule: string;
  readonly sentence: string;
  readonly remedies: readonly string[];
}

const TITLES: Readonly<Record<SectionKind, string>> = {
  objections: 'signed objections',
  ratified: 'ratified after the fact',
  open: 'what is open',
  policy: 'what this change of the policy means',
  otherwise: 'carried over, taken over, overruled',
  uncounted: 'signed, but not counted',
  noted: 'also noted',
};

/** In the order in which they are shown: a "no" first, what was done about it last. */
const ORDER: readonly SectionKind[] = [
  'objections',
  'ratified',
  'open',
  'policy',
  'otherwise',
  'uncounted',
  'noted',
];

const LONGEST_SENTENCE = 1000;
const MOST_REMEDIES = 6;

/** What counted in a way that is not plain to see, and is therefore always shown. */
const OTHERWISE: ReadonlySet<string> = new Set(['approval-carried', 'objection-overruled']);

/** Everything that there is to say about a verdict, section by section; empty sections are left out. */
export function sectionsOf(verdict: Verdict, context: ReportContext): Section[] {
  const points = new Map<SectionKind, Point[]>();
  const add = (point: Point): void => {
    const known = points.get(point.kind);
    if (known) known.push(point);
    else points.set(point.kind, [point]);
  };
  for (const ruling of verdict.rulings) {
    if (ruling.rule === 'mode') continue;
    for (const found of ruling.findings) add(pointOf(found, ruling, verdict, context));
  }
  for (const { danger, sentence } of verdict.policyChanges ?? []) {
    const mark = danger === 'critical' || danger === 'high' ? 'warning' : null;
    add({
      kind: 'policy',
      code: null,
      mark,
      rule: 'policy',
      sentence: shorten(cleanSentence(sentence)),
      remedies: [],
    });
  }
  for (const { type, signer, head } of verdict.evidence) {
    if (type !== 'adopt') continue;
    const sentence = `${clean(signer)} has taken over commits up to ${short(head ?? '')}, and answers for them as their author does`;
    add({ kind: 'otherwise', code: null, mark: null, rule: 'commits', sentence, remedies: [] });
  }
  return ORDER.flatMap((kind) => {
    const found = points.get(kind);
    return found ? [{ kind, title: TITLES[kind], points: found }] : [];
  });
}

function kindOf(found: Finding, { rule }: Ruling): SectionKind {
  const code: string = found.code;
  if (code === 'objection') return 'objections';
  if (code === 'step-ratified') return 'ratified';
  if (OTHERWISE.has(code)) return 'otherwise';
  if (code.startsWith('lockout-') || code === 'proposed-policy-missing') return 'policy';
  if (found.outcome !== 'pass') return 'open';
  return rule === 'statements' ? 'uncounted' : 'noted';
}

/**
 * A ruling as it is shown: the word "objections" alone says nothing about objections. A ratification by too few is a note, so that it never makes a step worse; but nobody should read
 * "ratified" off it, nor a pass.
 */
export function shownAs(ruling: Ruling, { enforced }: Verdict): { outcome: Outcome; title: string } {
  const { rule, title, outcome, findings } = ruling;
  if (rule === 'objections' && title === rule) {
    return {
      outcome,
      title: outcome === 'pass' ? 'each signed "no" was overruled' : 'somebody has signed a "no"',
    };
  }
  if (rule !== 'ratification' || findings.every(({ code }) => code === 'step-ratified')) {
    return { outcome, title };
  }
  return { outcome: enforced === 'pass' ? outcome : 'pending', title: 'not ratified yet by governance' };
}

/** Whether a section stands outside of the tree of rules, where a report prints that. */
export function isApart(kind: SectionKind): boolean {
  return kind === 'policy' || kind === 'otherwise' || kind === 'uncounted';
}

/** A finding in words, for the people whom the policy names. */
export function pointOf(found: Finding, ruling: Ruling, verdict: Verdict, context: ReportContext): Point {
  const { rule, title } = ruling;
  const { cause, remedy } = inWords(found, context);
  const kind = kindOf(found, ruling);
  return {
    kind,
    code: found.code,
    mark: markOf(found, kind),
    rule: rule === 'requirement' ? `requirement \`${cleanSentence(title).replaceAll('`', "'")}\`` : rule,
    sentence: shorten(cause),
    remedies: [...remedy, ...whatChanged(found)]
      .slice(0, MOST_REMEDIES)
      .map((step) => shorten(withRevision(step, verdict, context))),
  };
}

/** What lies between the head that somebody reviewed and the one that is judged (trust.md C16). */
function whatChanged({ code, data }: Finding): string[] {
  if (code !== 'statement-other-head' || data.head === null || data.landed) return [];
  return [`what has changed since: \`git range-diff ${data.head}...${data.subject}\``];
}

function markOf({ outcome }: Finding, kind: SectionKind): Point['mark'] {
  if (outcome !== 'pass') return outcome;
  return kind === 'policy' ? 'warning' : null;
}

/** The catalogue's commands name the commit that is judged; where the change has a number, that is what people know it by. */
function withRevision(step: string, { target }: Verdict, { pull }: ReportContext): string {
  if (pull === null || target.kind === 'step') return step;
  return ['review', 'adopt'].reduce(
    (text, verb) =>
      text.replaceAll(`\`countersign ${verb} ${target.head}\``, `\`countersign ${verb} ${pull}\``),
    step,
  );
}

function shorten(sentence: string): string {
  return sentence.length > LONGEST_SENTENCE ? `${sentence.slice(0, LONGEST_SENTENCE)}…` : sentence;
}
