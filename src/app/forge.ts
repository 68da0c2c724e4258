import { Octokit } from '@octokit/rest';
import { Probot, ProbotOctokit } from 'probot';
import { openClient, type Client, type Send } from '../github/client.ts';
import type { Configuration } from './configuration.ts';
import { SILENT, type Log } from './log.ts';

/** The app's standing with GitHub: who it is, and clients that speak for it or for its installations. */
export interface Forge {
  /** Speaks as the app itself. */
  readonly app: Client;
  /** Speaks for one installation. */
  installation(id: number): Client;
  /** A credential for git over HTTP. Fresh: it is valid for some minutes at least. */
  token(id: number): Promise<string>;
  /** Whether `signature` is the HMAC of exactly this body; compares in constant time. */
  verify(body: string, signature: string): Promise<boolean>;
  readonly log: Log;
}

const REQUEST_MS = 60_000;
/** Of an hour's requests, for taking back what stands. Whoever may comment can use up the others. */
const RESERVE = 0.1;

const nothing = (): void => undefined;
/** What its requests are about, the callers log. */
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

type InstallationOctokit = Awaited<ReturnType<Probot['auth']>>;

/**
 * Opens Probot for authentication, HMAC and logging. Its retry and throttling plugins are off: they sleep for minutes
 * while a lease runs, and give up on secondary limits (github/client.ts does both). Its server is not used.
 */
export async function openForge(
  configuration: Configuration,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<Forge> {
  const { appId, privateKey, webhookSecret, apiUrl, logLevel } = configuration;
  const plain = new Octokit({ baseUrl: apiUrl, request: { fetch: fetchInTime }, log: QUIET });
  const probot = new Probot({
    appId,
    privateKey,
    secret: webhookSecret,
    baseUrl: apiUrl,
    logLevel: logLevel === 'silent' ? 'fatal' : logLevel,
    logFormat: 'json',
    request: { fetch: fetchInTime },
    Octokit: ProbotOctokit.defaults((options: { throttle?: object; auth?: object; log?: object }) => ({
      ...options,
      throttle: { ...options.throttle, enabled: false },
      retry: { enabled: false },
      // Left alone, it would ask api.github.com for tokens, wherever the API is, and print its warnings.
      auth: { ...options.auth, request: plain.request, log: options.log },
    })),
  });
  await probot.ready();
  const clients = new Map<number, Client>();
  const octokits = new Map<number, Promise<InstallationOctokit>>();
  const octokitOf = (id: number): Promise<InstallationOctokit> => {
    const known = octokits.get(id);
    if (known) return known;
    const opened = probot.auth(id);
    octokits.set(id, opened);
    return opened;
  };
  const now = (): number => Date.now();

  const sendAs =
    (id: number): Send =>
    async (route, parameters) => {
      const octokit = await octokitOf(id);
      try {
        return await octokit.request(route, { ...parameters });
      } catch (error) {
        if (statusOf(error) !== 401) throw error;
        // The cached token has ended early: revoked, or the clock is off.
        await readToken(octokit, true);
        return await octokit.request(route, { ...parameters });
      }
    };

  return {
    app: openClient({
      send: async (route, parameters) => (await probot.auth()).request(route, { ...parameters }),
      sleep,
      now,
    }),
    installation(id) {
      const known = clients.get(id);
      if (known) return known;
      const opened = openClient({ send: sendAs(id), sleep, now, reserve: RESERVE });
      clients.set(id, opened);
      return opened;
    },
    token: async (id) => readToken(await octokitOf(id), false),
    verify: (body, signature) => probot.webhooks.verify(body, signature),
    log: logLevel === 'silent' ? SILENT : probot.log,
  };
}

async function readToken(octokit: InstallationOctokit, refresh: boolean): Promise<string> {
  const answer: unknown = await octokit.auth({ type: 'installation', refresh });
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'token' in answer &&
    typeof answer.token === 'string' &&
    answer.token !== ''
  ) {
    return answer.token;
  }
  throw new Error('GitHub gave no token for the installation');
}

function fetchInTime(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
}

function statusOf(error: unknown): number | null {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : null;
}
