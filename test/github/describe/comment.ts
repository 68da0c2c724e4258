import type { JsonObject } from '../json.ts';
import type { IssueComment, PullRequest } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { describeApp } from './app.ts';
import { instant, nodeId } from './names.ts';
import { pullApiUrl, pullHtmlUrl } from './pull-request.ts';
import { authorAssociation, describeUser } from './user.ts';

function describeReactions(url: string): JsonObject {
  const counts = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url: `${url}/reactions`, total_count: 0, ...counts };
}

/** An `issue-comment`: what stands in a pull request's conversation. */
export function describeComment(world: World, comment: IssueComment): JsonObject {
  const repository = `${world.apiUrl}/repos/${fullName(comment.pull.repository)}`;
  const url = `${repository}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${pullHtmlUrl(world, comment.pull)}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${comment.pull.number}`,
    id: comment.id,
    node_id: nodeId('IC_', comment.id),
    user: describeUser(world, comment.user),
    created_at: instant(comment.createdAt),
    updated_at: instant(comment.updatedAt),
    author_association: authorAssociation(comment.pull.repository, comment.user),
    body: comment.body,
    reactions: describeReactions(url),
    performed_via_github_app: comment.app ? describeApp(world, comment.app) : null,
  };
}

/** The issue that every pull request also is, in `issue_comment` payloads. */
export function describeIssue(world: World, pull: PullRequest): JsonObject {
  const repository = `${world.apiUrl}/repos/${fullName(pull.repository)}`;
  const url = `${repository}/issues/${pull.number}`;
  const html = pullHtmlUrl(world, pull);
  return {
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: html,
    id: pull.issueId,
    node_id: nodeId('PR_', pull.id),
    number: pull.number,
    title: pull.title,
    user: describeUser(world, pull.user),
    labels: [],
    state: pull.state,
    state_reason: null,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...pull.repository.comments.values()].filter((comment) => comment.pull === pull).length,
    created_at: instant(pull.createdAt),
    updated_at: instant(pull.updatedAt),
    closed_at: pull.closedAt ? instant(pull.closedAt) : null,
    author_association: authorAssociation(pull.repository, pull.user),
    draft: pull.draft,
    body: pull.body,
    reactions: describeReactions(url),
    performed_via_github_app: null,
    pull_request: {
      url: pullApiUrl(world, pull),
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: pull.mergedAt ? instant(pull.mergedAt) : null,
    },
  };
}
