import { clean, shellWord } from '../../core/report/clean.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { readBundle, type BundleHeader } from '../../git/bundle.ts';
import { listRemotes } from '../../git/own.ts';
import { readUpstream, type Checkout } from '../../git/worktree.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, openTrust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { remoteUrl } from './remote-url.ts';

/** What `fetch` and `pull` have in common on the command line. */
export interface PullOptions {
  readonly repository: string;
  /** A bundle to bring everything from instead of the remote. */
  readonly bundle?: string;
  /** The trust file to go by instead of the user's own and the project's. */
  readonly trust?: string;
  /** The URL whose entries of the trust file count, where the remote is a mirror of it. */
  readonly as?: string;
  readonly strict?: boolean;
  /** Bring what a shallow or partial clone lacks. */
  readonly complete?: boolean;
  readonly tags?: boolean;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
}

/** From where things come, and who is trusted about them. */
export interface Place {
  readonly directory: string;
  readonly remote: string;
  /** As git fetches from there: a name of a remote or the whole path of a bundle. */
  readonly location: string;
  readonly bundle: BundleHeader | null;
  /** Where the remote is, without passwords: for messages. */
  readonly url: string;
  readonly entries: readonly TrustEntry[];
}

/** Finds the remote and what the trust file says of it. Changes nothing and asks nobody. Throws `UsageError`. */
export async function findPlace(
  given: string | undefined,
  options: PullOptions,
  checkout: Checkout,
  io: Io,
): Promise<Place> {
  const directory = io.path(options.repository);
  const remote = await chooseRemote(directory, given, checkout);
  const url = await remoteUrl(directory, remote, checkout.top);
  const trust = await openTrust({
    file: options.trust === undefined ? null : io.path(options.trust),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  });
  for (const { message } of trust.warnings) io.err(`countersign: ${clean(message)}\n`);
  const path = options.bundle === undefined ? null : io.path(options.bundle);
  return {
    directory,
    remote,
    location: path ?? remote,
    bundle: path === null ? null : await readBundle(path),
    url: conceal(url),
    entries: findEntries(trust, options.as ?? url),
  };
}

/** The entries for these branches, or for all; says how to add what is missing. */
export function chooseEntries(place: Place, branches: readonly string[] | null): readonly TrustEntry[] {
  const wanted = branches ?? place.entries.map(({ branch }) => branch);
  if (wanted.length === 0) throw new UsageError(howToTrust(place, null));
  return wanted.map((branch) => {
    if (!isBranchName(branch)) throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
    const found = place.entries.find((entry) => entry.branch === branch);
    if (found === undefined) throw new UsageError(howToTrust(place, branch));
    return found;
  });
}

function howToTrust({ url, remote, entries }: Place, branch: string | null): string {
  const what = branch === null ? 'nothing' : `no branch \`${branch}\``;
  const known = entries.map((entry) => `\`${entry.branch}\``).join(', ');
  const others = known === '' ? '' : ` (of that repository: ${known})`;
  const added = `countersign trust add ${shellWord(url)} --introduction COMMIT --branch ${shellWord(branch ?? 'NAME')}`;
  return (
    `your trust file says ${what} of \`${url}\`, where the remote \`${remote}\` is${others}: ` +
    `ask its maintainers for the introduction, by a way that the server has no part in, and add it with \`${added}\`; ` +
    'where this is a mirror of a repository that you trust, name that one with `--as URL`'
  );
}

async function chooseRemote(
  directory: string,
  given: string | undefined,
  { branch }: Checkout,
): Promise<string> {
  const remotes = await listRemotes(directory);
  if (given !== undefined) {
    if (remotes.includes(given)) return given;
    throw new UsageError(
      `there is no remote \`${given}\` in this repository: ${remotes.length === 0 ? 'it has none' : `it has ${remotes.map((name) => `\`${name}\``).join(', ')}`}`,
    );
  }
  const upstream = branch === null ? null : (await readUpstream(directory, branch)).remote;
  if (upstream !== null && remotes.includes(upstream)) return upstream;
  if (remotes.includes('origin')) return 'origin';
  const [only, ...others] = remotes;
  if (only !== undefined && others.length === 0) return only;
  throw new UsageError(
    only === undefined
      ? 'this repository has no remote: add one with `git remote add`'
      : 'say which remote is meant',
  );
}
