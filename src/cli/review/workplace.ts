import { findRemoteUrl } from '../../git/ledger-remote.ts';
import { listRemotes } from '../../git/own.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import type { Client } from '../../github/client.ts';
import { apiUrlOf, openPersonalClient, parseForgeUrl, type ForgeRepository } from '../../github/personal.ts';
import { findToken } from '../github-token.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { Refusal } from './refusal.ts';

/** The options that all these commands have. */
export interface WorkOptions {
  readonly repository: string;
  readonly remote?: string;
  readonly api?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly as?: string;
  /** `--no-fetch`. */
  readonly fetch: boolean;
  readonly print?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  /** Files with signed statements that lie nowhere else. */
  readonly statements?: readonly string[];
}

/** The person's own clone, and the forge that its remote lies on. */
export interface Workplace {
  readonly io: Io;
  readonly directory: string;
  readonly opened: OpenRepository;
  /** `null` for a repository without remotes. */
  readonly remote: string | null;
  /** `null` where the remote is none that a forge has. */
  readonly forge: Forge | null;
}

export interface Forge {
  readonly client: Client;
  readonly name: ForgeRepository;
  /** As a policy names it: host and path. */
  readonly project: string;
  /** Whether there is a token: without one nothing can be posted. */
  readonly known: boolean;
}

/** Opens the repository around a folder for the time of `work`, and finds its forge. */
export function withWorkplace<T>(
  options: WorkOptions,
  io: Io,
  work: (workplace: Workplace) => Promise<T>,
): Promise<T> {
  return withClone(options, io, async (clone) => {
    const { directory, remote } = clone;
    const forge = remote === null ? null : await openForge(directory, remote, options, io);
    return work({ ...clone, forge });
  });
}

/** The same for what git alone can do: no forge is looked for, and no token asked for. */
export async function withClone<T>(
  options: Pick<WorkOptions, 'repository' | 'remote'>,
  io: Io,
  work: (workplace: Workplace) => Promise<T>,
): Promise<T> {
  const directory = io.path(options.repository);
  const opened = await openRepository(directory);
  try {
    const remote = await chooseRemote(directory, options.remote);
    return await work({ io, directory, opened, remote, forge: null });
  } finally {
    await opened.dispose();
  }
}

async function chooseRemote(directory: string, given: string | undefined): Promise<string | null> {
  const remotes = await listRemotes(directory);
  if (given !== undefined) {
    if (remotes.includes(given)) return given;
    throw new UsageError(
      `there is no remote \`${given}\` in this repository: --remote takes one of ${remotes.join(', ')}`,
    );
  }
  if (remotes.includes('origin')) return 'origin';
  return remotes.length === 1 ? (remotes[0] ?? null) : null;
}

async function openForge(
  directory: string,
  remote: string,
  { api }: WorkOptions,
  io: Io,
): Promise<Forge | null> {
  const name = parseForgeUrl(await findRemoteUrl(directory, remote));
  if (name === null) return null;
  const environment = api === undefined ? io.environment : { ...io.environment, GITHUB_API_URL: api };
  const url = apiUrlOf(name.host, environment);
  if (!isSafe(url)) {
    throw new UsageError(`\`${url}\` is no address of an API: https, or http on this machine`);
  }
  const token = await findToken(name.host, environment);
  const project = `${name.host}/${name.owner}/${name.repo}`;
  return { client: openPersonalClient(url, token), name, project, known: token !== null };
}

/** A token goes there. */
function isSafe(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username + url.password !== '') return false;
  const here = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && here);
}

/** The forge, where nothing can be done without one. */
export function needForge({ forge, remote }: Workplace): Forge {
  if (forge !== null) return forge;
  throw new Refusal(
    'no-forge',
    remote === null
      ? 'this repository has no remote, so there are no pull requests to ask for'
      : `the remote \`${remote}\` is not a repository on a forge, so there are no pull requests to ask for`,
    'name a remote with `--remote NAME`, or commits instead of a pull request: `countersign review REVISION`',
  );
}

/** Before anybody is asked anything: what is signed about a pull request is to be posted there. */
export function needToken({ forge }: Workplace, { print }: Pick<WorkOptions, 'print'>): void {
  if (print === true || forge === null || forge.known) return;
  throw new Refusal(
    'token-missing',
    `nothing can be posted on ${forge.name.host} without a token`,
    'log in with `gh auth login`, or set GITHUB_TOKEN (it needs to write comments on pull requests); or use `--print` and post it yourself',
  );
}
