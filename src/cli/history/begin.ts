import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import { beginOpening, type Opening } from '../../git/opening.ts';
import type { Io } from '../io.ts';

export const REMOTE = 'origin';

/** The refs of a branch in a clone, origin's first. */
export function refsOfBranch(branch: string): readonly string[] {
  return [`refs/remotes/${REMOTE}/${branch}`, `refs/heads/${branch}`];
}

/** Asks git all that a proof will ask it first, before what makes the proof is loaded. */
export function beginHistory(
  revision: string | undefined,
  { repository, branch }: { readonly repository: string; readonly branch?: string },
  io: Pick<Io, 'path'>,
): Opening {
  const branches = [LEDGER_BRANCH, ...(branch === undefined ? [] : [branch])];
  return beginOpening(io.path(repository), {
    revisions: [revision ?? 'HEAD'],
    refs: branches.flatMap(refsOfBranch),
  });
}
