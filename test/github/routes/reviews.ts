import { addReview, dismissReview, editReview, findReview } from '../actions/reviews.ts';
import type { ReviewEvent } from '../actions/reviews.ts';
import { describeReview } from '../describe/review.ts';
import { actingUser, mayWrite } from '../http/auth.ts';
import { idOf, listing, ok, repositoryOf } from '../http/route.ts';
import type { Exchange, Routes } from '../http/route.ts';
import { integerAt, objectsAt, textAt } from '../json.ts';
import type { Level, PullRequest } from '../model.ts';
import { findPull, Refusal } from '../world.ts';

function pullAt(exchange: Exchange, level: Level = 'read'): PullRequest {
  return findPull(repositoryOf(exchange, 'pull_requests', level), idOf(exchange, 'pull_number'));
}

function isEvent(text: string | undefined): text is ReviewEvent {
  return text === 'APPROVE' || text === 'REQUEST_CHANGES' || text === 'COMMENT';
}

export const reviewRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (exchange) => {
    const { world, actor } = exchange;
    const seen = pullAt(exchange).reviews.filter(
      (review) => review.state !== 'PENDING' || (actor.kind === 'user' && actor.user === review.user),
    );
    return listing(
      exchange,
      seen.map((review) => describeReview(world, review)),
    );
  },

  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': async (exchange) => {
    const { world, body, actor } = exchange;
    const event = textAt(body, 'event');
    const comments = objectsAt(body, 'comments').map((comment) => ({
      path: textAt(comment, 'path') ?? '',
      line: integerAt(comment, 'line') ?? 1,
      body: textAt(comment, 'body') ?? '',
    }));
    const wanted = {
      event: isEvent(event) ? event : undefined,
      body: textAt(body, 'body'),
      commitId: textAt(body, 'commit_id'),
      comments,
    };
    const review = await addReview(world, pullAt(exchange, 'write'), wanted, actingUser(actor));
    return ok(describeReview(world, review));
  },

  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': (exchange) => {
    const { world, body, actor } = exchange;
    const review = findReview(pullAt(exchange, 'write'), idOf(exchange, 'review_id'));
    if (review.user !== actingUser(actor)) throw new Refusal(403, 'Must be the author of the review.');
    editReview(world, review, textAt(body, 'body') ?? '', actingUser(actor));
    return ok(describeReview(world, review));
  },

  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals': (exchange) => {
    const { world, actor } = exchange;
    const pull = pullAt(exchange, 'write');
    const review = findReview(pull, idOf(exchange, 'review_id'));
    if (actor.kind === 'user' && !mayWrite(pull.repository, actor.user)) {
      throw new Refusal(403, 'Must have push access to repository.');
    }
    dismissReview(world, review, actingUser(actor));
    return ok(describeReview(world, review));
  },
};
