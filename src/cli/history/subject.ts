import { parseIntroduction } from '../../core/history/introduction.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, type Trust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { REMOTE } from './begin.ts';
import type { TrustSource } from './past.ts';

export interface Trusted extends Omit<TrustEntry, 'url' | 'from'> {
  readonly source: TrustSource;
}

/**
 * Where trust in the history of a repository begins. What the command line says comes first: a commit, or the whole string
 * that a project publishes. Else it is the entry of the trust file for the URL of `origin`. Throws `UsageError` where
 * neither says it.
 */
export async function findTrusted(
  opened: OpenRepository,
  trust: Trust | null,
  { introduction, branch }: { readonly introduction?: string; readonly branch?: string },
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
    const name = checked(branch ?? (await branchHere(opened)));
    await refuseAmbiguous(opened, introduction, 'introduction');
    const id = await opened.resolve(introduction);
    if (id === null) {
      const message = `the introduction \`${introduction}\` names no commit in this repository: fetch its whole history (\`git fetch --unshallow\`), or check the spelling`;
      throw new Unreadable('object-missing', message, { passing: false });
    }
    const source = { url: await asking, file: false };
    return { branch: name, introduction: id, policy: null, project: null, heads: new Map(), source };
  }
  const url = await asking;
  const entries = url === null || trust === null ? [] : findEntries(trust, url);
  const wanted =
    branch ?? (entries.length === 1 ? undefined : ((await opened.refs.currentBranch()) ?? undefined));
  const [entry, ...others] = entries.filter((one) => wanted === undefined || one.branch === wanted);
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

/** The branch whose rule judges where nobody says it: origin's default branch, else the one that is checked out. */
async function branchHere({ refs }: OpenRepository): Promise<string> {
  const branch = (await refs.defaultBranch()) ?? (await refs.currentBranch());
  if (branch !== null) return branch;
  throw new UsageError('say which branch it is the history of: --branch NAME');
}
