import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted, type Opinion } from './accepted.ts';
import { enclosedBy } from './span.ts';
import { reachedFrom } from './reach.ts';

/**
 * What the signer saw: the change as we compute it, from a base that has landed (trust.md C13); for an adoption also from
 * a commit of the change itself, which its head follows (B10). An approval of something else than would land says nothing,
 * and takes no earlier "no" back either.
 */
export function coverageProblem(judged: Case, one: Accepted<Opinion>): Finding | null {
  const { statement } = one;
  const { base, head, change } = statement;
  const enclosed = enclosedBy(judged.enclosures, statement);
  const known = judged.heads.has(head) || (statement.type === 'adopt' && judged.byId.has(head));
  const label = labelOf(judged.facts.target, one);
  // What it enclosed cannot be told any more, nor does it matter.
  if (enclosed?.span.headLanded === true) return finding('statement-spent', { ...label, by: null });
  // A reviewer speaks for the whole of what is judged, whatever they compared with.
  const whole = statement.type === 'review' && known && head === judged.proposed;
  const digest = whole ? judged.digest : (enclosed?.digest ?? null);
  if (digest === null || digest !== change) {
    if (known) return finding('statement-change-differs', { ...label, signed: change, computed: digest });
    return finding('statement-other-head', { ...label, why: digest === null ? 'unknown' : 'change' });
  }
  if (enclosed?.span.baseLanded === true) return null;
  if (statement.type === 'adopt' && judged.byId.has(base)) {
    return reachedFrom(judged, head).has(base) ? null : finding('adoption-base-aside', { ...label, base });
  }
  return known
    ? finding('statement-base-not-landed', { ...label, base })
    : finding('statement-other-head', { ...label, why: 'base' });
}
