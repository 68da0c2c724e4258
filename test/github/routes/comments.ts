import { addComment, deleteComment, editComment, findComment } from '../actions/comments.ts';
import { describeComment } from '../describe/comment.ts';
import { actingUser, mayWrite } from '../http/auth.ts';
import { idOf, listing, ok, repositoryOf } from '../http/route.ts';
import type { Exchange, Routes } from '../http/route.ts';
import { textAt } from '../json.ts';
import type { IssueComment, Level, PullRequest } from '../model.ts';
import { findPull, Refusal } from '../world.ts';

/** Either permission is enough for a comment on a pull request. */
const either = ['issues', 'pull_requests'];

function pullAt(exchange: Exchange, level: Level): PullRequest {
  return findPull(repositoryOf(exchange, either, level), idOf(exchange, 'issue_number'));
}

/** A comment that the actor may change: their own, or any with write access. */
function ownComment(exchange: Exchange): IssueComment {
  const repository = repositoryOf(exchange, either, 'write');
  const comment = findComment(repository, idOf(exchange, 'comment_id'));
  const user = actingUser(exchange.actor);
  if (comment.user !== user && !(user.type === 'Bot' || mayWrite(repository, user))) {
    throw new Refusal(403, 'Must have admin rights to Repository.');
  }
  return comment;
}

export const commentRoutes: Routes = {
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (exchange) => {
    const { world, query } = exchange;
    const pull = pullAt(exchange, 'read');
    const since = new Date(query.get('since') ?? 0);
    const found = [...pull.repository.comments.values()].filter(
      (comment) => comment.pull === pull && comment.updatedAt >= since,
    );
    return listing(
      exchange,
      found.map((comment) => describeComment(world, comment)),
    );
  },

  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': (exchange) => {
    const { world, body, actor } = exchange;
    const pull = pullAt(exchange, 'write');
    const app = actor.kind === 'installation' ? actor.token.installation.app : undefined;
    const comment = addComment(world, pull, textAt(body, 'body') ?? '', actingUser(actor), app);
    return { status: 201, body: describeComment(world, comment) };
  },

  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': (exchange) => {
    const repository = repositoryOf(exchange, either);
    return ok(describeComment(exchange.world, findComment(repository, idOf(exchange, 'comment_id'))));
  },

  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (exchange) => {
    const { world, body, actor } = exchange;
    const comment = ownComment(exchange);
    editComment(world, comment, textAt(body, 'body') ?? '', actingUser(actor));
    return ok(describeComment(world, comment));
  },

  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': (exchange) => {
    deleteComment(exchange.world, ownComment(exchange), actingUser(exchange.actor));
    return { status: 204 };
  },
};
