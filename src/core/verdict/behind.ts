import type { Assessment } from './assess.ts';
import type { Case, JudgedCommit } from './case.ts';
import type { People } from './verdict.ts';

/**
 * Who stands behind what is judged (trust.md B8 to B10). Every name in any of these lists is a person whose own signature
 * verified on this very change: on its head, on a commit of it, on its merge, or on a statement about it.
 */
export function peopleOf(judged: Case, assessment: Assessment): People {
  const authors = new Set<string>();
  const behind = new Set<string>();
  for (const commit of judged.commits) {
    const name = personOf(commit);
    if (name === null) continue;
    // A clean merge adds nothing of its own, so who made it is no author; who resolved a conflict is.
    if (commit === judged.merge && !judged.resolution) continue;
    authors.add(name);
  }
  const head = judged.commits.find(({ commit }) => commit?.id === judged.proposed);
  const headSigner = head && !judged.resolution ? personOf(head) : null;
  if (headSigner !== null) behind.add(headSigner);
  const merger = judged.merge ? personOf(judged.merge) : null;
  if (merger !== null) behind.add(merger);
  const approvers = new Set<string>();
  for (const { review } of assessment.approvals) {
    behind.add(review.reviewer);
    if (!authors.has(review.reviewer)) approvers.add(review.reviewer);
  }
  const counts = judged.branch.merges.signerCountsAs === 'approver' && !judged.resolution;
  if (counts && merger !== null && !authors.has(merger)) approvers.add(merger);
  return {
    authors: [...authors].sort(),
    behind: [...behind].sort(),
    approvers: [...approvers].sort(),
    merger,
  };
}

function personOf({ signer }: JudgedCommit): string | null {
  return signer.kind === 'person' ? signer.name : null;
}
