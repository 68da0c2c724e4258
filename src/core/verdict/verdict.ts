import type { Target } from '../facts/target.ts';
import type { Oid } from '../object/id.ts';
import type { PolicyChange } from '../policy/policy-change.ts';
import type { Statement } from '../statement/statement.ts';
import type { Finding } from './finding.ts';
import { worst, type Outcome } from './outcome.ts';

/** What one rule says: the worst of its findings and parts. A rule that found nothing wrong passes. */
export interface Ruling {
  /**
   * The rule's kind: `mode`, `policy`, `history`, `paths`, `commits`, `merge`, `objections`, `requirement`, `governance`,
   * `ratification`, `carry-over`, `statements`.
   */
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
  /** The statements that counted. */
  readonly evidence: readonly Evidence[];
  /** What the change makes of the policy, the most dangerous first; left out where it does not touch the policy. */
  readonly policyChanges?: readonly PolicyChange[];
}

/** A statement that counted: by what, whose, and what it is called in the ledger. */
export interface Evidence {
  readonly type: Statement['type'];
  readonly signer: string;
  /** The commit that it names; `null` for a revocation. */
  readonly head: Oid | null;
  /** Where it was found: an untrusted label. */
  readonly from: string;
  /** SHA-256 (hex) of its ledger file; `null` for a text that no file of the ledger can hold. */
  readonly digest: string | null;
}

/** The ways in which people of the roster stand behind a change (trust.md B8 to B10), each sorted by name. */
export interface People {
  /** Who signed commits, and who took over others': none of them approves. */
  readonly authors: readonly string[];
  readonly behind: readonly string[];
  readonly approvers: readonly string[];
  /** Who signed the merge commit of a step; `null` for a change and for a step that is no merge. */
  readonly merger: string | null;
  /** Who took over commits of others by a signed adoption. */
  readonly adopters: readonly string[];
}

export const NOBODY: People = { authors: [], behind: [], approvers: [], merger: null, adopters: [] };

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
