import { parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { configEnvironment } from './environment.ts';
import { isBranchName } from './refs.ts';
import { runGit } from './run.ts';
import type { GitResult } from './run.ts';

/** A repository on a server, and who we are there. */
export interface Remote {
  /** As `parseRemoteUrl` accepts it. */
  readonly url: string;
  /** A fresh credential for every connection; `null` to connect as nobody. */
  readonly token: () => Promise<string | null>;
  readonly timeoutMs: number;
}

/** Keeps what was fetched alive, and says that it came with everything that it needs. */
export const KEPT = 'refs/countersign/';

const FETCH = [
  'fetch',
  '--quiet',
  '--no-progress',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
  '--filter=blob:none',
  '--stdin',
  'origin',
];
const SAID_BYTES = 1024 * 1024;

/** A URL of the form `https://host/owner/name`, `.git` optional; plain HTTP only to this machine and where allowed. */
export function parseRemoteUrl(
  text: string,
  allowHttp: boolean,
): { readonly url: string; readonly host: string; readonly owner: string; readonly name: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && allowHttp && loopback);
  const [, owner, name] = /^\/(\w[\w.-]{0,99})\/([\w.-]{1,104})$/.exec(url?.pathname ?? '') ?? [];
  const bare = name?.replace(/\.git$/, '') ?? '';
  const plain = url !== null && url.username + url.password + url.search + url.hash === '';
  if (!secure || !plain || owner === undefined || !/^[\w.-]+$/.test(bare) || /^\.{1,2}$/.test(bare)) {
    throw new Error(
      'the URL of a remote has to be `https://host/owner/name`, without a user name or password',
    );
  }
  return {
    url: `${url.origin}/${owner}/${name ?? ''}`,
    host: url.host.replaceAll(/[[\]]/g, ''),
    owner,
    name: bare,
  };
}

/** Fetches commits with all their history and trees, without contents, and keeps each under a ref of its own. */
export async function fetchHistory(gitDir: string, remote: Remote, ids: readonly Oid[]): Promise<void> {
  await fetch(gitDir, remote, ids.map((id) => `+${id}:${KEPT}${id}\n`).join(''), []);
}

/** Fetches objects alone. Offering what we have would only cost time, as in git's own fetching of missing objects. */
export async function fetchAlone(gitDir: string, remote: Remote, ids: readonly Oid[]): Promise<void> {
  await fetch(gitDir, remote, ids.map((id) => `${id}\n`).join(''), [['fetch.negotiationAlgorithm', 'noop']]);
}

async function fetch(
  gitDir: string,
  remote: Remote,
  input: string,
  config: readonly (readonly [string, string])[],
): Promise<void> {
  const { result, secrets } = await connect(gitDir, remote, FETCH, input, config);
  if (result.code !== 0) throw refused(result, secrets);
}

/** The commit that a branch points at on the server now; `null` where it has no such branch. */
export async function readRemoteBranch(
  gitDir: string,
  remote: Remote,
  branch: string,
  format: ObjectFormat,
): Promise<Oid | null> {
  const ref = `refs/heads/${branch}`;
  if (!isBranchName(ref)) return null;
  const { result, secrets } = await connect(gitDir, remote, ['ls-remote', '--quiet', 'origin', ref], '', []);
  if (result.code !== 0) throw refused(result, secrets);
  for (const line of Buffer.from(result.stdout).toString('utf8').split('\n')) {
    const [id, name] = line.split('\t');
    // The pattern also matches the tail of longer names.
    if (name !== ref) continue;
    const found = parseOid(id ?? '');
    if (found?.length === (format === 'sha1' ? 40 : 64)) return found;
    throw new Unreadable('git-failed', 'the remote has another object format than its mirror', {
      passing: false,
    });
  }
  return null;
}

/**
 * Runs git against the remote. The credential goes into the environment alone, as a header for this one URL; so it shows
 * neither in a process list nor in a file, and no redirect takes it elsewhere.
 */
async function connect(
  gitDir: string,
  remote: Remote,
  args: readonly string[],
  input: string,
  config: readonly (readonly [string, string])[],
): Promise<{ result: GitResult; secrets: readonly string[] }> {
  const token = await remote.token();
  if (token !== null && !/^[\x21-\x7e]{1,4096}$/.test(token)) {
    throw new Unreadable('git-failed', 'the credential for the remote has characters that no credential has');
  }
  const basic = token === null ? null : Buffer.from(`x-access-token:${token}`).toString('base64');
  const header =
    basic === null ? [] : [[`http.${remote.url}.extraHeader`, `Authorization: Basic ${basic}`] as const];
  const env = {
    ...configEnvironment([
      ['remote.origin.url', remote.url],
      ['http.followRedirects', 'false'],
      ['http.lowSpeedLimit', '100'],
      ['http.lowSpeedTime', '120'],
      ...header,
      ...config,
    ]),
    GIT_ALLOW_PROTOCOL: remote.url.startsWith('https:') ? 'https' : 'http',
  };
  const secrets = token === null || basic === null ? [] : [token, basic];
  const result = await runGit(args, {
    gitDir,
    input,
    env,
    secrets,
    timeoutMs: remote.timeoutMs,
    maxBytes: SAID_BYTES,
  });
  return { result, secrets };
}

/** What a failed connection means. */
function refused(result: GitResult, secrets: readonly string[]): Unreadable {
  const [, unknown] = /not our ref ([0-9a-f]{40,64})/.exec(result.stderr) ?? [];
  if (unknown !== undefined) {
    return new Unreadable('object-missing', `the remote has no object \`${unknown}\``);
  }
  if (/fsck error in|SHA1 COLLISION/i.test(result.stderr)) {
    return new Unreadable('object-forged', `the remote sent objects that git refuses: ${result.stderr}`, {
      passing: false,
    });
  }
  const hint = secrets.length === 0 ? ' (without a credential)' : '';
  return new Unreadable('git-failed', `the remote could not be read${hint}: ${result.stderr}`);
}
