import { openedFolder, policyIn } from '../../core/facts/opened.ts';
import { formatOf, type Oid } from '../../core/object/id.ts';
import { quoted } from '../../core/policy/words.ts';
import { shellWord } from '../../core/report/clean.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { policyAt } from '../../gather/policy-at.ts';
import { Unreadable } from '../../gather/ports.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { isHere } from '../history/past.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';

const SAY = 'say which branch is meant: --branch NAME';

/**
 * The branch of an introduction that somebody gave as a bare commit: the only one that the policy at this very commit has.
 * It is never what a forge calls its default, since whoever serves the repository would choose it. Throws `UsageError`
 * where the policy leaves a choice or cannot be read here, `Unreadable` where the folder that was named will not do.
 *
 * @param repository a folder in a clone, as a person wrote it; left out: the current one, if it is in one
 */
export async function findBranchAt(commit: Oid, repository: string | undefined, io: Io): Promise<string> {
  const opened = await openThere(commit, repository, io);
  if (opened === null) {
    throw new UsageError(
      `${SAY}; the policy at that commit would say it where it can be read, in a clone or with --repository DIR`,
    );
  }
  try {
    const parsed = policyIn(openedFolder(await policyAt(opened, commit)));
    if (parsed === null) throw new UsageError(`${SAY}; there is no policy at \`${commit}\``);
    if (!parsed.ok) {
      const [first] = parsed.diagnostics;
      const where = first === undefined ? '' : `: line ${first.line}: ${first.message}`;
      throw new UsageError(`${SAY}; the policy at \`${commit}\` has errors${where}`);
    }
    const patterns = parsed.policy.branches.flatMap(({ match }) => match.map(({ source }) => source));
    const [only, ...others] = patterns;
    if (only !== undefined && others.length === 0 && isPlain(only)) return only;
    const example = patterns.find(isPlain);
    throw new UsageError(
      `${SAY}; the policy at that commit has ${quoted(patterns)}${
        example === undefined ? '' : `, so that for \`${example}\` it is \`--branch ${shellWord(example)}\``
      }`,
    );
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

/** One branch and no pattern for several. */
function isPlain(source: string): boolean {
  return !/[*?]/.test(source) && isBranchName(source);
}
