import type { JsonObject } from '../json.ts';
import type { App, Installation, InstallationToken, Repository } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { instant, nodeId } from './names.ts';
import { describeRepository } from './repository.ts';
import { describeUser } from './user.ts';

/** An `integration`: a GitHub App. */
export function describeApp(world: World, app: App): JsonObject {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('A_', app.id),
    owner: describeUser(world, app.owner),
    name: app.name,
    description: '',
    external_url: `${world.url}/apps/${app.slug}`,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: instant(app.createdAt),
    updated_at: instant(app.createdAt),
    permissions: { ...app.permissions },
    events: [...app.events],
  };
}

export function describeInstallation(world: World, installation: Installation): JsonObject {
  const { app, account } = installation;
  return {
    id: installation.id,
    client_id: app.clientId,
    account: describeUser(world, account),
    repository_selection: 'selected',
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: { ...app.permissions },
    events: [...app.events],
    created_at: instant(installation.createdAt),
    updated_at: instant(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

export function describeInstallationToken(world: World, token: InstallationToken): JsonObject {
  return {
    token: token.token,
    expires_at: instant(token.expiresAt),
    permissions: { ...token.permissions },
    repository_selection: 'selected',
    ...(token.repositories
      ? { repositories: [...token.repositories].map((repository) => describeRepository(world, repository)) }
      : {}),
  };
}

/** The short form in `installation` and `installation_repositories` payloads. */
export function describeInstalledRepository(repository: Repository): JsonObject {
  return {
    id: repository.id,
    node_id: nodeId('R_', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
  };
}
