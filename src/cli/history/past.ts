import { digestOf } from '../../core/facts/opened.ts';
import type { TrustState } from '../../core/history/trust-state.ts';
import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import { stateOfLedger } from '../../git/ledger-rewrite.ts';
import { MEMORY_TIMES, withLock } from '../../git/lock.ts';
import type { OpenRepository } from '../../git/reader.ts';
import {
  DamagedMemory,
  openMemory,
  type Exclusive,
  type Memory,
  type Remembered,
} from '../../trust/memory.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';
import { programVersion } from '../version.ts';

/** What was remembered of a branch from an introduction. */
export interface Past {
  /** `null`: there is no place to remember anything. */
  readonly memory: Memory | null;
  readonly remembered: Remembered | null;
  readonly notes: readonly Finding[];
}

/** Who says from where on a repository is trusted. */
export interface TrustSource {
  /** The repository, as a command takes it; `null` where that is not known. */
  readonly url: string | null;
  /** Whether a trust file says it; else the command line does. */
  readonly file: boolean;
}

export interface PastQuestion {
  readonly branch: string;
  readonly introduction: Oid;
  /** The given policy instead of the repository's own. */
  readonly policy?: PolicyFolder;
  readonly source: TrustSource;
}

/** A memory that cannot be read is a finding that refuses everything; so long as it lies there, nothing is written over it. */
export async function recall({ branch, introduction, policy, source }: PastQuestion, io: Io): Promise<Past> {
  const directory = stateFolder(io.environment);
  if (directory === null) return { memory: null, remembered: null, notes: [] };
  const key = { branch, introduction, policy: policy === undefined ? null : digestOf(policy) };
  const memory = openMemory(directory, key);
  try {
    const found = await memory.read();
    if (found.state === 'known') return { memory, remembered: found.remembered, notes: [] };
    const notes = found.state === 'ignored' ? [finding('memory-ignored', { reason: found.reason })] : [];
    return { memory, remembered: null, notes };
  } catch (error) {
    if (!(error instanceof DamagedMemory)) throw error;
    // A memory of a given policy is none that `trust forget` would find.
    const file = source.file && policy === undefined;
    const found = finding('memory-damaged', { path: error.path, ...source, file });
    return { memory, remembered: null, notes: [found] };
  }
}

/** What is to be kept, and what allows it to take the place of what is there. */
export interface Keeping {
  readonly state: TrustState;
  readonly project: string | null;
  /** `null`: the user left them out. */
  readonly ledgers: readonly Oid[] | null;
  readonly allowDowngrade: boolean;
}

/**
 * Keeps what was accepted, however many processes do so at one time: never in the place of a state that does not lead to it
 * (attacks 19, 62). Who goes back on purpose does not lower the highest state seen: it is still what the next update has to
 * contain. Who accepts a fork takes it for the branch, in the place of what they were told of: what another process has
 * remembered since is nothing that they accepted to lose.
 *
 * @returns whether no other process has remembered meanwhile what this does not go on from
 */
export async function remember(opened: OpenRepository, past: Past, keeping: Keeping): Promise<boolean> {
  const { state, project, ledgers, allowDowngrade } = keeping;
  const seen = past.remembered;
  let overtaken = false;
  await past.memory?.update(alone, async (found) => {
    const last = found.state === 'known' ? found.remembered : null;
    if (seen !== null && !(await mayFollow(opened, seen.state, state, allowDowngrade))) return null;
    if (last !== null && last.state.commit !== seen?.state.commit) {
      overtaken = !(await mayFollow(opened, last.state, state, false));
      if (overtaken) return null;
    }
    const before = last?.ledger ?? null;
    const [served = null] = ledgers ?? [before];
    const accepts = allowDowngrade && before === (seen?.ledger ?? null);
    const keeps =
      before !== null &&
      !accepts &&
      (served === null || (await stateOfLedger(opened, before, served)) !== 'contained');
    return { verifier: programVersion(), state, project, ledger: keeps ? before : served };
  });
  return !overtaken;
}

const alone: Exclusive = (lock, act) => withLock(lock, act, MEMORY_TIMES);

/** Whether a state takes the place of another: one that goes on from it, or a fork of it that was accepted. */
async function mayFollow(
  opened: OpenRepository,
  seen: TrustState,
  next: TrustState,
  allowDowngrade: boolean,
): Promise<boolean> {
  if (seen.commit === next.commit) return true;
  const here = await isHere(opened, seen.commit);
  if (!allowDowngrade) return here && (await opened.line(seen.commit, next.commit)) !== null;
  if (here) return !(await opened.repository.isReachable(next.commit, seen.commit));
  // What is not here cannot be told to be older, unless it would have to be among as many steps.
  return isForkOf(next, seen);
}

/** Whether a commit is here at all. */
export async function isHere({ objects }: OpenRepository, id: Oid): Promise<boolean> {
  const [info] = await objects.readInfo([id]);
  return info?.type === 'commit';
}

/**
 * A line that does not contain what was seen, and has at least as many steps since the same introduction, has another
 * commit in its place: that is no older state.
 */
export function isForkOf({ steps }: { readonly steps: number }, seen: TrustState): boolean {
  return steps >= seen.steps;
}
