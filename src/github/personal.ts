import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { openClient, type Client } from './client.ts';
import type { RepositoryName } from './pulls.ts';

/** A repository on a forge, as the URL of a git remote names it. */
export interface ForgeRepository extends RepositoryName {
  /** With the port, where there is one. */
  readonly host: string;
}

const REQUEST_MS = 60_000;
const OWNER_AND_NAME = /^\/?(\w[\w.-]{0,99})\/([\w.-]{1,104}?)(?:\.git)?\/?$/;
/** `git@github.com:acme/nixpkgs.git`, as git-fetch(1) has it under "GIT URLS". */
const SCP_LIKE = /^(?:[\w.-]{1,64}@)?([A-Za-z0-9][A-Za-z0-9.-]{0,252}):(?!\/\/)(.{1,300})$/;

/**
 * The repository that a remote's URL names, by HTTP or SSH; `null` for a path, and for what is no `owner/name`. A user
 * name or token in the URL is left out.
 */
export function parseForgeUrl(text: string): ForgeRepository | null {
  const found = URL.canParse(text) ? partsOfUrl(new URL(text)) : partsOfScp(text);
  const [, owner, repo] = OWNER_AND_NAME.exec(found?.path ?? '') ?? [];
  if (found === null || owner === undefined || repo === undefined || /^\.{1,2}$/.test(repo)) return null;
  return { host: found.host, owner, repo };
}

interface HostAndPath {
  readonly host: string;
  readonly path: string;
}

function partsOfUrl(url: URL): HostAndPath | null {
  if (url.protocol === 'https:' || url.protocol === 'http:') return { host: url.host, path: url.pathname };
  // The port is that of sshd.
  if (url.protocol === 'ssh:') return { host: url.hostname, path: url.pathname };
  // `github.com:acme/nixpkgs` is a URL to the parser of URLs.
  return partsOfScp(url.href);
}

function partsOfScp(text: string): HostAndPath | null {
  const [, host, path] = SCP_LIKE.exec(text) ?? [];
  return host === undefined || path === undefined ? null : { host: host.toLowerCase(), path };
}

/**
 * Where the API of a host is (docs: "Getting started with the REST API"; GitHub Actions sets GITHUB_API_URL): for
 * github.com its own, for any other host the one that the person's environment names, or `/api/v3` of that host.
 */
export function apiUrlOf(host: string, environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['GITHUB_API_URL']?.replace(/\/+$/, '') ?? '';
  if (given !== '') return given;
  return host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`;
}

/** A client that speaks as a person, or as nobody without a token. */
export function openPersonalClient(apiUrl: string, token: string | null): Client {
  const nothing = (): void => undefined;
  const octokit = new Octokit({
    ...(token === null ? {} : { auth: token }),
    baseUrl: apiUrl,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    request: {
      fetch: (url: string | URL | Request, init: RequestInit = {}) =>
        fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) }),
    },
  });
  return openClient({
    send: (route, parameters) => octokit.request(route, { ...parameters }),
    sleep: (milliseconds) => sleep(milliseconds),
    now: () => Date.now(),
  });
}
