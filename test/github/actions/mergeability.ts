import type { CheckRun, PullRequest, Repository, RequiredCheck } from '../model.ts';

/** Satisfies a required check (docs: about protected branches). */
const satisfying = new Set(['success', 'neutral', 'skipped']);

export type CheckState = 'passing' | 'failing' | 'expected';

/** The newest run of a required check on a commit, by the app that must post it or by anyone. */
function latestRun(repository: Repository, check: RequiredCheck, sha: string): CheckRun | undefined {
  return [...repository.checkRuns.values()]
    .filter((run) => run.name === check.name && run.headSha === sha && (!check.app || run.app === check.app))
    .sort((a, b) => b.id - a.id)[0];
}

export function checkState(repository: Repository, check: RequiredCheck, sha: string): CheckState {
  const run = latestRun(repository, check, sha);
  if (!run || run.status !== 'completed') return 'expected';
  return satisfying.has(run.conclusion ?? '') ? 'passing' : 'failing';
}

/** Why a pull request can't be merged now, as texts for people; empty when it can. */
export function blockers(pull: PullRequest): string[] {
  if (pull.mergedAt) return ['already merged'];
  if (pull.state === 'closed') return ['closed'];
  const reasons: string[] = [];
  if (pull.draft) reasons.push('draft');
  if (pull.conflict) reasons.push('conflicts with the base branch');
  const { repository } = pull;
  for (const check of repository.required.filter((each) => each.branch === pull.base.ref)) {
    // A check on the test merge decides before the head's.
    const test = pull.mergeCommitSha === null ? undefined : latestRun(repository, check, pull.mergeCommitSha);
    const state = checkState(repository, check, test ? test.headSha : pull.head.sha);
    const by = check.app ? ` by ${check.app.slug}` : '';
    if (state !== 'passing') reasons.push(`required status check "${check.name}"${by} is ${state}`);
  }
  return reasons;
}

/** GitHub's word for it. */
export function mergeableState(pull: PullRequest): string {
  if (pull.state === 'closed') return 'unknown';
  if (pull.draft) return 'draft';
  if (pull.conflict) return 'dirty';
  return blockers(pull).length > 0 ? 'blocked' : 'clean';
}
