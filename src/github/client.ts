import type { z } from 'zod';
import { Unreadable } from '../gather/ports.ts';

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

export interface Client {
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
 * nothing more until the limit is over: going on would prolong it.
 */
export function openClient({ send, sleep, now }: ClientOptions): Client {
  let limitedUntil = 0;

  async function attempt(route: string, parameters: Readonly<Record<string, unknown>>): ReturnType<Send> {
    if (limitedUntil > now()) {
      throw new ForgeFailure(`GitHub limits the rate of requests; \`${route}\` was not tried`, {
        status: 429,
        notBefore: limitedUntil,
      });
    }
    try {
      return await send(route, parameters);
    } catch (error) {
      const failure = failureOf(route, error, now());
      if (failure.notBefore !== null) limitedUntil = Math.max(limitedUntil, failure.notBefore);
      throw failure;
    }
  }

  async function exchange<T extends z.ZodType>(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    schema: T,
    options: RequestOptions,
  ): Promise<{ headers: Readonly<Record<string, unknown>>; data: z.output<T> }> {
    for (let tried = 1; ; tried += 1) {
      try {
        const { headers, data } = await attempt(route, parameters);
        return { headers, data: check(route, data, schema) };
      } catch (error) {
        if (!(error instanceof ForgeFailure) || tried >= ATTEMPTS) throw error;
        const wait = waitBefore(error, tried, now());
        if (wait === null) throw error;
        await sleep(wait);
        const unclear = error.status === null || error.status >= 500;
        const found = unclear ? await options.findDone?.() : undefined;
        if (found !== undefined) return { headers: {}, data: check(route, found, schema) };
      }
    }
  }

  return {
    request: async (route, parameters, schema, options = {}) =>
      (await exchange(route, parameters, schema, options)).data,
    async list(route, parameters, schema, limit) {
      const all: z.output<typeof schema>[number][] = [];
      for (let page = 1; ; page += 1) {
        const asked = { ...parameters, per_page: PAGE, page };
        const { headers, data } = await exchange(route, asked, schema, {});
        all.push(...data);
        if (all.length > limit) {
          throw new Unreadable('list-cut', `\`${route}\` has more than ${limit} entries`, { passing: false });
        }
        if (!/\brel="next"/.test(textOf(headers['link']))) return all;
      }
    },
  };
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
function check<T extends z.ZodType>(route: string, data: unknown, schema: T): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ForgeFailure(`GitHub's answer to \`${route}\` cannot be read (at \`${where}\`)`, {
    status: null,
  });
}

function failureOf(route: string, error: unknown, now: number): ForgeFailure {
  const { status, headers } = answerOf(error);
  const message = error instanceof Error ? error.message.slice(0, 300) : 'unknown error';
  const notBefore = limitOf(status, headers, message, now);
  const reason = status === null ? message : `status ${status}: ${message}`;
  return new ForgeFailure(`GitHub refused \`${route}\` (${reason})`, { status, notBefore, cause: error });
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
