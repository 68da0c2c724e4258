import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import type { Roles } from '../behind.ts';
import { ruling, type Ruling } from '../verdict.ts';
import { displayPath } from './paths.ts';

/** What a merge adds to what it merges: nothing, or content that was reviewed on the merge itself (trust.md A3, A4, E23). */
export function judgeMerge(judged: Case, roles: Roles): Ruling {
  return judged.landed ? judgeLanded(judged, roles) : judgeAhead(judged);
}

function judgeAhead({ facts }: Case): Ruling {
  const { remerge, target } = facts;
  const findings: Finding[] = [];
  if (remerge?.clean === false) {
    findings.push(
      finding('merge-conflict', { branch: target.branch, paths: remerge.conflicts.map(displayPath) }),
    );
  }
  return ruling('merge', findings.length > 0 ? 'merging' : 'merges cleanly', findings);
}

function judgeLanded({ branch, merge, resolution }: Case, { covered }: Roles): Ruling {
  const findings: Finding[] = [];
  if (merge) {
    const { id: commit } = merge;
    // Who adopts GitHub's merge vouches for it as if they had made it.
    if (merge.signer.kind === 'web-flow' && !covered.has(commit)) {
      if (branch.merges.githubButton === 'refuse') findings.push(finding('github-merge-refused', { commit }));
      else if (resolution) findings.push(finding('github-merge-changed', { commit }));
    } else if (resolution) {
      const code = branch.merges.conflicts === 'never' ? 'merge-resolution-refused' : 'merge-resolution';
      findings.push(finding(code, { commit }));
    }
  }
  return ruling(
    'merge',
    !merge ? 'no merge' : findings.length > 0 ? 'the merge' : 'the merge adds nothing of its own',
    findings,
  );
}
