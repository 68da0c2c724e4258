import { beginOpening, type Opening } from '../../git/opening.ts';
import type { Io } from '../io.ts';

/** Processes that look names up at once, before anybody knows whether there is a repository. */
const MOST_EXPECTED = 4;

/** Asks git where the repository is and what is to be listed, before what verifies is loaded. */
export function beginLog(
  revisions: readonly string[],
  { repository }: { readonly repository: string },
  io: Pick<Io, 'path'>,
): Opening {
  const expected = revisions.length === 0 ? ['HEAD'] : revisions.slice(0, MOST_EXPECTED);
  return beginOpening(io.path(repository), { revisions: expected });
}
