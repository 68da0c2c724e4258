import type { Assessment } from '../assess.ts';
import { finding } from '../finding.ts';
import { ruling, type Ruling } from '../verdict.ts';

/** A signed "no" of anybody on the roster blocks, whatever others signed (trust.md C18). */
export function judgeObjections({ objections }: Assessment): Ruling {
  const findings = objections.map(({ from, review }) =>
    finding('objection', { from, reviewer: review.reviewer, notes: review.notes }),
  );
  return ruling('objections', findings.length > 0 ? 'objections' : 'nobody has signed a "no"', findings);
}
