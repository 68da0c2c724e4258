import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { refsOfBranch } from './begin.ts';

export interface StepQuestion {
  readonly opened: OpenRepository;
  readonly branch: string;
  readonly introduction: Oid;
  readonly to: Oid;
}

const MOST_STEPS = 1_000_000;

/**
 * Whether a commit is a step of its branch, which only the line of first parents makes it (trust.md A2), as far as the refs of
 * this clone tell: `null` where it is, where it goes on from the branch, and where there is no such branch here. Refs are no
 * evidence, so that this only says what a proof would not: the line of the commit's own first parents may hold as well.
 */
export async function judgeStep(question: StepQuestion): Promise<Finding | null> {
  const { opened, branch, to } = question;
  const { refs, repository } = opened;
  const [first, ...others] = await refs.findThese(refsOfBranch(branch));
  if (first === undefined) return null;
  const tip = first.id;
  try {
    for (const { id } of [first, ...others]) if (await isOnLine(opened, id, to)) return null;
    for (const id of await otherTips(opened, branch)) if (await isOnLine(opened, id, to)) return null;
    if (!(await repository.isReachable(to, tip))) return finding('history-off-branch', { branch, to, tip });
    const by = await findBringer(question, tip);
    return by === undefined ? null : finding('history-no-step', { branch, to, by, tip });
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** What other remotes call so: the branch that is meant may be one of theirs, which the person's own has merged. */
async function otherTips({ refs }: OpenRepository, branch: string): Promise<ReadonlySet<Oid>> {
  const named = (await refs.readAll()).filter(({ ref }) => {
    const [, remote] = /^refs\/remotes\/([^/]+)\//.exec(ref) ?? [];
    return remote !== undefined && ref === `refs/remotes/${remote}/${branch}`;
  });
  return new Set(named.map(({ id }) => id));
}

/** On the line of the branch, or on the one that goes on from it. */
async function isOnLine({ repository }: OpenRepository, tip: Oid, to: Oid): Promise<boolean> {
  if (tip === to) return true;
  for (const [below, above] of [
    [to, tip],
    [tip, to],
  ] as const) {
    // What cannot be reached at all would be looked for down to the first commit of all.
    if (!(await repository.isReachable(below, above))) continue;
    return (await repository.firstParents(below, above, MOST_STEPS)) !== null;
  }
  return false;
}

/**
 * The first step from which the commit can be reached: every later one reaches it as well. `null`: it came with what lies
 * before the introduction, `undefined`: the introduction is not on the line of the branch.
 */
async function findBringer(
  { opened, introduction, to }: StepQuestion,
  tip: Oid,
): Promise<Oid | null | undefined> {
  const { repository } = opened;
  const steps = await repository.firstParents(introduction, tip, MOST_STEPS);
  if (steps === null) return undefined;
  if (await repository.isReachable(to, introduction)) return null;
  let [from, end] = [0, steps.length - 1];
  while (from < end) {
    const middle = Math.floor((from + end) / 2);
    const reached = await repository.isReachable(to, steps[middle] ?? tip);
    if (reached) end = middle;
    else from = middle + 1;
  }
  return steps[from];
}
