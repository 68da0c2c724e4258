import { findRemoteUrl } from '../../git/ledger-remote.ts';
import { refsOf } from '../../git/refs.ts';
import { BrokenTrust, findEntries, openTrust, type Trust } from '../../trust/find.ts';
import type { Io } from '../io.ts';

/**
 * Whether a trust file knows this repository and the branch that is checked out: then a bare `countersign verify` asks for
 * its history. On a branch of one's own it asks for what that would bring.
 */
export async function isTrustedHere(
  { repository, branch }: { readonly repository: string; readonly branch?: string },
  io: Io,
): Promise<boolean> {
  const folder = io.path(repository);
  const url = await findRemoteUrl(folder, 'origin').catch(() => null);
  if (url === null) return false;
  const trust = await readOwn(io);
  // Whoever asks for the history is told what is wrong with the file.
  if (trust === null) return true;
  const current =
    branch ??
    (await refsOf(folder)
      .currentBranch()
      .catch(() => null));
  const entries = findEntries(trust, url);
  // Nobody proposes anything from a HEAD that is on no branch: that is how machines check out.
  return current === null ? entries.length === 1 : entries.some((entry) => entry.branch === current);
}

/** `null`: it has errors in it. */
async function readOwn({ environment }: Io): Promise<Trust | null> {
  try {
    return await openTrust({ file: null, folder: null, environment });
  } catch (error) {
    if (error instanceof BrokenTrust) return null;
    throw error;
  }
}
