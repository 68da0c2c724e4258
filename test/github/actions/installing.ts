import { randomBytes } from 'node:crypto';
import { describeInstallation, describeInstalledRepository } from '../describe/app.ts';
import { announceInstallation } from '../deliveries.ts';
import type { App, Installation, InstallationToken, Permissions, Repository, User } from '../model.ts';
import type { World } from '../world.ts';

/** Installs an app on one more repository of an account: the first makes the installation. */
export function install(world: World, app: App, repository: Repository, sender: User): Installation {
  const account = repository.owner;
  const existing = [...world.installations.values()].find((i) => i.app === app && i.account === account);
  const now = world.now();
  const shown = [describeInstalledRepository(repository)];
  if (!existing) {
    const repositories = new Set([repository]);
    const id = world.nextId();
    const made: Installation = {
      id,
      app,
      account,
      repositories,
      suspended: false,
      createdAt: now,
      updatedAt: now,
    };
    world.installations.set(id, made);
    const fields = { installation: describeInstallation(world, made), repositories: shown, requester: null };
    announceInstallation(world, made, { event: 'installation', action: 'created', sender, fields });
    return made;
  }
  if (existing.repositories.has(repository)) return existing;
  existing.repositories.add(repository);
  existing.updatedAt = now;
  announceRepositories(world, existing, 'added', repository, sender);
  return existing;
}

/** Takes a repository from an installation. */
export function uninstall(world: World, app: App, repository: Repository, sender: User): void {
  for (const installation of world.installations.values()) {
    if (installation.app !== app || !installation.repositories.delete(repository)) continue;
    installation.updatedAt = world.now();
    announceRepositories(world, installation, 'removed', repository, sender);
  }
}

function announceRepositories(
  world: World,
  installation: Installation,
  action: 'added' | 'removed',
  repository: Repository,
  sender: User,
): void {
  const shown = [describeInstalledRepository(repository)];
  const fields = {
    installation: describeInstallation(world, installation),
    repository_selection: 'selected',
    repositories_added: action === 'added' ? shown : [],
    repositories_removed: action === 'removed' ? shown : [],
    requester: null,
  };
  announceInstallation(world, installation, { event: 'installation_repositories', action, sender, fields });
}

/** An installation token: an hour, all of the app's permissions unless told less. */
export function issueToken(
  world: World,
  installation: Installation,
  permissions: Permissions = installation.app.permissions,
  repositories?: Set<Repository>,
): InstallationToken {
  const token = {
    token: `ghs_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`,
    installation,
    expiresAt: new Date(world.now().getTime() + 3_600_000),
    permissions: { ...permissions },
    repositories,
  };
  world.tokens.set(token.token, token);
  return token;
}
