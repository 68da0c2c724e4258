import type { JsonObject } from '../json.ts';
import type { Repository, User } from '../model.ts';
import type { World } from '../world.ts';
import { nodeId } from './names.ts';

/** A `simple-user`. */
export function describeUser(world: World, user: User): JsonObject {
  const login = encodeURIComponent(user.login);
  const api = `${world.apiUrl}/users/${login}`;
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('U_', user.id),
    avatar_url: `${world.url}/avatars/u/${user.id}?v=4`,
    gravatar_id: '',
    url: api,
    html_url: user.type === 'Bot' ? `${world.url}/apps/${login}` : `${world.url}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    site_admin: false,
  };
}

/** An `organization-simple`, as payloads carry it beside a repository of an organisation. */
export function describeOrganization(world: World, user: User): JsonObject {
  const api = `${world.apiUrl}/orgs/${user.login}`;
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('O_', user.id),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${user.id}?v=4`,
    description: null,
  };
}

export function authorAssociation(repository: Repository, user: User): string {
  if (repository.owner === user) return 'OWNER';
  if (!repository.writers.has(user.login)) return 'CONTRIBUTOR';
  return repository.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
}
