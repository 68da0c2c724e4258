import { adoptionFindings, type AdoptionFindings } from './catalogue/adoption.ts';
import { commitFindings, type CommitFindings } from './catalogue/commit.ts';
import type { Entry } from './catalogue/entry.ts';
import { governanceFindings, type GovernanceFindings } from './catalogue/governance.ts';
import { historyFindings, type HistoryFindings } from './catalogue/history.ts';
import { lockoutFindings, type LockoutFindings } from './catalogue/lockout.ts';
import { objectionFindings, type ObjectionFindings } from './catalogue/objection.ts';
import { policyFindings, type PolicyFindings } from './catalogue/policy.ts';
import { quorumFindings, type QuorumFindings } from './catalogue/quorum.ts';
import { shapeFindings, type ShapeFindings } from './catalogue/shape.ts';
import { statementFindings, type StatementFindings } from './catalogue/statement.ts';
import { wrapperFindings, type WrapperFindings } from './catalogue/wrappers.ts';
import type { Outcome } from './outcome.ts';

export interface Findings
  extends
    PolicyFindings,
    ShapeFindings,
    CommitFindings,
    StatementFindings,
    AdoptionFindings,
    ObjectionFindings,
    GovernanceFindings,
    LockoutFindings,
    HistoryFindings,
    WrapperFindings,
    QuorumFindings {}

export type FindingCode = keyof Findings;

/** One thing that evaluation has to say. Its words come from the catalogue, from nothing but code and data. */
export type Finding = {
  [C in FindingCode]: { readonly code: C; readonly outcome: Outcome; readonly data: Findings[C] };
}[FindingCode];

/** Every code that a verdict can hold, with cause and remedy. */
export const catalogue: { readonly [C in FindingCode]: Entry<Findings[C]> } = {
  ...policyFindings,
  ...shapeFindings,
  ...commitFindings,
  ...statementFindings,
  ...adoptionFindings,
  ...objectionFindings,
  ...governanceFindings,
  ...lockoutFindings,
  ...historyFindings,
  ...wrapperFindings,
  ...quorumFindings,
};

export function finding<C extends FindingCode>(code: C, data: Findings[C]): Finding {
  const { outcome } = catalogue[code];
  // The mapped union cannot be built from a generic code without saying so: code and data belong together by signature.
  return { code, data, outcome: typeof outcome === 'function' ? outcome(data) : outcome } as Finding;
}

/** A finding in words. `data` may hold an attacker's text: whoever prints it escapes it for the place. */
export function describe(found: Finding): { readonly cause: string; readonly remedy: readonly string[] } {
  const entry = catalogue[found.code] as Entry<typeof found.data>;
  return { cause: entry.cause(found.data), remedy: entry.remedy(found.data) };
}
