import { ownerOf } from '../../policy/roster.ts';
import type { Oid } from '../../object/id.ts';
import type { Review } from '../../statement/statement.ts';
import type { Case, JudgedCommit } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';
import type { NotCarried } from './not-carried.ts';
import { reachedFrom } from './reach.ts';
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
  const span = enclosedBy(judged.enclosures, statement)?.span;
  const tree = judged.byId.get(judged.proposed)?.commit?.tree;
  if (span?.mergeBases?.length !== 1 || tree === undefined) return 'unknown';
  if (!span.beganBelow) return 'older';
  if (span.recreated === null) return 'unknown';
  if (!span.recreated.clean) return 'conflict';
  if (span.recreated.tree !== tree) return 'differs';
  if (!bringsTheSame(judged, statement.head, span.commits)) return 'commits';
  return wroteSomeOf(judged, statement) ? 'author' : null;
}

/**
 * Whether the commits that the review has not seen can be the reviewed ones made anew: a line that one signer signed, or
 * that nobody did (a rebase), or nothing but merges (an update). Somebody else's work among them would count as landed from
 * then on, though the tree, which is proven, may have nothing of it (docs/decisions/0027).
 */
function bringsTheSame(judged: Case, head: Oid, carried: readonly { readonly id: Oid }[]): boolean {
  const seen = new Set([...carried.map(({ id }) => id), ...reachedFrom(judged, head)]);
  const unseen = judged.commits.filter((one) => one !== judged.merge && !seen.has(one.id));
  const isMerge = ({ commit }: JudgedCommit): boolean => (commit?.parents.length ?? 0) > 1;
  if (unseen.every(isMerge)) return true;
  return !unseen.some(isMerge) && new Set(unseen.map(signatoryOf)).size === 1;
}

function signatoryOf({ signer }: JudgedCommit): string {
  switch (signer.kind) {
    case 'person':
    case 'bot':
      return `${signer.kind} ${signer.name}`;
    case 'no-standing':
    case 'not-touched':
      return `${signer.owner} ${signer.name}`;
    case 'stranger':
      return `key ${signer.key}`;
    case 'web-flow':
    case 'unsigned':
    case 'unsupported':
    case 'bad':
      return signer.kind;
  }
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
