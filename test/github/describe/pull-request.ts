import type { JsonObject } from '../json.ts';
import type { PullRequest, Repository } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { instant, nodeId } from './names.ts';
import { describeRepository } from './repository.ts';
import { authorAssociation, describeUser } from './user.ts';

export function pullApiUrl(world: World, pull: PullRequest): string {
  return `${world.apiUrl}/repos/${fullName(pull.repository)}/pulls/${pull.number}`;
}

export function pullHtmlUrl(world: World, pull: PullRequest): string {
  return `${world.url}/${fullName(pull.repository)}/pull/${pull.number}`;
}

function describeEnd(world: World, repository: Repository, ref: string, sha: string): JsonObject {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: describeUser(world, repository.owner),
    repo: describeRepository(world, repository),
  };
}

/** A `pull-request-simple`, as lists and some payloads carry it. */
export function describeSimplePull(world: World, pull: PullRequest): JsonObject {
  const api = pullApiUrl(world, pull);
  const html = pullHtmlUrl(world, pull);
  const repositoryApi = `${world.apiUrl}/repos/${fullName(pull.repository)}`;
  const issue = `${repositoryApi}/issues/${pull.number}`;
  const statuses = `${repositoryApi}/statuses/${pull.head.sha}`;
  return {
    url: api,
    id: pull.id,
    node_id: nodeId('PR_', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    review_comment_url: `${repositoryApi}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    active_lock_reason: null,
    title: pull.title,
    user: describeUser(world, pull.user),
    body: pull.body,
    labels: [],
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: instant(pull.createdAt),
    updated_at: instant(pull.updatedAt),
    closed_at: pull.closedAt ? instant(pull.closedAt) : null,
    merged_at: pull.mergedAt ? instant(pull.mergedAt) : null,
    merge_commit_sha: pull.mergeCommitSha,
    draft: pull.draft,
    head: describeEnd(world, pull.head.repository, pull.head.ref, pull.head.sha),
    base: describeEnd(world, pull.repository, pull.base.ref, pull.base.sha),
    _links: {
      self: { href: api },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${api}/comments` },
      review_comment: { href: `${repositoryApi}/pulls/comments{/number}` },
      commits: { href: `${api}/commits` },
      statuses: { href: statuses },
    },
    author_association: authorAssociation(pull.repository, pull.user),
    auto_merge: null,
  };
}

/** A whole `pull-request`. `mergeableState` is GitHub's word: clean, blocked, dirty, draft or unknown. */
export function describePull(world: World, pull: PullRequest, mergeableState = 'unknown'): JsonObject {
  const comments = [...pull.repository.comments.values()].filter((comment) => comment.pull === pull).length;
  const merged = pull.mergedAt !== undefined;
  return {
    ...describeSimplePull(world, pull),
    merged,
    mergeable: merged || pull.state === 'closed' || mergeableState === 'unknown' ? null : !pull.conflict,
    rebaseable: null,
    mergeable_state: mergeableState,
    merged_by: pull.mergedBy ? describeUser(world, pull.mergedBy) : null,
    comments,
    review_comments: pull.reviews.reduce((sum, review) => sum + review.comments.length, 0),
    maintainer_can_modify: false,
    commits: pull.size.commits,
    additions: pull.size.additions,
    deletions: pull.size.deletions,
    changed_files: pull.size.files,
  };
}

/** A `pull-request-minimal`, as check runs carry it. */
export function describeMinimalPull(world: World, pull: PullRequest): JsonObject {
  const end = (repository: Repository, ref: string, sha: string): JsonObject => ({
    ref,
    sha,
    repo: {
      id: repository.id,
      url: `${world.apiUrl}/repos/${fullName(repository)}`,
      name: repository.name,
    },
  });
  return {
    url: pullApiUrl(world, pull),
    id: pull.id,
    number: pull.number,
    head: end(pull.head.repository, pull.head.ref, pull.head.sha),
    base: end(pull.repository, pull.base.ref, pull.base.sha),
  };
}
