import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { download, lastWords } from './download.ts';
import { ASKING } from './environment.ts';
import { runGit, startGit } from './run.ts';
import type { GitResult } from './run.ts';

/** What a person fetches from: a remote of theirs by its name, or the whole path of a bundle (git-bundle(1)). */
export type Location = string;

export interface RemoteTag {
  /** The whole name, `refs/tags/…`. */
  readonly ref: string;
  /** What the ref points to: a tag object or a commit. */
  readonly id: Oid;
  /** What the other side says that it leads to. Nothing of it is proven. */
  readonly peeled: Oid;
}

/** A person may have to unlock a key. */
const CONNECTION_MS = 30 * 60_000;

/**
 * Objects alone: `--refmap=` keeps git from moving remote-tracking branches as it does by itself with every fetch
 * (git-fetch(1), "CONFIGURED REMOTE-TRACKING BRANCHES"); nothing else of the repository changes either.
 */
const OBJECTS_ONLY = [
  '--no-filter',
  '--refmap=',
  '--no-tags',
  '--no-prune',
  '--no-prune-tags',
  '--no-write-fetch-head',
  '--no-write-commit-graph',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
];

/** What these refs (whole names) point to on the other side now; those that it lacks are left out. */
export async function readRemoteRefs(
  directory: string,
  location: Location,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Oid>> {
  const listed = await list(directory, location, ['--', location, ...refs]);
  // A pattern also matches the tail of longer names.
  return new Map(listed.filter(([ref]) => refs.includes(ref)));
}

/** All tags of the other side. */
export async function readRemoteTags(directory: string, location: Location): Promise<readonly RemoteTag[]> {
  const listed = new Map(await list(directory, location, ['--tags', '--', location]));
  return [...listed].flatMap(([ref, id]) =>
    ref.endsWith('^{}') || !ref.startsWith('refs/tags/')
      ? []
      : [{ ref, id, peeled: listed.get(`${ref}^{}`) ?? id }],
  );
}

async function list(
  directory: string,
  location: Location,
  args: readonly string[],
): Promise<readonly (readonly [string, Oid])[]> {
  const result = await own(directory, ['ls-remote', '--quiet', ...args]);
  if (result.code !== 0) throw notReached(location, result.stderr);
  const lines = Buffer.from(result.stdout).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    const tab = line.indexOf('\t');
    const id = parseOid(line.slice(0, Math.max(tab, 0)));
    return id === null ? [] : [[line.slice(tab + 1), id] as const];
  });
}

export interface Download {
  /** Completes the repository, if it is a clone that was cut: a shallow or a partial one. */
  readonly complete?: boolean;
  /** Takes git's own words about how far it is, fit for a terminal. Left out: git says nothing. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Brings what these refs (whole names) of the other side point to into the person's repository, with their own git,
 * configuration and credentials. No ref, tag, FETCH_HEAD or submodule changes: whoever interrupts it leaves nothing
 * behind but objects that git clears away by itself. Throws `Unreadable('git-failed')`.
 */
export async function fetchObjects(
  directory: string,
  location: Location,
  refs: readonly string[],
  { complete, onProgress }: Download = {},
): Promise<void> {
  const more = [
    ...(onProgress === undefined ? ['--quiet', '--no-progress'] : ['--progress']),
    ...(complete === true && (await isShallow(directory)) ? ['--unshallow'] : []),
    // What a partial clone was promised comes only where everything is asked for once more.
    ...(complete === true && (await isPartial(directory, location)) ? ['--refetch', '--no-filter'] : []),
  ];
  const args = ['fetch', ...OBJECTS_ONLY, ...more, '--stdin', '--', location];
  const child = startGit(args, { gitDir: null, cwd: directory, own: true });
  const { code, said } = await download(child, refs, onProgress);
  if (code !== 0) throw notReached(location, lastWords(said));
}

/** Whether a repository left contents at a remote, to be fetched when needed (gitrepository-layout(5), partial clones). */
export async function isPartial(directory: string, remote: string): Promise<boolean> {
  const { stdout } = await own(
    directory,
    ['config', '--type=bool', '--get', `remote.${remote}.promisor`],
    ASKING,
  );
  return Buffer.from(stdout).toString('latin1').trimEnd() === 'true';
}

async function isShallow(directory: string): Promise<boolean> {
  const { stdout } = await own(directory, ['rev-parse', '--is-shallow-repository'], ASKING);
  return Buffer.from(stdout).toString('latin1').trimEnd() === 'true';
}

function notReached(location: Location, said: string): Unreadable {
  const why = said === '' ? 'git was stopped' : said;
  return new Unreadable('git-failed', `\`${location}\` could not be read, and nothing was changed: ${why}`);
}

function own(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<GitResult> {
  return runGit(args, { gitDir: null, cwd: directory, own: true, timeoutMs: CONNECTION_MS, env });
}
