import { z } from 'zod';
import type { StatementSource } from '../core/statement/extract.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Requests } from './client.ts';
import { inRepository, type PullRequest, type RepositoryName } from './pulls.ts';

/** Entries in one list of one pull request, and characters in all of them that are worth reading. */
const MOST_ENTRIES = 10_000;
export const MOST_TEXT = 64 * 1024 * 1024;

const entries = z.array(z.object({ id: z.int().positive(), body: z.string().nullish() }));

/**
 * Everything that people wrote on pull requests and that may hold a statement: descriptions, comments, reviews and
 * comments on lines, all pages. Who wrote it does not matter (trust.md). Throws `Unreadable`: a list that was cut could
 * lack somebody's "no".
 */
export async function readTexts(
  client: Requests,
  name: RepositoryName,
  pulls: readonly PullRequest[],
  most = MOST_TEXT,
): Promise<readonly StatementSource[]> {
  const sources: StatementSource[] = [];
  let characters = 0;
  const add = (from: string, text: string): void => {
    // Plain conversation is most of it, and holds nothing to extract.
    if (!text.includes('countersign: ') && !text.includes('-----BEGIN ')) return;
    characters += text.length;
    if (characters > most) {
      throw new Unreadable('list-cut', `more than ${MOST_TEXT} characters of statements`, { passing: false });
    }
    sources.push({ from, text });
  };
  for (const pull of pulls) {
    const { number } = pull;
    add(`the description of #${number}`, pull.description);
    for (const { what, route, parameter } of LISTS) {
      const asked = { ...inRepository(name), [parameter]: number };
      for (const { id, body } of await client.list(route, asked, entries, MOST_ENTRIES)) {
        add(`${what} ${id} in #${number}`, body ?? '');
      }
    }
  }
  return sources;
}

const LISTS = [
  {
    what: 'comment',
    route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    parameter: 'issue_number',
  },
  {
    what: 'review',
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    parameter: 'pull_number',
  },
  {
    what: 'review comment',
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
    parameter: 'pull_number',
  },
] as const;

const comment = z.object({
  id: z.int().positive(),
  html_url: z.string().max(1000),
  body: z.string().nullish(),
});

/**
 * Posts a comment on a pull request once, also where an answer got lost and the request is repeated. Gives its address.
 * Throws `ForgeFailure`.
 */
export async function postComment(
  client: Requests,
  name: RepositoryName,
  number: number,
  body: string,
): Promise<string> {
  // Clocks differ: an hour is enough for any, and still few comments.
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const route = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
  const place = { ...inRepository(name), issue_number: number };
  const posted = await client.request(`POST ${route}`, { ...place, body }, comment, {
    findDone: async () => {
      const asked = { ...place, since, per_page: 100 };
      const found = await client.request(
        `GET ${route}`,
        asked,
        z.array(z.looseObject({ body: z.string().nullish() })),
      );
      return found.find((one) => one.body?.replaceAll('\r', '') === body);
    },
  });
  return posted.html_url;
}
