import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { LockChange } from '../../nix/flake-lock.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';
import { outcomeOf, type FollowedBranch } from '../followed/followed.ts';
import { judgeMove } from '../followed/move.ts';
import type { TrustedInput } from './inputs.ts';
import { assumedBranch, disagreementOf, unreachable } from './problem.ts';
import { extrasOf, readTree, type FoundTree } from './tree.ts';
import type { InputResult } from './words.ts';

type Proven = Extract<FollowedBranch, { readonly problem: null }>;

export interface Moved {
  readonly result: InputResult;
  /** What the lock file has to say from now on; `null`: it stays as it is. */
  readonly change: LockChange | null;
}

/** Where one input may be moved to: the newest commit that is proven, never behind or beside what is locked now. */
export async function moveInput(
  { input, entry }: TrustedInput,
  branch: FollowedBranch,
  allowDowngrade: boolean,
): Promise<Moved> {
  const nothing = {
    ...{ name: input.name, entry, before: input.rev, accepted: null, head: branch.head },
    ...{ narHash: null, outcome: outcomeOf(branch), problems: [], trusted: branch.trusted },
  };
  const wrong = disagreementOf(input) ?? extrasOf(input);
  if (wrong !== null)
    return { result: { ...nothing, outcome: wrong.outcome, problems: [wrong] }, change: null };
  if (branch.trusted === null) {
    return { result: { ...nothing, problems: [unreachable(branch.problem)] }, change: null };
  }
  const { accepted } = branch.trusted;
  if (accepted === null) {
    const problems = branch.trusted.findings.filter(({ outcome }) => outcome !== 'pass');
    const assumed = assumedBranch(input, entry.branch, problems);
    return { result: { ...nothing, problems: [...problems, ...assumed] }, change: null };
  }
  try {
    const stop = await refusal(branch, input, accepted, allowDowngrade);
    if (stop !== null) {
      const problems = [stop, ...assumedBranch(input, entry.branch, [stop])];
      return { result: { ...nothing, outcome: stop.outcome, problems }, change: null };
    }
    const tree = await readTree(branch.opened, accepted, input);
    const proven = { ...nothing, accepted, narHash: tree.narHash };
    if (input.rev === accepted) return sameRevision(proven, accepted, input, tree);
    const problems = [...notesOn(tree), ...ownInputs(input)];
    const change = await changeTo(branch.opened, input, accepted, tree);
    return { result: { ...proven, problems }, change };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const problems = [unreachable(error.message)];
    return { result: { ...nothing, outcome: 'undetermined', problems }, change: null };
  }
}

async function refusal(
  branch: Proven,
  input: LockedInput,
  accepted: Oid,
  allowDowngrade: boolean,
): Promise<Finding | null> {
  if (branch.opened.format !== 'sha1') return finding('object-format', { branch: branch.entry.branch });
  return input.rev === null || allowDowngrade ? null : judgeMove(branch, input.rev, accepted);
}

function sameRevision(proven: InputResult, rev: Oid, input: LockedInput, tree: FoundTree): Moved {
  if (input.narHash === tree.narHash) return { result: { ...proven, problems: notesOn(tree) }, change: null };
  const hashes = { rev, locked: input.narHash, computed: tree.narHash };
  if (tree.attribute !== null) {
    const problems = [finding('flake-nar-hash-differs', { ...hashes, tarball: true }), tree.attribute];
    return { result: { ...proven, accepted: null, outcome: 'undetermined', problems }, change: null };
  }
  const replaced = finding('flake-nar-hash-replaced', hashes);
  const change = { rev, narHash: tree.narHash, lastModified: tree.lastModified };
  return { result: { ...proven, problems: [replaced] }, change };
}

async function changeTo(
  opened: OpenRepository,
  { revCount }: LockedInput,
  rev: Oid,
  { narHash, lastModified }: FoundTree,
): Promise<LockChange> {
  const counted = revCount === null ? null : await opened.count({ revisions: [rev], maxCount: null });
  return { rev, narHash, lastModified, ...(counted === null ? {} : { revCount: counted }) };
}

function notesOn({ attribute }: FoundTree): readonly Finding[] {
  return attribute === null ? [] : [attribute];
}

function ownInputs({ flake, inputs }: LockedInput): readonly Finding[] {
  if (!flake || inputs.length === 0) return [];
  return [finding('flake-own-inputs', { inputs })];
}
