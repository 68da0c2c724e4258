import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { worst } from '../../core/verdict/outcome.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';
import { outcomeOf, type FollowedBranch } from '../followed/followed.ts';
import type { TrustedInput } from './inputs.ts';
import { assumedBranch, disagreementOf, unreachable } from './problem.ts';
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
    const found = await problemsOf(input, branch);
    const { narHash } = found;
    const problems = [...found.problems, ...assumedBranch(input, entry.branch, found.problems)];
    const outcome = worst(['pass', ...problems.map((one) => one.outcome)]);
    return { ...nothing, accepted: outcome === 'pass' ? input.rev : null, narHash, outcome, problems };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...nothing, outcome: 'undetermined', problems: [unreachable(error.message)] };
  }
}

interface Found {
  readonly problems: readonly Finding[];
  readonly narHash: string | null;
}

async function problemsOf(input: LockedInput, branch: Proven): Promise<Found> {
  const wrong = disagreementOf(input);
  if (wrong !== null) return { problems: [wrong], narHash: null };
  const { rev } = input;
  if (rev === null) return { problems: [finding('flake-rev-missing', { name: input.name })], narHash: null };
  const step = await judgeStep(rev, branch);
  if (step !== null && step.outcome !== 'pass') return { problems: [step], narHash: null };
  const tree = await judgeTree(rev, input, branch);
  return { problems: [...(step === null ? [] : [step]), ...tree.problems], narHash: tree.narHash };
}

/** Why it does not lie on the proven part of the branch's first-parent line (trust.md A2), or what is to be said if it does. */
async function judgeStep(rev: Oid, branch: Proven): Promise<Finding | null> {
  const { opened, entry, trusted, head } = branch;
  const name = entry.branch;
  const { accepted } = trusted;
  if (accepted === null) {
    const [first] = trusted.findings.filter(({ outcome }) => outcome !== 'pass');
    const weight = outcomeOf(branch);
    const outcome = weight === 'pass' ? 'undetermined' : weight;
    return first === undefined
      ? finding('flake-rev-not-proven', { rev, branch: name, newest: null, outcome })
      : { ...first, outcome };
  }
  const [info] = await opened.objects.readInfo([rev]);
  if (info?.type !== 'commit') return finding('flake-rev-unknown', { rev, branch: name });
  const line = await opened.repository.firstParents(entry.introduction, accepted, MOST_STEPS);
  const steps = [entry.introduction, ...(line ?? [])];
  const at = line === null ? -1 : steps.indexOf(rev);
  const behind = steps.length - 1 - at;
  if (at >= 0 && behind === 0) return null;
  if (at >= 0) return finding('flake-rev-behind', { rev, newest: accepted, steps: behind });
  const beyond = await opened.repository.firstParents(accepted, head, MOST_STEPS);
  if (beyond?.includes(rev) === true) {
    const outcome = trusted.answer.outcome === 'pass' ? 'pending' : trusted.answer.outcome;
    return finding('flake-rev-not-proven', { rev, branch: name, newest: accepted, outcome });
  }
  return finding('flake-rev-not-on-branch', { rev, branch: name, introduction: entry.introduction });
}

const MOST_STEPS = 1_000_000;

async function judgeTree(rev: Oid, input: LockedInput, { opened }: Proven): Promise<Found> {
  const extras = extrasOf(input);
  if (extras !== null) return { problems: [extras], narHash: null };
  const tree = await readTree(opened, rev, input);
  if (input.narHash === tree.narHash) {
    return { problems: await judgeDates(rev, input, opened, tree), narHash: tree.narHash };
  }
  const { narHash: computed } = tree;
  if (input.narHash === null)
    return { problems: [finding('flake-nar-hash-missing', { computed })], narHash: computed };
  const tarball = tree.attribute !== null;
  const differs = finding('flake-nar-hash-differs', { rev, locked: input.narHash, computed, tarball });
  return { problems: [differs, ...(tree.attribute === null ? [] : [tree.attribute])], narHash: computed };
}

/** What a flake may read of its inputs besides their files: nix takes it from the lock where it does not fetch anew. */
async function judgeDates(
  rev: Oid,
  { lastModified, revCount }: LockedInput,
  opened: Proven['opened'],
  tree: FoundTree,
): Promise<readonly Finding[]> {
  const wrong: Finding[] = [];
  const differs = (
    fact: 'lastModified' | 'revCount',
    locked: number | null,
    computed: number | null,
  ): void => {
    if (locked === null || computed === null || locked === computed) return;
    wrong.push(finding('flake-facts-differ', { fact, locked, computed }));
  };
  differs('lastModified', lastModified, tree.lastModified);
  const count = revCount === null ? null : await opened.count({ revisions: [rev], maxCount: null });
  differs('revCount', revCount, count);
  return wrong;
}
