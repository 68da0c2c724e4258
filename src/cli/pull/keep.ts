import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustedAnswer } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';

const NO_PLACE =
  'neither XDG_STATE_HOME nor HOME is set, so there is no place for it; without it, an older state could be served next time';

/**
 * Remembers what was accepted as the highest state seen. Where that cannot be kept, what was proven is proven all the same:
 * the finding says so, and has to be shown. `null`: it is kept.
 */
export async function keep(trusted: TrustedAnswer, { environment }: Io): Promise<Finding | null> {
  if (trusted.accepted === null) return null;
  if (stateFolder(environment) === null) return finding('memory-not-kept', { detail: NO_PLACE });
  try {
    await trusted.remember();
    return null;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return finding('memory-not-kept', { detail: error.message });
  }
}

/** Whether a place may be moved where nothing can be remembered: it is the only memory left then, and only goes forward. */
export async function goesForward(
  { repository }: OpenRepository,
  from: Oid | null,
  to: Oid,
): Promise<boolean> {
  return from === null || from === to || (await repository.isReachable(from, to));
}
