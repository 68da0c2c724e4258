import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { download, lastWords } from './download.ts';
import { configEnvironment } from './environment.ts';
import { runGit, scrub, startGit } from './run.ts';

/** Where a repository is that somebody follows, as git takes it. */
export interface FollowedRemote {
  readonly url: string;
  /** The only one that git may speak on the way there. */
  readonly protocol: 'https' | 'ssh' | 'file';
}

const LISTING_MS = 5 * 60_000;
const LISTED_BYTES = 1024 * 1024;

/** What reaching a server may need of the user's environment: agents, proxies and certificates. Nothing that selects a program. */
const PASSED = [
  'SSH_AUTH_SOCK',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'NIX_SSL_CERT_FILE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/**
 * Reads where a repository is: `https` and `ssh` URLs, `host:path` as ssh takes it, `file` URLs and whole paths. Throws
 * `Unreadable` for every other: a transport that git runs as a command, or one that anybody on the way can change.
 */
export function parseFollowedUrl(url: string): FollowedRemote {
  const [, scheme = ''] = /^(https|ssh|file):\/\/(?!-)[^\s]+$/.exec(url) ?? [];
  if (scheme === 'https' || scheme === 'ssh' || scheme === 'file') return { url, protocol: scheme };
  if (/^\/[^\n\0]*$/.test(url)) return { url, protocol: 'file' };
  if (/^(?:\w[\w.-]*@)?\w[\w.-]*:(?!:|\/\/|-)[^\s]+$/.test(url)) return { url, protocol: 'ssh' };
  throw new Unreadable(
    'git-failed',
    `\`${scrub(url, [])}\` cannot be followed: only https, ssh and file URLs and whole paths can`,
    { passing: false },
  );
}

/** What these refs (whole names) point to there now; those that it lacks are left out. Throws `Unreadable('git-failed')`. */
export async function readFollowedRefs(
  remote: FollowedRemote,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Oid>> {
  const { code, stdout, stderr } = await runGit(['ls-remote', '--quiet', '--', remote.url, ...refs], {
    // In no repository at all, so that none around the folder has a say in where this goes.
    gitDir: '/nonexistent/countersign/none',
    cwd: '/',
    env: environmentFor(remote),
    timeoutMs: LISTING_MS,
    maxBytes: LISTED_BYTES,
  });
  if (code !== 0) throw notReached(remote, stderr);
  const found = new Map<string, Oid>();
  for (const line of Buffer.from(stdout).toString('utf8').split('\n')) {
    const [id = '', name = ''] = line.split('\t');
    const parsed = parseOid(id);
    // A pattern also matches the tail of longer names.
    if (parsed !== null && refs.includes(name)) found.set(name, parsed);
  }
  return found;
}

/**
 * Fetches refs into a repository of ours, all of them or none. Throws `Unreadable`: `object-forged` where git's fsck
 * refuses what came, `git-failed` where it could not come.
 *
 * @param refspecs such as `+refs/heads/master:refs/countersign/followed/…`
 * @param onProgress takes git's own words about how far it is, fit for a terminal; left out: git says nothing
 */
export async function fetchFollowedRefs(
  gitDir: string,
  remote: FollowedRemote,
  refspecs: readonly string[],
  onProgress?: (text: string) => void,
): Promise<void> {
  const args = [
    'fetch',
    ...(onProgress === undefined ? ['--quiet', '--no-progress'] : ['--progress']),
    '--atomic',
    '--refmap=',
    '--no-tags',
    '--no-prune',
    '--no-write-fetch-head',
    '--no-write-commit-graph',
    '--no-show-forced-updates',
    '--no-auto-maintenance',
    '--no-recurse-submodules',
    '--stdin',
    '--',
    remote.url,
  ];
  const child = startGit(args, { gitDir, env: environmentFor(remote) });
  const { code, said } = await download(child, refspecs, onProgress);
  if (code !== 0) throw notReached(remote, lastWords(said));
}

function environmentFor({ protocol }: FollowedRemote): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    ...configEnvironment([
      ['http.lowSpeedLimit', '100'],
      ['http.lowSpeedTime', '120'],
    ]),
    GIT_ALLOW_PROTOCOL: protocol,
    // It has no terminal to ask on; keys come from an agent, or have no passphrase.
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    GIT_SSH_VARIANT: 'ssh',
  };
}

function notReached({ url, protocol }: FollowedRemote, said: string): Unreadable {
  const why = said === '' ? 'git was stopped' : said;
  const where = scrub(url, []);
  if (/fsck error in|SHA1 COLLISION|index-pack failed/i.test(said)) {
    return new Unreadable('object-forged', `\`${where}\` sent objects that git refuses: ${why}`, {
      passing: false,
    });
  }
  const hint =
    protocol === 'ssh'
      ? ' (git ran without a terminal: have the server in your known hosts, and the key in an agent)'
      : protocol === 'https'
        ? ' (git ran without a name and password: what needs them can be followed over ssh)'
        : '';
  return new Unreadable(
    'git-failed',
    `\`${where}\` could not be read, and nothing was changed: ${why}${hint}`,
  );
}
