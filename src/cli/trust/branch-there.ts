import { formatOf, type Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { branchAtCommit, SAY_BRANCH } from '../branch-of-policy.ts';
import { isHere } from '../history/past.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';

/**
 * As `branchAtCommit`, in a folder that a person named or is in. Throws `UsageError` also where the commit cannot be read
 * there, `Unreadable` where the folder that was named will not do.
 *
 * @param repository a folder in a clone, as a person wrote it; left out: the current one, if it is in one
 */
export async function findBranchAt(commit: Oid, repository: string | undefined, io: Io): Promise<string> {
  const opened = await openThere(commit, repository, io);
  if (opened === null) {
    throw new UsageError(
      `${SAY_BRANCH}; the policy at that commit would say it where it can be read, in a clone or with --repository DIR`,
    );
  }
  try {
    return await branchAtCommit(opened, commit);
  } finally {
    await opened.dispose();
  }
}

/** `null` where the commit cannot be read in the current folder: nobody said that it could. */
async function openThere(
  commit: Oid,
  repository: string | undefined,
  io: Io,
): Promise<OpenRepository | null> {
  let opened: OpenRepository;
  try {
    opened = await openRepository(io.path(repository ?? '.'));
  } catch (error) {
    if (repository === undefined && error instanceof Unreadable) return null;
    throw error;
  }
  let here = false;
  try {
    here = opened.format === formatOf(commit) && (await isHere(opened, commit));
  } finally {
    if (!here) await opened.dispose();
  }
  if (here) return opened;
  if (repository === undefined) return null;
  throw new Unreadable(
    'object-missing',
    `\`${commit}\` is no commit in the repository at \`${repository}\``,
    {
      passing: false,
    },
  );
}
