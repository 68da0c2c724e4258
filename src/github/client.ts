import type { z } from 'zod';
import { Unreadable } from '../gather/ports.ts';
import { openPace } from './pace.ts';

/** One HTTP exchange as Octokit's `request` does it: throws for every status from 400 up, and where nobody answers. */
export type Send = (
  route: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<{ readonly headers: Readonly<Record<string, unknown>>; readonly data: unknown }>;

export interface ClientOptions {
  readonly send: Send;
  /** Waits; rejects as soon as the program is to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The part of the hourly limit, 0 to 1, that only `urgent` may use. Defaults to none. */
  readonly reserve?: number;
}

/** GitHub did not do what it was asked. Becomes `undetermined` where a judgement depended on it. */
export class ForgeFailure extends Unreadable {
  /** The HTTP status; `null` where there was none, or what came with it could not be read. */
  readonly status: number | null;
  /** Before this time (milliseconds since the epoch) asking again makes it worse; `null` where GitHub named none. */
  readonly notBefore: number | null;

  constructor(
    message: string,
    options: { status: number | null; notBefore?: number | null; cause?: unknown },
  ) {
    super('forge-failed', message, { cause: options.cause });
    this.name = 'ForgeFailure';
    this.status = options.status;
    this.notBefore = options.notBefore ?? null;
  }
}

export interface Client extends Requests {
  /** The same, and may use what is kept of the rate limit for what must not wait. */
  readonly urgent: Requests;
}

export interface Requests {
  /** One request, repeated a few times where that may help, its answer checked against `schema`. Throws `ForgeFailure`. */
  request<T extends z.ZodType>(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    schema: T,
    options?: RequestOptions,
  ): Promise<z.output<T>>;
  /** All pages of a list, `Unreadable('list-cut')` beyond `limit` entries. `pick` finds the list in the answer. */
  list<T extends z.ZodType<readonly unknown[]>>(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    schema: T,
    limit: number,
  ): Promise<z.output<T>[number][]>;
}

export interface RequestOptions {
  /**
   * For requests that must not be done twice: called before a repetition, after an attempt of which nobody knows whether
   * it was carried out. What it finds is the answer.
   */
  readonly findDone?: () => Promise<unknown>;
}

const ATTEMPTS = 4;
/** Longer waits are not for a worker that holds a lease: the work is put off instead. */
const LONGEST_WAIT = 5_000;
const PAGE = 100;

/**
 * A client for one installation. It repeats what failed for a passing reason (5xx, cut connections, short rate limits),
 * a few times and for seconds; Octokit's own plugins, which sleep for minutes, are off. After a rate limit it asks
 * nothing more until the limit is over: going on would prolong it. What makes something is paced.
 */
export function openClient({ send, sleep, now, reserve = 0 }: ClientOptions): Client {
  let limitedUntil = 0;
  /** When the hour ends of whose requests only the reserve is left; in the past where there is more. */
  let scarceUntil = 0;
  const pace = openPace({ sleep, now });

  async function attempt(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    urgent: boolean,
  ): ReturnType<Send> {
    const limit = urgent ? limitedUntil : Math.max(limitedUntil, scarceUntil);
    const notBefore = limit <= now() && route.startsWith('POST ') ? await pace.take() : limit;
    if (notBefore !== null && notBefore > now()) {
      const message = `GitHub limits the rate of requests; ${purposeOf(route, parameters)} was not tried`;
      throw new ForgeFailure(message, { status: 429, notBefore });
    }
    try {
      const answer = await send(route, parameters);
      scarceUntil = scarceOf(answer.headers, reserve, scarceUntil);
      return answer;
    } catch (error) {
      const failure = failureOf(purposeOf(route, parameters), error, now());
      if (failure.notBefore !== null) limitedUntil = Math.max(limitedUntil, failure.notBefore);
      throw failure;
    }
  }

  async function exchange<T extends z.ZodType>(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    schema: T,
    { findDone, urgent }: RequestOptions & { readonly urgent: boolean },
  ): Promise<{ headers: Readonly<Record<string, unknown>>; data: z.output<T> }> {
    for (let tried = 1; ; tried += 1) {
      try {
        const { headers, data } = await attempt(route, parameters, urgent);
        return { headers, data: check(purposeOf(route, parameters), data, schema) };
      } catch (error) {
        if (!(error instanceof ForgeFailure) || tried >= ATTEMPTS) throw error;
        const wait = waitBefore(error, tried, now());
        if (wait === null) throw error;
        await sleep(wait);
        const unclear = error.status === null || error.status >= 500;
        const found = unclear ? await findDone?.() : undefined;
        if (found !== undefined)
          return { headers: {}, data: check(purposeOf(route, parameters), found, schema) };
      }
    }
  }

  const requests = (urgent: boolean): Requests => ({
    request: async (route, parameters, schema, options = {}) =>
      (await exchange(route, parameters, schema, { ...options, urgent })).data,
    async list(route, parameters, schema, limit) {
      const all: z.output<typeof schema>[number][] = [];
      for (let page = 1; ; page += 1) {
        const asked = { ...parameters, per_page: PAGE, page };
        const { headers, data } = await exchange(route, asked, schema, { urgent });
        all.push(...data);
        if (all.length > limit) {
          throw new Unreadable('list-cut', `${purposeOf(route, parameters)}: more than ${limit} entries`, {
            passing: false,
          });
        }
        if (!/\brel="next"/.test(textOf(headers['link']))) return all;
      }
    },
  });
  return { ...requests(false), urgent: requests(true) };
}

/** When the hour ends whose requests are down to the reserve, by what GitHub says with an answer (docs: rate limits). */
function scarceOf(headers: Readonly<Record<string, unknown>>, reserve: number, before: number): number {
  const [limit, left, reset] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(textOf(headers[`x-ratelimit-${name}`]) || Number.NaN),
  );
  if (limit === undefined || left === undefined || reset === undefined) return before;
  if (![limit, left, reset].every(Number.isFinite)) return before;
  return left < limit * reserve ? reset * 1000 + 1000 : 0;
}

/** How long to wait before another attempt; `null` where one would not help, or not soon. */
function waitBefore({ status, notBefore }: ForgeFailure, tried: number, now: number): number | null {
  if (notBefore !== null) {
    const wait = Math.max(0, notBefore - now);
    return wait <= LONGEST_WAIT ? wait : null;
  }
  return status === null || status >= 500 ? 250 * 2 ** tried : null;
}

/** A cut answer may look whole: octokit hands over text where JSON could not be parsed. So every answer is checked. */
function check<T extends z.ZodType>(purpose: string, data: unknown, schema: T): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ForgeFailure(`GitHub's answer cannot be read (at \`${where}\`): ${purpose}`, {
    status: null,
  });
}

function failureOf(purpose: string, error: unknown, now: number): ForgeFailure {
  const { status, headers } = answerOf(error);
  const message = error instanceof Error ? error.message.slice(0, 300) : 'unknown error';
  const notBefore = limitOf(status, headers, message, now);
  const why = unreachedIn(message);
  const said =
    status !== null
      ? `GitHub refused (status ${status}: ${message}): ${purpose}`
      : why === null
        ? `the request to ${hostOf(error)} failed (${message}): ${purpose}`
        : `${hostOf(error)} could not be reached (${why}); ${purpose}`;
  return new ForgeFailure(said, { status, notBefore, cause: error });
}

const UNREACHED: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'no such host'],
  [/ECONNREFUSED/, 'nothing listens there'],
  [/ETIMEDOUT|TIMEOUT|timed? ?out/i, 'no answer in time'],
  [/ECONNRESET|EPIPE|socket hang up|other side closed|terminated/, 'the connection was cut'],
  [/ENETUNREACH|EHOSTUNREACH/, 'no way leads there'],
];

/** The words of the resolver and the sockets of Node, for people; `null` for anything else that went wrong. */
function unreachedIn(message: string): string | null {
  return UNREACHED.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

/** Octokit's errors carry the request that failed. */
function hostOf(error: unknown): string {
  const request = isRecord(error) ? error['request'] : null;
  const url = isRecord(request) ? textOf(request['url']) : '';
  return URL.canParse(url) ? new URL(url).host : 'GitHub';
}

const PURPOSES: readonly (readonly [RegExp, string])[] = [
  [/^GET .*\/pulls$/, 'reading the pull requests of'],
  [/^GET .*\/pulls\/\{pull_number\}$/, 'reading a pull request of'],
  [/^GET .*\/comments$|^GET .*\/reviews$/, 'reading comments in'],
  [/^POST .*\/comments$/, 'posting a comment in'],
];

/** What a request was for, in words where there are some, with the names that were filled in. */
function purposeOf(route: string, parameters: Readonly<Record<string, unknown>>): string {
  const [, words] = PURPOSES.find(([pattern]) => pattern.test(route)) ?? [];
  const name = (key: string): string => textOf(parameters[key]);
  const number = name('pull_number') || name('issue_number');
  if (words !== undefined && name('owner') !== '') {
    return `${words} ${name('owner')}/${name('repo')}${number === '' ? '' : ` (#${number})`}`;
  }
  return `\`${route.replace(/\{([a-z_]{1,40})\}/g, (whole, key: string) => name(key) || whole)}\``;
}

/** When a rate limit ends; `null` where this is none (docs: rate limits for the REST API, "exceeding the rate limit"). */
function limitOf(
  status: number | null,
  headers: Readonly<Record<string, unknown>>,
  message: string,
  now: number,
): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(textOf(headers['retry-after']) || Number.NaN);
  if (Number.isFinite(after) && after >= 0) return now + after * 1000;
  if (textOf(headers['x-ratelimit-remaining']) === '0') {
    const reset = Number(textOf(headers['x-ratelimit-reset']) || Number.NaN);
    if (Number.isFinite(reset)) return Math.min(Math.max(now, reset * 1000 + 1000), now + 2 * 3_600_000);
  }
  return status === 429 || /\bsecondary rate\b/i.test(message) ? now + 60_000 : null;
}

function answerOf(error: unknown): { status: number | null; headers: Readonly<Record<string, unknown>> } {
  if (typeof error !== 'object' || error === null || !('response' in error)) {
    // Octokit gives 500 to what never got an answer, and 401 to 404 to what an authentication hook was refused.
    return { status: null, headers: {} };
  }
  const { response } = error;
  if (typeof response !== 'object' || response === null) return { status: null, headers: {} };
  const status = 'status' in response && typeof response.status === 'number' ? response.status : null;
  const headers = 'headers' in response ? response.headers : null;
  return { status, headers: isRecord(headers) ? headers : {} };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
