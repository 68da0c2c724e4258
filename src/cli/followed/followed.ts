import type { Oid } from '../../core/object/id.ts';
import { clean } from '../../core/report/clean.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchFollowed, type BeforeDownload, type Followed } from '../../git/followed.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { conceal, normalUrl } from '../../trust/url.ts';
import { openBar } from '../history/bar.ts';
import { proveTrusted, type TrustedAnswer } from '../history/trusted.ts';
import { fileProblem } from '../file-problem.ts';
import type { Io } from '../io.ts';
import { trustedOptions } from '../pull/proof.ts';
import { short } from '../history/words.ts';
import { sizeOf } from '../pull/words.ts';
import { UsageError } from '../revisions.ts';
import { cacheFolder } from '../state-folder.ts';
import { probeFolder } from './probe.ts';

/** What came of one branch that is followed. */
export type FollowedBranch =
  | {
      readonly entry: TrustEntry;
      /** Open until the work with all branches is done. */
      readonly opened: OpenRepository;
      /** What the server has. */
      readonly head: Oid;
      readonly trusted: TrustedAnswer;
      readonly problem: null;
    }
  | {
      readonly entry: TrustEntry;
      readonly opened: null;
      readonly head: Oid | null;
      readonly trusted: null;
      /** What stood in the way of proving anything. */
      readonly problem: string;
    };

/**
 * Downloads branches that are trusted, each repository once, proves each up to the newest commit that is, and hands them on
 * while everything is open. Nothing of the user's changes here; what is to be remembered is for `use` to say. A repository
 * that cannot be reached spoils its own branches alone.
 */
export async function withFollowed<T>(
  entries: readonly TrustEntry[],
  allowDowngrade: boolean,
  io: Io,
  use: (branches: ReadonlyMap<TrustEntry, FollowedBranch>) => Promise<T>,
): Promise<T> {
  const directory = placeOf(io);
  const opened: OpenRepository[] = [];
  const branches = new Map<TrustEntry, FollowedBranch>();
  const groups = Map.groupBy(new Set(entries), ({ url }) => normalUrl(url)?.fetch ?? url);
  try {
    for (const [url, group] of groups) {
      for (const one of await followOne(directory, url, group, { allowDowngrade, io, opened })) {
        branches.set(one.entry, one);
      }
    }
    return await use(branches);
  } finally {
    for (const one of opened) await one.dispose();
  }
}

interface Context {
  readonly allowDowngrade: boolean;
  readonly io: Io;
  /** To be closed in the end. */
  readonly opened: OpenRepository[];
}

async function followOne(
  directory: string,
  url: string,
  entries: readonly TrustEntry[],
  context: Context,
): Promise<readonly FollowedBranch[]> {
  const { io, opened } = context;
  const names = entries.map(({ branch }) => branch);
  try {
    const followed = await download(directory, url, names, io);
    const repository = await openRepository(followed.gitDir);
    opened.push(repository);
    const found: FollowedBranch[] = [];
    for (const entry of entries) {
      const head = followed.heads.get(entry.branch) ?? null;
      const ledgers = followed.ledger === null ? [] : [followed.ledger];
      found.push(await proveOne(repository, entry, head, ledgers, context));
    }
    return found;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return entries.map((entry) => unproven(entry, null, error.message));
  }
}

async function download(
  directory: string,
  url: string,
  branches: readonly string[],
  io: Io,
): Promise<Followed> {
  try {
    await probeFolder(directory);
    return await fetchFollowed({
      directory,
      url,
      branches,
      announce: (known) => {
        announce(url, branches, known, io);
      },
      ...(io.terminal?.err === true ? { onProgress: io.err } : {}),
    });
  } catch (error) {
    // Nothing but the operating system's errors have a system call.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Unreadable(
      'file-unreadable',
      `the cache \`${directory}\` cannot be written (${fileProblem(error)}); what you follow is downloaded there and proven before anything of yours changes: make it writable, or let XDG_CACHE_HOME name a folder that is`,
      { passing: false, cause: error },
    );
  }
}

/** Our own repository of what an entry names, as it is on the server now. */
export async function followedFolder({ url, branch }: TrustEntry, io: Io): Promise<string> {
  const from = normalUrl(url)?.fetch ?? url;
  return (await download(placeOf(io), from, [branch], io)).gitDir;
}

function placeOf(io: Io): string {
  const directory = cacheFolder(io.environment);
  if (directory !== null) return directory;
  throw new UsageError('there is no place to download to: neither XDG_CACHE_HOME nor HOME is set');
}

async function proveOne(
  opened: OpenRepository,
  entry: TrustEntry,
  head: Oid | null,
  ledgers: readonly Oid[],
  { allowDowngrade, io }: Context,
): Promise<FollowedBranch> {
  if (head === null) return unproven(entry, null, `there is no branch \`${entry.branch}\` any more`);
  const bar = openBar(io);
  try {
    const question = { to: head, ledgers, allowDowngrade, newestProven: true, onProgress: bar.show };
    const trusted = await proveTrusted(trustedOptions(opened, entry, question), io);
    return { entry, opened, head, trusted, problem: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return unproven(entry, head, error.message);
  } finally {
    bar.clear();
  }
}

function unproven(entry: TrustEntry, head: Oid | null, problem: string): FollowedBranch {
  return { entry, opened: null, head, trusted: null, problem };
}

/** Nothing proven is never a pass. */
export function outcomeOf({ trusted }: FollowedBranch): Outcome {
  if (trusted === null) return 'undetermined';
  if (trusted.accepted !== null) return 'pass';
  return trusted.outcome === 'pass' ? 'undetermined' : trusted.outcome;
}

/** Before anything is downloaded: what there is, what is here, and what is known of how much it will be. */
function announce(
  url: string,
  branches: readonly string[],
  { heads, before, bytesHere, isNew }: BeforeDownload,
  io: Io,
): void {
  const from = clean(conceal(url));
  for (const branch of branches) {
    const head = heads.get(branch);
    const known = before.get(branch);
    const there = head === undefined ? `has no branch ${branch}` : `has ${branch} at ${short(head)}`;
    const here = known === undefined ? 'none is here yet' : `here it is at ${short(known)}`;
    io.err(`${from} ${clean(there)}; ${head === known ? 'the same as here' : here}\n`);
  }
  if (!isNew) return;
  const size =
    before.size === 0
      ? 'the first time that is its whole history, for nixpkgs some gigabytes; later only what is new'
      : `${sizeOf(bytesHere)} of it are here; git learns only on the way how much is new`;
  io.err(`downloading what is not here (${size})\n`);
}
