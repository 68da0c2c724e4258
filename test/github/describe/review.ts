import type { JsonObject } from '../json.ts';
import type { Review, ReviewComment } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { instant, nodeId } from './names.ts';
import { pullApiUrl, pullHtmlUrl } from './pull-request.ts';
import { authorAssociation, describeUser } from './user.ts';

/** A `pull-request-review`. REST prints the state in capitals, webhooks in small letters. */
export function describeReview(
  world: World,
  review: Review,
  letters: 'capitals' | 'small' = 'capitals',
): JsonObject {
  const html = `${pullHtmlUrl(world, review.pull)}#pullrequestreview-${review.id}`;
  const pullUrl = pullApiUrl(world, review.pull);
  return {
    id: review.id,
    node_id: nodeId('PRR_', review.id),
    user: describeUser(world, review.user),
    body: review.body,
    state: letters === 'capitals' ? review.state : review.state.toLowerCase(),
    html_url: html,
    pull_request_url: pullUrl,
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: instant(review.submittedAt),
    ...(letters === 'small' ? { updated_at: instant(review.submittedAt) } : {}),
    commit_id: review.commitId,
    author_association: authorAssociation(review.pull.repository, review.user),
  };
}

/** A `pull-request-review-comment`. */
export function describeReviewComment(world: World, comment: ReviewComment): JsonObject {
  const { review } = comment;
  const { pull } = review;
  const url = `${world.apiUrl}/repos/${fullName(pull.repository)}/pulls/comments/${comment.id}`;
  const html = `${pullHtmlUrl(world, pull)}#discussion_r${comment.id}`;
  const pullUrl = pullApiUrl(world, pull);
  return {
    url,
    id: comment.id,
    node_id: nodeId('PRRC_', comment.id),
    pull_request_review_id: review.id,
    diff_hunk: '',
    path: comment.path,
    line: comment.line,
    original_line: comment.line,
    side: 'RIGHT',
    commit_id: review.commitId,
    original_commit_id: review.commitId,
    user: describeUser(world, review.user),
    body: comment.body,
    created_at: instant(comment.createdAt),
    updated_at: instant(comment.createdAt),
    html_url: html,
    pull_request_url: pullUrl,
    author_association: authorAssociation(pull.repository, review.user),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
  };
}
