import type { Octokit } from '@octokit/rest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { octokitFor, openScene, statusOf } from './scene.ts';
import type { Scene } from './scene.ts';

const where = { owner: 'acme', repo: 'nixpkgs' };

describe('a misbehaving API', () => {
  let scene: Scene;
  let octokit: Octokit;
  beforeAll(async () => {
    scene = await openScene();
    octokit = octokitFor(scene.github, scene.github.app('countersign').token('acme/nixpkgs'));
  });
  afterAll(() => scene.end());
  afterEach(() => {
    scene.github.behave();
    scene.github.assertClean();
  });

  async function headersOf(request: Promise<unknown>): Promise<Record<string, unknown>> {
    const error: unknown = await request.catch((reason: unknown) => reason);
    if (!(error instanceof Error) || !('response' in error)) throw new Error('the request was not refused');
    const { response } = error;
    return typeof response === 'object' && response !== null && 'headers' in response
      ? Object.fromEntries(Object.entries(response.headers ?? {}))
      : {};
  }

  it.each([500, 502, 503] as const)('answers %i as often as told, where told', async (status) => {
    scene.github.misbehave({ match: { method: 'GET', path: /\/branches\// }, status, times: 2 });
    const branch = () => octokit.repos.getBranch({ ...where, branch: 'master' });
    expect((await octokit.repos.get(where)).status).toBe(200);
    expect(await statusOf(branch())).toBe(status);
    expect(await statusOf(branch())).toBe(status);
    expect((await branch()).status).toBe(200);
  });

  it.each([403, 429] as const)('has a secondary rate limit, answered with %i', async (status) => {
    scene.github.misbehave({ secondaryRateLimit: { status, retryAfter: 7 }, times: 2 });
    expect(await statusOf(octokit.repos.get(where))).toBe(status);
    expect(await headersOf(octokit.repos.get(where))).toMatchObject({ 'retry-after': '7' });
  });

  it('has a primary rate limit', async () => {
    scene.github.misbehave({ primaryRateLimit: { resetInSeconds: 60 } });
    const headers = await headersOf(octokit.repos.get(where));
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '0' });
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
  });

  it('counts requests, but not those that had the answer already', async () => {
    const first = await octokit.repos.get(where);
    const { etag } = first.headers;
    const spent = async () => (await octokit.rateLimit.get()).data.rate.used;
    const before = await spent();
    const again = octokit.repos.get({ ...where, headers: { 'if-none-match': etag } });
    expect(await statusOf(again)).toBe(304);
    expect(await spent()).toBe(before + 1);
  });

  it('is slow', async () => {
    scene.github.misbehave({ delayMs: 300 });
    const request = { signal: AbortSignal.timeout(50) };
    await expect(octokit.repos.get({ ...where, request })).rejects.toThrow();
    expect((await octokit.repos.get(where)).status).toBe(200);
  });

  it('cuts answers and connections after the deed is done', async () => {
    for (const connection of ['reset', 'truncate', 'half'] as const) {
      scene.github.misbehave({ match: { method: 'POST' }, connection });
      const check = { ...where, name: connection, head_sha: scene.base };
      const answer = await octokit.checks.create(check).then(
        ({ data }) => data,
        () => undefined,
      );
      // Octokit throws on the first only. For the others it gives the text that it got, with status 201.
      expect(answer).not.toBeTypeOf('object');
    }
    expect(scene.repository.checkRuns(scene.base).map((run) => run.name)).toEqual([
      'reset',
      'truncate',
      'half',
    ]);
  });
});
