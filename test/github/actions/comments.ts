import { describeComment, describeIssue } from '../describe/comment.ts';
import { announce } from '../deliveries.ts';
import type { JsonObject } from '../json.ts';
import type { App, IssueComment, PullRequest, Repository, User } from '../model.ts';
import { notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';

function announceComment(
  world: World,
  comment: IssueComment,
  action: string,
  sender: User,
  extra: JsonObject = {},
): void {
  const fields = {
    comment: describeComment(world, comment),
    issue: describeIssue(world, comment.pull),
    ...extra,
  };
  announce(world, comment.pull.repository, { event: 'issue_comment', action, sender, fields });
}

/** GitHub takes 65,536 characters. */
function requireBody(body: string): void {
  const error = { resource: 'IssueComment', field: 'body' };
  if (body.trim() === '') throw new Refusal(422, 'Validation Failed', [{ ...error, code: 'missing_field' }]);
  if (body.length <= 65_536) return;
  const message = 'body is too long (maximum is 65536 characters)';
  throw new Refusal(422, 'Validation Failed', [{ ...error, code: 'custom', message }]);
}

export function addComment(
  world: World,
  pull: PullRequest,
  body: string,
  user: User,
  app?: App,
): IssueComment {
  requireBody(body);
  const now = world.now();
  const comment = { id: world.nextId(), pull, user, app, body, createdAt: now, updatedAt: now };
  pull.repository.comments.set(comment.id, comment);
  pull.updatedAt = now;
  announceComment(world, comment, 'created', user);
  return comment;
}

export function findComment(repository: Repository, id: number): IssueComment {
  const comment = repository.comments.get(id);
  if (!comment) throw notFound();
  return comment;
}

export function editComment(world: World, comment: IssueComment, body: string, sender: User): void {
  requireBody(body);
  const changes = { body: { from: comment.body } };
  comment.body = body;
  comment.updatedAt = world.now();
  announceComment(world, comment, 'edited', sender, { changes });
}

export function deleteComment(world: World, comment: IssueComment, sender: User): void {
  comment.pull.repository.comments.delete(comment.id);
  announceComment(world, comment, 'deleted', sender);
}
