import { isBranchName } from '../../core/statement/names.ts';
import { ForgeFailure } from '../../github/client.ts';
import { readPull, type PullRequest } from '../../github/pulls.ts';
import { fetchBases, findBase } from './base.ts';
import type { Draft } from './draft.ts';
import type { Remark } from './refusal.ts';
import type { Subject } from './subject.ts';
import type { WorkOptions, Workplace } from './workplace.ts';

export interface Rechecked {
  /** What is as it was. */
  readonly drafts: readonly Draft[];
  /** What moved: for these nothing is signed. */
  readonly dropped: readonly Remark[];
  /** What moved and changes nothing about a signature. */
  readonly notes: readonly Remark[];
}

/** Reads the heads and the branches once more, the last thing before signing: what was looked at is what is signed. */
export async function recheck(
  work: Workplace,
  drafts: readonly Draft[],
  options: WorkOptions,
): Promise<Rechecked> {
  const dropped: Remark[] = [];
  const notes: Remark[] = [];
  const subjects = new Set(drafts.flatMap(({ subject }) => subject ?? []));
  const gone = new Set<Subject>();
  const drop = (subject: Subject, remark: Remark): void => {
    gone.add(subject);
    dropped.push(remark);
  };
  for (const subject of subjects) {
    const [pull] = subject.pulls;
    if (pull === undefined || work.forge === null) continue;
    const remark = whatMoved(pull, await readNow(work, pull.number));
    if (remark !== null) drop(subject, remark);
  }
  const proposed = [...subjects].filter(({ pulls }) => pulls.length > 0);
  for (const [branch, moved] of await movedTips(work, proposed, options)) {
    for (const subject of proposed.filter((one) => one.branch === branch && !gone.has(one))) {
      const what = `#${subject.pulls[0]?.number ?? 0}: \`${branch}\``;
      if (await work.opened.repository.isReachable(subject.tip, moved)) {
        const message = `${what} has moved on meanwhile; a review still counts unless the policy changed`;
        notes.push({ code: 'base-moved', message, remedy: null });
      } else {
        const message = `${what} no longer contains the commit that you compared with`;
        drop(subject, { code: 'base-rewritten', message, remedy: 'look again' });
      }
    }
  }
  const kept = drafts.filter(({ subject }) => subject === null || !gone.has(subject));
  return { drafts: kept, dropped, notes };
}

async function readNow({ forge }: Workplace, number: number): Promise<PullRequest | null> {
  if (forge === null) return null;
  try {
    return await readPull(forge.client, forge.name, number);
  } catch (error) {
    if (error instanceof ForgeFailure && (error.status === 404 || error.status === 410)) return null;
    throw error;
  }
}

function whatMoved(before: PullRequest, now: PullRequest | null): Remark | null {
  const what = `#${before.number}`;
  if (now?.open !== true) {
    return {
      code: 'pull-closed',
      message: `${what} was closed meanwhile: nothing is signed for it`,
      remedy: null,
    };
  }
  if (now.base !== before.base) {
    const message = `${what} is for another branch now: nothing is signed for it`;
    return { code: 'pull-retargeted', message, remedy: `\`countersign review ${before.number}\`` };
  }
  if (now.head === before.head) return null;
  const message = `${what} was pushed to while you looked at it: nothing is signed for it`;
  return { code: 'head-moved', message, remedy: `\`countersign review ${before.number}\` shows what is new` };
}

/** The branches of these changes whose tip is another than the one that was judged by. */
async function movedTips(
  work: Workplace,
  subjects: readonly Subject[],
  { fetch }: WorkOptions,
): Promise<Map<string, Subject['tip']>> {
  const moved = new Map<string, Subject['tip']>();
  const branches = [...new Set(subjects.map(({ branch }) => branch))].filter(isBranchName);
  if (!fetch || work.remote === null || branches.length === 0) return moved;
  await fetchBases(work, branches);
  for (const branch of branches) {
    const tip = await findBase(work, branch, true);
    const judged = subjects.find((subject) => subject.branch === branch)?.tip;
    if (tip !== null && tip !== judged) moved.set(branch, tip);
  }
  return moved;
}
