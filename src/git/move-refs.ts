import { setTimeout as sleep } from 'node:timers/promises';
import type { Oid } from '../core/object/id.ts';
import { failed, runGit } from './run.ts';

/** One ref that is to point elsewhere. */
export interface RefMove {
  /** The whole name. */
  readonly ref: string;
  /** Where it has to point before; `null`: it must not exist. */
  readonly from: Oid | null;
  readonly to: Oid;
}

/** By this variable our own hook is told what has been proven already: ` <id>=<ref> …`. */
const PROVEN = 'COUNTERSIGN_PROVEN';

const MOST_TRIES = 6;
const PAUSE_MS = 50;

/** The environment in which the person's own git, and their hooks, make these very moves. */
export function provenEnvironment(moves: readonly RefMove[]): Readonly<Record<string, string>> {
  const told = moves.filter(({ ref }) => ref.startsWith('refs/heads/') || ref.startsWith('refs/remotes/'));
  return { [PROVEN]: ` ${told.map(({ ref, to }) => `${to}=${ref}`).join(' ')} ` };
}

/**
 * Moves refs of the person's repository, all or none, if each still points where it did; `false` where somebody else has
 * moved one meanwhile. Their hooks run. Throws `Unreadable('git-failed')`, also where a hook refuses.
 *
 * @param reason for the reflog
 */
export async function moveRefs(
  directory: string,
  moves: readonly RefMove[],
  reason: string,
  tries = 1,
): Promise<boolean> {
  if (moves.length === 0) return true;
  const args = ['update-ref', '--no-deref', '--create-reflog', '-m', reason, '--stdin', '-z'];
  const input = moves
    .map(({ ref, from, to }) => `update ${ref}\0${to}\0${from ?? '0'.repeat(to.length)}\0`)
    .join('');
  const env = provenEnvironment(moves);
  const result = await runGit(args, { gitDir: null, cwd: directory, own: true, input, env });
  if (result.code === 0) return true;
  // lockfile.c and refs/files-backend.c: somebody is writing right now, or the value is another than expected.
  if (/\.lock': File exists/.test(result.stderr) && tries < MOST_TRIES) {
    await sleep(PAUSE_MS * tries);
    return moveRefs(directory, moves, reason, tries + 1);
  }
  if (/but expected|reference already exists|unable to resolve reference/.test(result.stderr)) return false;
  throw failed(args, result);
}
