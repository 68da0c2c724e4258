import type { Oid } from '../../core/object/id.ts';
import { counted } from '../../core/policy/words.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';
import { outcomeOf, type FollowedBranch } from '../followed/followed.ts';
import { short } from '../pull/words.ts';
import type { TrustedInput } from './inputs.ts';
import { disagreementOf, problem, problemOf, unreachable, type Problem } from './problem.ts';
import { extrasOf, readTree, type FoundTree } from './tree.ts';
import type { InputResult } from './words.ts';

type Proven = Extract<FollowedBranch, { readonly problem: null }>;

/** Whether what is locked is a proven step of its branch, and exactly its tree. */
export async function checkInput(
  { input, entry }: TrustedInput,
  branch: FollowedBranch,
): Promise<InputResult> {
  const nothing = {
    ...{ name: input.name, entry, before: input.rev, accepted: null, head: branch.head },
    ...{ narHash: null, trusted: branch.trusted },
  };
  if (branch.trusted === null) {
    return { ...nothing, outcome: 'undetermined', problems: [unreachable(branch.problem)] };
  }
  try {
    const { problems, narHash } = await problemsOf(input, branch);
    const outcome = worst(['pass', ...problems.map((one) => one.outcome)]);
    return { ...nothing, accepted: outcome === 'pass' ? input.rev : null, narHash, outcome, problems };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...nothing, outcome: 'undetermined', problems: [unreachable(error.message)] };
  }
}

interface Found {
  readonly problems: readonly Problem[];
  readonly narHash: string | null;
}

async function problemsOf(input: LockedInput, branch: Proven): Promise<Found> {
  const wrong = disagreementOf(input);
  if (wrong !== null) return { problems: [wrong], narHash: null };
  const { rev } = input;
  if (rev === null) {
    return { problems: [problem('flake-rev-missing', 'fail', 'it is locked to no commit')], narHash: null };
  }
  const step = await judgeStep(rev, branch);
  if (step.outcome !== 'pass') return { problems: [step.problem], narHash: null };
  const tree = await judgeTree(rev, input, branch);
  return {
    problems: [...(step.problem === null ? [] : [step.problem]), ...tree.problems],
    narHash: tree.narHash,
  };
}

type Judged =
  | { readonly outcome: 'pass'; readonly problem: Problem | null }
  | { readonly outcome: Exclude<Outcome, 'pass'>; readonly problem: Problem };

/** It lies on the proven part of the branch's first-parent line (trust.md A2). */
async function judgeStep(rev: Oid, branch: Proven): Promise<Judged> {
  const { opened, entry, trusted, head } = branch;
  const name = entry.branch;
  const bad = (outcome: Exclude<Outcome, 'pass'>, found: Problem): Judged => ({ outcome, problem: found });
  const { accepted } = trusted;
  if (accepted === null) {
    const [first] = trusted.findings.filter(({ outcome }) => outcome !== 'pass');
    const outcome = outcomeOf(branch);
    const weight = outcome === 'pass' ? 'undetermined' : outcome;
    const said = `nothing can be said of ${short(rev)}, because the branch \`${name}\` is not proven as it is served now`;
    return bad(
      weight,
      first === undefined
        ? problem('flake-rev-not-proven', weight, said)
        : { ...problemOf(first), outcome: weight },
    );
  }
  const [info] = await opened.objects.readInfo([rev]);
  if (info?.type !== 'commit') {
    const said = `${short(rev)} is not among what the server has of \`${name}\`: an older state is served, or it never was on that branch`;
    return bad('fail', problem('flake-rev-unknown', 'fail', said, FETCH_ELSEWHERE));
  }
  const line = await opened.repository.firstParents(entry.introduction, accepted, MOST_STEPS);
  const steps = [entry.introduction, ...(line ?? [])];
  const at = line === null ? -1 : steps.indexOf(rev);
  const behind = steps.length - 1 - at;
  if (at >= 0 && behind === 0) return { outcome: 'pass', problem: null };
  if (at >= 0) {
    const said = `${short(rev)} is proven, and ${counted(behind, 'step')} older than the newest proven commit ${short(accepted)}`;
    return { outcome: 'pass', problem: problem('flake-rev-behind', 'pass', said) };
  }
  const beyond = await opened.repository.firstParents(accepted, head, MOST_STEPS);
  if (beyond?.includes(rev) === true) {
    const outcome = trusted.answer.outcome === 'pass' ? 'pending' : trusted.answer.outcome;
    const said = `${short(rev)} is on \`${name}\`, but beyond the newest proven commit ${short(accepted)}`;
    const back = 'wait for what is missing, or go back: `countersign flake update --allow-downgrade`';
    return bad(outcome, problem('flake-rev-not-proven', outcome, said, back));
  }
  const said = `${short(rev)} is no step of \`${name}\` since ${short(entry.introduction)}`;
  const remedy = 'take a commit of the branch itself: `countersign flake update --allow-downgrade`';
  return bad('fail', problem('flake-rev-not-on-branch', 'fail', said, remedy));
}

const MOST_STEPS = 1_000_000;
const FETCH_ELSEWHERE = 'try again later and from elsewhere; do not use what is locked until it is found';

async function judgeTree(rev: Oid, input: LockedInput, { opened }: Proven): Promise<Found> {
  const extras = extrasOf(input);
  if (extras !== null) return { problems: [extras], narHash: null };
  const tree = await readTree(opened, rev, input);
  if (input.narHash === tree.narHash) {
    return { problems: await judgeDates(rev, input, opened, tree), narHash: tree.narHash };
  }
  if (input.narHash === null) {
    const said = `no narHash is locked, so nix would not compare what it fetches; it has to be \`${tree.narHash}\``;
    const missing = problem('flake-nar-hash-missing', 'fail', said, RENEW);
    return { problems: [missing], narHash: tree.narHash };
  }
  const said = `the locked narHash \`${input.narHash}\` is not that of the tree of ${short(rev)}, \`${tree.narHash}\``;
  if (tree.attribute !== null) {
    const problems = [problem('flake-nar-hash-differs', 'undetermined', said), tree.attribute];
    return { problems, narHash: tree.narHash };
  }
  const differs = problem('flake-nar-hash-differs', 'fail', said, RENEW);
  return { problems: [differs], narHash: tree.narHash };
}

/** What a flake may read of its inputs besides their files: nix takes it from the lock where it does not fetch anew. */
async function judgeDates(
  rev: Oid,
  { lastModified, revCount }: LockedInput,
  opened: Proven['opened'],
  tree: FoundTree,
): Promise<readonly Problem[]> {
  const wrong: string[] = [];
  if (lastModified !== null && lastModified !== tree.lastModified)
    wrong.push(`lastModified ${lastModified}, and it has to be ${tree.lastModified}`);
  const count = revCount === null ? null : await opened.count({ revisions: [rev], maxCount: null });
  if (revCount !== null && count !== null && revCount !== count)
    wrong.push(`revCount ${revCount}, and it has to be ${count}`);
  return wrong.map((said) => problem('flake-facts-differ', 'fail', `the lock file says ${said}`, RENEW));
}

const RENEW = 'find out who wrote the lock file; `countersign flake update` writes the right hash';
