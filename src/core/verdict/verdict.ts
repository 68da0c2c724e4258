import type { Target } from '../facts/target.ts';
import type { Finding } from './finding.ts';
import { worst, type Outcome } from './outcome.ts';

/** What one rule says: the worst of its findings and parts. A rule that found nothing wrong passes. */
export interface Ruling {
  /** The rule's kind: `policy`, `history`, `paths`, `commits`, `merge`, `objections`, `requirement`, `governance`. */
  readonly rule: string;
  /** What it was about, in a few words; a requirement's name as the policy has it. */
  readonly title: string;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** Whom the rule counted, for quorums. */
  readonly counted: readonly string[];
}

/** The whole answer to "may this land?" or "was this step as the policy demanded?". */
export interface Verdict {
  readonly target: Target;
  readonly outcome: Outcome;
  /** The outcome that enforcing would give; differs from `outcome` in observe mode alone, which is never a pass. */
  readonly enforced: Outcome;
  /** `null` where no rule of the policy applies to the branch, or there is no policy. */
  readonly mode: 'observe' | 'enforce' | null;
  readonly rulings: readonly Ruling[];
  readonly people: People;
  /** The change digest that a statement must name; `null` where no statement made it necessary. */
  readonly digest: string | null;
}

/** The ways in which people of the roster stand behind a change (trust.md B8 to B10), each sorted by name. */
export interface People {
  readonly authors: readonly string[];
  readonly behind: readonly string[];
  readonly approvers: readonly string[];
  /** Who signed the merge commit of a step; `null` for a change and for a step that is no merge. */
  readonly merger: string | null;
}

export const NOBODY: People = { authors: [], behind: [], approvers: [], merger: null };

export function ruling(
  rule: string,
  title: string,
  findings: readonly Finding[],
  counted: readonly string[] = [],
): Ruling {
  // A rule that was evaluated and has nothing to say is a pass; only a rule that could not be evaluated is not.
  const outcome = findings.length === 0 ? 'pass' : worst(findings.map((found) => found.outcome));
  return { rule, title, outcome, findings, counted };
}
