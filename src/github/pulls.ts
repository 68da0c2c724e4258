import { z } from 'zod';
import type { Oid } from '../core/object/id.ts';
import { ForgeFailure, type Requests } from './client.ts';
import * as payload from './payloads.ts';

/** Where requests go: names as GitHub spells them. */
export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** Only the two names: whatever else a value carries must not become a parameter of a request. */
export function inRepository({ owner, repo }: RepositoryName): RepositoryName {
  return { owner, repo };
}

export interface PullRequest {
  readonly number: number;
  readonly open: boolean;
  readonly head: Oid;
  readonly base: string;
  /** The base's tip as GitHub noted it when the pull request was last touched: stale, for messages only. */
  readonly baseSha: Oid;
  readonly description: string;
  /** The commit that it landed as, the last one of several; `null` for one that has not. */
  readonly landed: Oid | null;
}

const MOST_PULLS = 10_000;

const pull = z
  .object({
    number: z.int().positive(),
    state: z.enum(['open', 'closed']),
    body: z.string().nullish(),
    head: z.object({ sha: payload.oid }),
    base: z.object({ ref: z.string(), sha: payload.oid }),
    merged_at: z.string().nullish(),
    merge_commit_sha: payload.oid.nullish(),
  })
  .transform(({ number, state, body, head, base, merged_at, merge_commit_sha }): PullRequest => ({
    number,
    open: state === 'open',
    head: head.sha,
    base: base.ref,
    baseSha: base.sha,
    description: body ?? '',
    // Of an open one the field names a trial merge.
    landed: typeof merged_at === 'string' ? (merge_commit_sha ?? null) : null,
  }));

/** A pull request as it is now. Throws `ForgeFailure`. */
export function readPull(client: Requests, name: RepositoryName, number: number): Promise<PullRequest> {
  return client.request(
    'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    { ...inRepository(name), pull_number: number },
    pull,
  );
}

/** Open pull requests, onto `base` or onto any branch. */
export function listOpenPulls(
  client: Requests,
  name: RepositoryName,
  base: string | null,
): Promise<readonly PullRequest[]> {
  const filter = base === null ? {} : { base };
  return client.list(
    'GET /repos/{owner}/{repo}/pulls',
    { ...inRepository(name), state: 'open', sort: 'created', direction: 'asc', ...filter },
    z.array(pull),
    MOST_PULLS,
  );
}

/** The pull requests of any state in which something happened last, the latest first. */
export async function listLatestPulls(
  client: Requests,
  name: RepositoryName,
  count: number,
): Promise<readonly PullRequest[]> {
  const found: PullRequest[] = [];
  const page = Math.min(count, 100);
  for (let number = 1; found.length < count; number += 1) {
    const asked = { state: 'all', sort: 'updated', direction: 'desc', per_page: page, page: number };
    const listed = await client.request(
      'GET /repos/{owner}/{repo}/pulls',
      { ...inRepository(name), ...asked },
      z.array(pull),
    );
    found.push(...listed);
    if (listed.length < page) break;
  }
  return found.slice(0, count);
}

/**
 * Pull requests that GitHub associates with a commit: open ones that contain it, and those that landed it. Empty for a
 * commit that GitHub does not know in this repository.
 */
export async function listPullsWith(
  client: Requests,
  name: RepositoryName,
  commit: Oid,
): Promise<readonly PullRequest[]> {
  try {
    return await client.list(
      'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      { ...inRepository(name), commit_sha: commit },
      z.array(pull),
      MOST_PULLS,
    );
  } catch (error) {
    if (error instanceof ForgeFailure && (error.status === 404 || error.status === 422)) return [];
    throw error;
  }
}

export interface Installation {
  readonly id: number;
  readonly suspended: boolean;
}

/** The installations of the app; the client must speak as the app. */
export async function listInstallations(client: Requests): Promise<readonly Installation[]> {
  const listed = await client.list(
    'GET /app/installations',
    {},
    z.array(z.object({ id: z.int().positive(), suspended_at: z.string().nullish() })),
    100_000,
  );
  return listed.map(({ id, suspended_at }) => ({ id, suspended: typeof suspended_at === 'string' }));
}

/** The repositories of the client's own installation. */
export function listRepositories(client: Requests): Promise<readonly RepositoryName[]> {
  const repository = z
    .object({ name: payload.repoName, owner: z.object({ login: payload.ownerName }) })
    .transform(({ name, owner }): RepositoryName => ({ owner: owner.login, repo: name }));
  return client.list(
    'GET /installation/repositories',
    {},
    z.object({ repositories: z.array(repository) }).transform(({ repositories }) => repositories),
    100_000,
  );
}
