import { mergeableState } from '../actions/mergeability.ts';
import { mergePull } from '../actions/merging.ts';
import type { MergeMethod, MergeWish } from '../actions/merging.ts';
import { editPull, finishPull, openPull, reopenPull } from '../actions/pulls.ts';
import { describePull, describeSimplePull } from '../describe/pull-request.ts';
import { describeReviewComment } from '../describe/review.ts';
import { hasCommit, isAncestor } from '../git/commit.ts';
import { actingUser } from '../http/auth.ts';
import { idOf, listing, ok, repositoryOf } from '../http/route.ts';
import type { Exchange, Routes } from '../http/route.ts';
import { textAt } from '../json.ts';
import type { PullRequest, Repository } from '../model.ts';
import { findPull, inTurn, Refusal } from '../world.ts';

function pullAt(exchange: Exchange, repository: Repository): PullRequest {
  return findPull(repository, idOf(exchange, 'pull_number'));
}

function describe(
  exchange: Exchange,
  pull: PullRequest,
  status = 200,
): { status: number; body: ReturnType<typeof describePull> } {
  return { status, body: describePull(exchange.world, pull, mergeableState(pull)) };
}

function sorted(exchange: Exchange, pulls: PullRequest[]): PullRequest[] {
  const { query } = exchange;
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const up = (query.get('direction') ?? (query.has('sort') ? 'asc' : 'desc')) === 'asc' ? 1 : -1;
  return pulls.sort((a, b) => up * (a[key].getTime() - b[key].getTime() || a.number - b.number));
}

/** Open pull requests with the commit in them, and the one that landed it. */
async function isAssociated(pull: PullRequest, sha: string): Promise<boolean> {
  if (pull.head.sha === sha || (pull.mergedAt && pull.mergeCommitSha === sha)) return true;
  const { gitDir } = pull.repository;
  if (!(await isAncestor(gitDir, sha, pull.head.sha))) return false;
  return !(await isAncestor(gitDir, sha, pull.base.sha));
}

function isMethod(text: string | undefined): text is MergeMethod {
  return text === 'merge' || text === 'squash' || text === 'rebase';
}

export const pullRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls': (exchange) => {
    const { world, query } = exchange;
    const repository = repositoryOf(exchange, 'pull_requests');
    const state = query.get('state') ?? 'open';
    const base = query.get('base');
    const head = query.get('head');
    const found = [...repository.pulls.values()].filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (base === null || pull.base.ref === base) &&
        // GitHub ignores a head without an owner.
        (!head?.includes(':') || `${pull.head.repository.owner.login}:${pull.head.ref}` === head),
    );
    return listing(
      exchange,
      sorted(exchange, found).map((pull) => describeSimplePull(world, pull)),
    );
  },

  'POST /repos/{owner}/{repo}/pulls': async (exchange) => {
    const { world, body, actor } = exchange;
    const repository = repositoryOf(exchange, 'pull_requests', 'write');
    const wanted = {
      head: textAt(body, 'head') ?? '',
      base: textAt(body, 'base') ?? '',
      title: textAt(body, 'title') ?? '',
      body: textAt(body, 'body'),
      draft: body['draft'] === true,
    };
    const pull = await inTurn(repository, () => openPull(world, repository, wanted, actingUser(actor)));
    return describe(exchange, pull, 201);
  },

  'GET /repos/{owner}/{repo}/pulls/{pull_number}': (exchange) =>
    describe(exchange, pullAt(exchange, repositoryOf(exchange, 'pull_requests'))),

  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': async (exchange) => {
    const { world, body, actor } = exchange;
    const repository = repositoryOf(exchange, 'pull_requests', 'write');
    const pull = pullAt(exchange, repository);
    const user = actingUser(actor);
    const state = textAt(body, 'state');
    await inTurn(repository, async () => {
      if (state === 'open') await reopenPull(world, pull, user);
      const {
        title,
        body: text,
        base,
      } = { title: textAt(body, 'title'), body: textAt(body, 'body'), base: textAt(body, 'base') };
      await editPull(world, pull, { title, body: text, base }, user);
      if (state === 'closed') finishPull(world, pull, user);
    });
    return describe(exchange, pull);
  },

  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge': async (exchange) => {
    const { world, body, actor } = exchange;
    const repository = repositoryOf(exchange, 'contents', 'write');
    const pull = pullAt(exchange, repository);
    const method = textAt(body, 'merge_method');
    const wish: MergeWish = {
      method: isMethod(method) ? method : 'merge',
      sha: textAt(body, 'sha'),
      title: textAt(body, 'commit_title'),
      message: textAt(body, 'commit_message'),
    };
    const sha = await inTurn(repository, () => mergePull(world, pull, wish, actingUser(actor)));
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
  },

  'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments': (exchange) => {
    const pull = pullAt(exchange, repositoryOf(exchange, 'pull_requests'));
    const comments = pull.reviews.flatMap((review) => (review.state === 'PENDING' ? [] : review.comments));
    return listing(
      exchange,
      comments.map((comment) => describeReviewComment(exchange.world, comment)),
    );
  },

  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': async (exchange) => {
    const { world, params } = exchange;
    const repository = repositoryOf(exchange, 'pull_requests');
    const sha = params['commit_sha'] ?? '';
    if (!(await hasCommit(repository.gitDir, sha))) throw new Refusal(422, `No commit found for SHA: ${sha}`);
    const found: PullRequest[] = [];
    for (const pull of repository.pulls.values()) if (await isAssociated(pull, sha)) found.push(pull);
    return listing(
      exchange,
      found.map((pull) => describeSimplePull(world, pull)),
    );
  },
};
