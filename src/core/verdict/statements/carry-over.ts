import { ownerOf } from '../../policy/roster.ts';
import type { Review } from '../../statement/statement.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';
import type { NotCarried } from './not-carried.ts';
import { enclosedBy, isSpent } from './span.ts';

/**
 * Carry-over (trust.md C16): an approval of an earlier head counts for the judged one where our merge of that head onto the
 * base of the judged change gives the very tree that is judged: a rebase or an update without change, proven. `null`: it
 * counts.
 */
export function carryProblem(judged: Case, one: Accepted<Review>): Finding | null {
  const { facts } = judged;
  const label = labelOf(facts.target, one);
  const enclosed = enclosedBy(judged.enclosures, one.statement);
  if (enclosed && isSpent(enclosed.span)) {
    return finding('statement-spent', { ...label, by: enclosed.span.repeatedBy });
  }
  const why = whyNot(judged, one);
  return why === null ? null : finding('statement-other-head', { ...label, why });
}

function whyNot(judged: Case, { statement }: Accepted<Review>): NotCarried | null {
  if (judged.branch.reviews.carryOver === 'never') return 'policy';
  if (judged.resolution) return 'resolution';
  const recreated = enclosedBy(judged.enclosures, statement)?.span.recreated ?? null;
  const tree = judged.byId.get(judged.proposed)?.commit?.tree;
  if (recreated === null || tree === undefined) return 'unknown';
  if (!recreated.clean) return 'conflict';
  if (recreated.tree !== tree) return 'differs';
  return wroteSomeOf(judged, statement) ? 'author' : null;
}

/**
 * Whether a key of the reviewer, in whatever standing, has signed a commit that the reviewed head brought. That they adopted
 * such commits is no reason: an adoption does not carry over, so somebody else answers for the commits as they are now, and
 * whoever keeps an adoption back must gain nothing by it.
 */
function wroteSomeOf({ proofs, roster }: Case, { head, reviewer }: Review): boolean {
  return (proofs.carried.get(head) ?? []).some((proof) => {
    const owner = proof?.key ? ownerOf(roster, proof.key) : null;
    return owner?.kind === 'person' && owner.name === reviewer;
  });
}
