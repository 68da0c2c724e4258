import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { isHere } from '../history/past.ts';
import type { TrustedAnswer } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';

const NO_PLACE =
  'neither XDG_STATE_HOME nor HOME is set, so there is no place for it; without it, an older state could be served next time';

const OVERTAKEN =
  'another command has meanwhile remembered a state that this one does not go on from: run it again';

/**
 * Remembers what was accepted as the highest state seen. Where that cannot be kept, what was proven is proven all the same:
 * the finding says so, and has to be shown. `null`: it is kept, or nothing was accepted.
 */
export async function keep(trusted: TrustedAnswer, { environment }: Io): Promise<Finding | null> {
  if (trusted.accepted === null) return null;
  if (stateFolder(environment) === null) return finding('memory-not-kept', { detail: NO_PLACE });
  try {
    return (await trusted.remember()) ? null : finding('memory-not-kept', { detail: OVERTAKEN });
  } catch (error) {
    // What is wrong with the repository is no matter of where to write.
    if (!(error instanceof Unreadable) || error.code !== 'file-unreadable') throw error;
    return finding('memory-not-kept', { detail: error.message });
  }
}

/** Whether a place may be moved where nothing can be remembered: it is the only memory left then, and only goes forward. */
export async function goesForward(opened: OpenRepository, from: Oid | null, to: Oid): Promise<boolean> {
  if (from === null || from === to) return true;
  return (await isHere(opened, from)) && (await opened.line(from, to)) !== null;
}
