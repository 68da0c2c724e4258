import type { JsonObject } from '../json.ts';
import type { Repository } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { instant, nodeId } from './names.ts';
import { describeOrganization, describeUser } from './user.ts';

const links = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

/** A `repository`, as lists, pull requests and payloads carry it. */
export function describeRepository(world: World, repository: Repository): JsonObject {
  const name = fullName(repository);
  const api = `${world.apiUrl}/repos/${name}`;
  const html = `${world.url}/${name}`;
  const forks = [...world.repositories.values()].filter((other) => other.parent === repository).length;
  const open = [...repository.pulls.values()].filter((pull) => pull.state === 'open').length;
  return {
    id: repository.id,
    node_id: nodeId('R_', repository.id),
    name: repository.name,
    full_name: name,
    private: repository.private,
    owner: describeUser(world, repository.owner),
    html_url: html,
    description: null,
    fork: repository.parent !== undefined,
    url: api,
    ...Object.fromEntries(Object.entries(links).map(([key, path]) => [key, api + path])),
    git_url: `git://${new URL(world.url).host}/${name}.git`,
    ssh_url: `git@${new URL(world.url).hostname}:${name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: 'Nix',
    license: null,
    size: 1,
    forks,
    forks_count: forks,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: open,
    open_issues_count: open,
    default_branch: repository.defaultBranch,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: instant(repository.pushedAt),
    created_at: instant(repository.createdAt),
    updated_at: instant(repository.pushedAt),
  };
}

/** A `full-repository`: what `GET /repos/{owner}/{repo}` answers. */
export function describeFullRepository(world: World, repository: Repository): JsonObject {
  const { parent, owner } = repository;
  return {
    ...describeRepository(world, repository),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    subscribers_count: 0,
    network_count: 0,
    ...(parent
      ? { parent: describeRepository(world, parent), source: describeRepository(world, parent) }
      : {}),
    ...(owner.type === 'Organization' ? { organization: describeUser(world, owner) } : {}),
  };
}

/** What every payload about a repository carries. */
export function describeContext(world: World, repository: Repository): JsonObject {
  const { owner } = repository;
  return {
    repository: describeRepository(world, repository),
    ...(owner.type === 'Organization' ? { organization: describeOrganization(world, owner) } : {}),
  };
}
