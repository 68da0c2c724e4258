import { pathToFileURL } from 'node:url';
import { parseOid } from '../../core/object/id.ts';
import { showInvisible } from '../../core/report/clean.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntry, openTrust, type Trust } from '../../trust/find.ts';
import { parseRepositoryUrl } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { branchAtCommit } from '../branch-of-policy.ts';
import { UsageError } from '../revisions.ts';

export interface PlaceOptions {
  readonly url?: string;
  readonly branch?: string;
  readonly introduction?: string;
  readonly trust?: string;
}

/** Where the revision is to be fetched from, and from where on it is to be proven. */
export interface Place {
  /** As nix takes it. */
  readonly url: string;
  readonly branch: string;
  /** `null`: nobody said from where on to trust it. */
  readonly entry: TrustEntry | null;
  readonly warnings: Trust['warnings'];
}

/**
 * Reads URL, branch and trust entry. Throws `UsageError`, also for a branch that would not be seen as it is, and `Unreadable`
 * for trust files that can't be used.
 */
export async function findPlace(opened: OpenRepository, options: PlaceOptions, io: Io): Promise<Place> {
  const place = await readPlace(opened, options, io);
  const shown = showInvisible(place.branch);
  // What is printed is read on a terminal and pasted into a file: a string of the Nix language may hold what moves the
  // cursor, or shows one name for another. A remote chooses its default branch; a URL has none of it (trust/url.ts).
  if (shown === place.branch) return place;
  throw new UsageError(
    `the branch \`${shown}\` has characters in its name that cannot be seen, so nothing is printed: say another with --branch NAME`,
  );
}

async function readPlace(opened: OpenRepository, options: PlaceOptions, io: Io): Promise<Place> {
  const given = options.url ?? (await findRemoteUrl(opened.gitDir, 'origin').catch(() => null));
  if (given === null)
    throw new UsageError('there is no remote `origin`: say where to fetch from with --url URL');
  const parsed = parseRepositoryUrl(given);
  if (!parsed.ok) throw new UsageError(`where to fetch from cannot be used: ${parsed.problem}`);
  const url = nixUrl(parsed.url.fetch);
  if (options.branch !== undefined && !isBranchName(options.branch)) {
    throw new UsageError(`\`${options.branch}\` cannot be the name of a branch`);
  }
  const asked = options.branch ?? parsed.url.ref;
  if (options.introduction !== undefined) {
    const introduction = parseOid(options.introduction);
    if (introduction === null) throw new UsageError('--introduction wants the whole id of a commit');
    const branch = asked ?? (await branchAtCommit(opened, introduction));
    const entry = { url, project: null, branch, introduction, policy: null, heads: new Map(), from: '' };
    return { url, branch, entry, warnings: [] };
  }
  const trust = await openTrust({
    file: options.trust === undefined ? null : io.path(options.trust),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  });
  const entry = findEntry(trust, given, asked ?? undefined);
  const branch = asked ?? entry?.branch ?? (await defaultBranch(opened));
  return { url, branch, entry, warnings: trust.warnings };
}

async function defaultBranch({ refs }: OpenRepository): Promise<string> {
  const branch = await refs.defaultBranch();
  if (branch !== null) return branch;
  throw new UsageError('name the branch that the revision is on: --branch NAME');
}

/** nix takes URLs alone: neither paths nor `host:path` in every version. */
function nixUrl(fetch: string): string {
  if (fetch.startsWith('/')) return pathToFileURL(fetch).href;
  if (/^[a-z]+:\/\//.test(fetch)) return fetch;
  const colon = fetch.indexOf(':');
  return `ssh://${fetch.slice(0, colon)}/${fetch.slice(colon + 1).replace(/^\/+/, '')}`;
}
