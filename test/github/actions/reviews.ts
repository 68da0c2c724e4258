import { describeReview } from '../describe/review.ts';
import { describeSimplePull } from '../describe/pull-request.ts';
import { announce } from '../deliveries.ts';
import type { JsonObject } from '../json.ts';
import type { PullRequest, Review, User } from '../model.ts';
import { notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { requireCommit } from './pulls.ts';

export type ReviewEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';

export interface NewReview {
  event?: ReviewEvent | undefined;
  body?: string | undefined;
  commitId?: string | undefined;
  comments?: { path: string; line: number; body: string }[] | undefined;
}

const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;

function announceReview(
  world: World,
  review: Review,
  action: string,
  sender: User,
  extra: JsonObject = {},
): void {
  const fields = {
    review: describeReview(world, review, 'small'),
    pull_request: describeSimplePull(world, review.pull),
    ...extra,
  };
  announce(world, review.pull.repository, { event: 'pull_request_review', action, sender, fields });
}

/** Without an event the review stays pending, unseen by others. */
export async function addReview(
  world: World,
  pull: PullRequest,
  wanted: NewReview,
  user: User,
): Promise<Review> {
  const { event } = wanted;
  const body = wanted.body ?? '';
  if (pull.user === user && event !== undefined && event !== 'COMMENT') {
    const verb = event === 'APPROVE' ? 'approve' : 'request changes on';
    throw new Refusal(422, `Can not ${verb} your own pull request`);
  }
  if (event !== undefined && event !== 'APPROVE' && body === '' && (wanted.comments ?? []).length === 0) {
    throw new Refusal(422, `Body can't be blank`);
  }
  if (wanted.commitId !== undefined) await requireCommit(pull.repository, wanted.commitId);
  const review: Review = {
    id: world.nextId(),
    pull,
    user,
    body,
    state: event === undefined ? 'PENDING' : states[event],
    commitId: wanted.commitId ?? pull.head.sha,
    submittedAt: world.now(),
    comments: [],
  };
  for (const { path, line, body: text } of wanted.comments ?? []) {
    review.comments.push({ id: world.nextId(), review, path, line, body: text, createdAt: world.now() });
  }
  pull.reviews.push(review);
  pull.updatedAt = world.now();
  if (event !== undefined) announceReview(world, review, 'submitted', user);
  return review;
}

export function findReview(pull: PullRequest, id: number): Review {
  const review = pull.reviews.find((each) => each.id === id);
  if (!review) throw notFound();
  return review;
}

export function editReview(world: World, review: Review, body: string, sender: User): void {
  const changes = { body: { from: review.body } };
  review.body = body;
  announceReview(world, review, 'edited', sender, { changes });
}

export function dismissReview(world: World, review: Review, sender: User): void {
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw new Refusal(422, 'Can not dismiss a commented pull request review');
  }
  review.state = 'DISMISSED';
  announceReview(world, review, 'dismissed', sender);
}
