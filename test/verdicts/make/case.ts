import type { FindingCode } from '../../../src/core/verdict/finding.ts';
import type { Outcome } from '../../../src/core/verdict/outcome.ts';
import type { Target } from '../../../src/core/facts/target.ts';
import type { Oid } from '../../../src/core/object/id.ts';
import type { Verdict } from '../../../src/core/verdict/verdict.ts';
import type { Scene } from './scene.ts';

/** What is judged in a case, on which evidence. */
export interface Judged {
  readonly target: Target;
  /** Texts as they would be posted: statements with their signatures. */
  readonly statements?: readonly string[];
  /** Heads that the proposal had before. */
  readonly earlier?: readonly Oid[];
}

/** What must come of it: written by hand, never taken from what the program says. */
export interface Expected {
  readonly outcome: Outcome;
  /** `code outcome` of every finding, in any order. */
  readonly findings: readonly `${FindingCode} ${Outcome}`[];
  readonly authors: readonly string[];
  readonly behind: readonly string[];
  readonly approvers: readonly string[];
  readonly adopters?: readonly string[];
  readonly merger?: string;
  /** `type signer` of the statements that counted, in any order. */
  readonly counted: readonly string[];
}

export interface VerdictCase {
  /** The name of its folder. */
  readonly name: string;
  /** What it shows, a sentence. */
  readonly about: string;
  /** Who is on the roster; default: alice, bob, carol and dave. */
  readonly people?: readonly string[];
  readonly make: (scene: Scene) => Judged;
  readonly expect: Expected;
}

/** A verdict as an expectation has it, sorted. */
export function summaryOf({ outcome, rulings, people, evidence }: Verdict): Required<
  Omit<Expected, 'merger'>
> & {
  readonly merger: string | null;
} {
  const { authors, behind, approvers, adopters, merger } = people;
  const findings = rulings.flatMap(({ findings: found }) =>
    found.map(({ code, outcome: of }): `${FindingCode} ${Outcome}` => `${code} ${of}`),
  );
  const counted = evidence.map(({ type, signer }) => `${type} ${signer}`).sort();
  return { outcome, findings: findings.sort(), authors, behind, approvers, adopters, merger, counted };
}

/** The expectation in the same form. */
export function expectedOf({ expect }: VerdictCase): ReturnType<typeof summaryOf> {
  const { outcome, findings, authors, behind, approvers, adopters = [], merger = null, counted } = expect;
  return {
    outcome,
    findings: [...findings].sort(),
    authors,
    behind,
    approvers,
    adopters,
    merger,
    counted: [...counted].sort(),
  };
}
