import nock from 'nock';
import { Octokit } from '@octokit/rest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ForgeFailure, openClient, type Client } from '../../src/github/client.ts';
import { Unreadable } from '../../src/gather/ports.ts';

const api = 'https://api.github.test';
const answer = z.object({ ok: z.boolean() });

describe('the client', () => {
  let clock = 1_000_000;
  let slept: number[] = [];
  let client: Client;
  beforeAll(() => {
    nock.disableNetConnect();
  });
  beforeEach(() => {
    slept = [];
    const silent = (): void => undefined;
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const octokit = new Octokit({ baseUrl: api, log, retry: { enabled: false } });
    client = openClient({
      send: (route, parameters) => octokit.request(route, { ...parameters }),
      sleep: (milliseconds) => {
        slept.push(milliseconds);
        clock += milliseconds;
        return Promise.resolve();
      },
      now: () => clock,
    });
  });
  afterEach(() => {
    nock.cleanAll();
  });
  afterAll(() => {
    nock.restore();
    nock.enableNetConnect();
  });

  async function failure(request: Promise<unknown>): Promise<ForgeFailure> {
    const error: unknown = await request.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ForgeFailure)) throw new Error('did not fail as expected');
    return error;
  }

  test('repeats after server errors and cut connections, then answers', async () => {
    nock(api).get('/x').reply(502).get('/x').replyWithError('ECONNRESET').get('/x').reply(200, { ok: true });
    await expect(client.request('GET /x', {}, answer)).resolves.toEqual({ ok: true });
    expect(slept).toEqual([500, 1000]);
  });

  test('gives up after four attempts, as a failure that passes', async () => {
    nock(api).get('/x').times(4).reply(503);
    const error = await failure(client.request('GET /x', {}, answer));
    expect(error).toMatchObject({ code: 'forge-failed', status: 503, passing: true });
    expect(nock.isDone()).toBe(true);
  });

  test.each([
    ['getaddrinfo ENOTFOUND api.github.test', 'could not be reached (no such host)'],
    ['connect ECONNREFUSED 127.0.0.1:9', 'could not be reached (nothing listens there)'],
    ['read ECONNRESET', 'could not be reached (the connection was cut)'],
  ])('says in words that nobody answered: %s', async (said, words) => {
    nock(api).get('/repos/acme/nixpkgs/pulls/7').times(4).replyWithError(said);
    const asked = { owner: 'acme', repo: 'nixpkgs', pull_number: 7 };
    const error = await failure(
      client.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', asked, answer),
    );
    expect(error.message).toBe(`api.github.test ${words}; reading a pull request of acme/nixpkgs (#7)`);
    nock(api).get('/repos/acme/nixpkgs').times(4).reply(503, { message: 'x' });
    const { message } = await failure(
      client.request('GET /repos/{owner}/{repo}', { owner: 'acme', repo: 'nixpkgs' }, answer),
    );
    expect(message).toBe('GitHub refused (status 503: x): `GET /repos/acme/nixpkgs`');
  });

  test('waits a short rate limit out', async () => {
    nock(api)
      .get('/x')
      .reply(429, { message: 'slow down' }, { 'retry-after': '2' })
      .get('/x')
      .reply(200, { ok: true });
    await expect(client.request('GET /x', {}, answer)).resolves.toEqual({ ok: true });
    expect(slept).toEqual([2000]);
  });

  test('neither waits for a long one nor asks anything until it is over', async () => {
    const message = 'You have exceeded a secondary rate limit';
    nock(api).get('/x').reply(403, { message }, { 'retry-after': '90' });
    const first = await failure(client.request('GET /x', {}, answer));
    expect(first.notBefore).toBe(clock + 90_000);
    const second = await failure(client.request('GET /y', {}, answer));
    expect(second.notBefore).toBe(first.notBefore);
    expect(slept).toEqual([]);
    clock += 91_000;
    nock(api).get('/y').reply(200, { ok: true });
    await expect(client.request('GET /y', {}, answer)).resolves.toEqual({ ok: true });
  });

  test('takes the end of a primary limit from its header', async () => {
    const reset = Math.floor(clock / 1000) + 600;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    nock(api).get('/x').reply(403, { message: 'API rate limit exceeded' }, headers);
    expect((await failure(client.request('GET /x', {}, answer))).notBefore).toBe(reset * 1000 + 1000);
  });

  test('takes a refusal for an answer', async () => {
    nock(api).get('/x').reply(403, { message: 'Resource not accessible by integration' });
    const error = await failure(client.request('GET /x', {}, answer));
    expect(error).toMatchObject({ status: 403, notBefore: null });
    expect(slept).toEqual([]);
  });

  test.each([
    ['JSON that was cut', '{"ok": tr'],
    ['another shape', '{"ok": "yes"}'],
    ['nothing', ''],
  ])('takes %s for no answer', async (_, body) => {
    nock(api).get('/x').times(4).reply(200, body, { 'content-type': 'application/json' });
    expect((await failure(client.request('GET /x', {}, answer))).status).toBeNull();
  });

  test('does not do a thing twice that was done although its answer got lost', async () => {
    nock(api).post('/x').reply(502);
    const findDone = (): Promise<unknown> => Promise.resolve({ ok: true });
    await expect(client.request('POST /x', {}, answer, { findDone })).resolves.toEqual({ ok: true });
    expect(nock.isDone()).toBe(true);
  });

  test('reads lists to their end', async () => {
    const page = (number: number): unknown[] => Array.from({ length: 100 }, (_, i) => number * 100 + i);
    for (const number of [1, 2, 3]) {
      const link = number < 3 ? { link: `<${api}/l?page=${number + 1}>; rel="next"` } : {};
      nock(api).get('/l').query({ per_page: 100, page: number }).reply(200, page(number), link);
    }
    const list = await client.list('GET /l', {}, z.array(z.int()), 300);
    expect(list).toHaveLength(300);
    expect(list.at(-1)).toBe(399);
  });

  test('refuses a list that is longer than its bound instead of cutting it', async () => {
    const link = { link: `<${api}/l?page=2>; rel="next"` };
    nock(api)
      .get('/l')
      .query(true)
      .reply(200, [1, 2, 3], link)
      .get('/l')
      .query(true)
      .reply(200, [4, 5, 6], link);
    const error: unknown = await client.list('GET /l', {}, z.array(z.int()), 5).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Unreadable);
    expect(error).toMatchObject({ code: 'list-cut', passing: false });
  });
});
