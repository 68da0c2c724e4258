import { openedFolder, policyIn } from '../../core/facts/opened.ts';
import { parseIntroduction } from '../../core/history/introduction.ts';
import type { Oid } from '../../core/object/id.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable, type PolicyFolder } from '../../gather/ports.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { parseRevision } from '../../git/revision.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, type Trust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import { branchAtCommit, onlyBranch } from '../branch-of-policy.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { REMOTE } from './begin.ts';
import type { TrustSource } from './past.ts';

export interface Trusted extends Omit<TrustEntry, 'url' | 'from'> {
  readonly source: TrustSource;
}

export interface TrustedQuestion {
  readonly introduction?: string;
  readonly branch?: string;
  /** What is to be proven, as a person wrote it. */
  readonly revision?: string;
  /** The given policy instead of the repository's own. */
  readonly given?: PolicyFolder | null;
}

/**
 * Where trust in the history of a repository begins, and for which branch. What the command line says comes first: a commit,
 * or the whole string that a project publishes. Else it is the entry of the trust file for the URL of `origin`. Throws
 * `UsageError` where neither says it.
 *
 * The branch is said by the person, by what they pinned, or by the policy that they gave. Neither what `origin` calls its
 * default nor what is checked out decides: a clone has both from its server, which could have a commit judged by the weakest
 * rule that there is.
 */
export async function findTrusted(
  opened: OpenRepository,
  trust: Trust | null,
  { introduction, branch, revision, given = null }: TrustedQuestion,
): Promise<Trusted> {
  const asking = findRemoteUrl(opened.gitDir, REMOTE).catch(() => null);
  if (introduction !== undefined) {
    const whole = parseIntroduction(introduction);
    if (whole !== null) {
      const { commit, policy, project } = whole;
      if (branch !== undefined && branch !== whole.branch)
        throw new UsageError(`the introduction is one for \`${whole.branch}\`, not for \`${branch}\``);
      const source = { url: await asking, file: false };
      return { branch: whole.branch, introduction: commit, policy, project, heads: new Map(), source };
    }
    await refuseAmbiguous(opened, introduction, 'introduction');
    const id = await opened.resolve(introduction);
    if (id === null) {
      const message = `the introduction \`${introduction}\` names no commit in this repository: fetch its whole history (\`git fetch --unshallow\`), or check the spelling`;
      throw new Unreadable('object-missing', message, { passing: false });
    }
    const name = checked(branch ?? (await branchFor(opened, id, given)));
    const source = { url: await asking, file: false };
    return { branch: name, introduction: id, policy: null, project: null, heads: new Map(), source };
  }
  const url = await asking;
  const entries = url === null || trust === null ? [] : findEntries(trust, url);
  const [entry, ...others] = chooseFrom(entries, branch, revision);
  if (entry !== undefined && others.length === 0) {
    return { ...entry, source: { url: entry.url, file: true } };
  }
  if (entries.length > 0) {
    const names = entries.map((one) => `\`${one.branch}\``).join(', ');
    throw new UsageError(`say which branch: --branch NAME; your trust file knows ${names}`);
  }
  const files = trust?.files.map(({ path }) => `\`${path}\``).join(' and ') ?? '';
  const unknown =
    files === '' || url === null
      ? ''
      : `: ${files} knows nothing of \`${conceal(url)}\`, the URL of \`${REMOTE}\``;
  throw new UsageError(
    `say where trust begins${unknown}; give --introduction COMMIT, as the project publishes it, or \`countersign trust add\` once`,
  );
}

function checked(branch: string): string {
  if (isBranchName(branch)) return branch;
  throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
}

/** Those that may be meant: one branch, as it is called or as a revision spells it, or all where nobody says it. */
function chooseFrom(
  entries: readonly TrustEntry[],
  branch: string | undefined,
  revision: string | undefined,
): readonly TrustEntry[] {
  if (branch !== undefined) return entries.filter((entry) => entry.branch === branch);
  if (entries.length < 2) return entries;
  const name = (parseRevision(revision ?? '')?.name ?? '').replace(/^refs\//, '');
  const spelled = entries.filter((entry) =>
    ['', 'heads/', `remotes/${REMOTE}/`, `${REMOTE}/`].some((prefix) => name === `${prefix}${entry.branch}`),
  );
  return spelled.length > 0 ? spelled : entries;
}

/** The branch of an introduction that is a bare commit: by the policy that the person gave, else by the one there. */
async function branchFor(
  opened: OpenRepository,
  introduction: Oid,
  given: PolicyFolder | null,
): Promise<string> {
  const parsed = given === null ? null : policyIn(openedFolder(given));
  return parsed?.ok === true
    ? onlyBranch(parsed.policy, 'the policy that you gave')
    : branchAtCommit(opened, introduction);
}
