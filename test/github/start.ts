import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, issueToken, uninstall } from './actions/installing.ts';
import { createApp, createRepository, createUser, fork, signAppToken } from './accounts.ts';
import type { AppOptions } from './accounts.ts';
import { redeliver, track } from './deliveries.ts';
import type { DeliveryFault, RequestFault } from './faults.ts';
import { createWebFlow } from './git/web-flow.ts';
import type { WebFlow } from './git/web-flow.ts';
import { apiRoot, createGitHubServer } from './http/server.ts';
import type { App, Delivery, Repository } from './model.ts';
import { openRepository } from './repository.ts';
import type { RepositoryHandle } from './repository.ts';
import { createRestSchemas } from './schema/rest.ts';
import { createWebhookSchemas } from './schema/webhooks.ts';
import { findRepository, findUser } from './world.ts';
import type { World } from './world.ts';

export type { AppOptions, As, CheckView, CheckWish, DeliveryFault, RepositoryHandle, RequestFault };
import type { As, CheckView, CheckWish } from './repository.ts';

export type GitHub = Awaited<ReturnType<typeof startGitHub>>;

/** Starts a GitHub of its own on 127.0.0.1. `close` it in the end, after `assertClean`. */
export async function startGitHub({
  apps = [],
  users = [],
  deliveryTimeoutMs = 10_000,
}: { apps?: AppOptions[]; users?: string[]; deliveryTimeoutMs?: number } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'gh-'));
  const closing = new AbortController();
  let lastId = 1000;
  let webFlow: Promise<WebFlow> | undefined;
  const server = createGitHubServer(() => world);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const world: World = {
    url,
    apiUrl: url + apiRoot,
    directory,
    users: new Map(),
    apps: new Map(),
    repositories: new Map(),
    installations: new Map(),
    tokens: new Map(),
    deliveries: [],
    violations: [],
    pending: new Set(),
    changes: new EventEmitter(),
    faults: { requests: [], deliveries: [] },
    rest: createRestSchemas(),
    webhooks: createWebhookSchemas(),
    webFlow: () => (webFlow ??= createWebFlow()),
    requests: [],
    rate: { used: 0, reset: Math.floor(Date.now() / 1000) + 3600 },
    nextId: () => ++lastId,
    now: () => new Date(),
    deliveryTimeoutMs,
    closing: closing.signal,
  };
  world.changes.setMaxListeners(0);
  for (const login of users) createUser(world, login);
  for (const options of apps) createApp(world, options);

  const repositoryNamed = (owner: string, name: string): Repository => {
    const repository = findRepository(world, owner, name);
    if (!repository) throw new Error(`no repository \`${owner}/${name}\``);
    return repository;
  };
  const named = (name: string): Repository => {
    const [owner = '', rest = ''] = name.split('/');
    return repositoryNamed(owner, rest);
  };
  const appNamed = (slug: string): App => {
    const app = world.apps.get(slug);
    if (!app) throw new Error(`no app \`${slug}\``);
    return app;
  };

  return {
    url,
    apiUrl: world.apiUrl,
    port,
    /** What was wrong, by GitHub's own schemas, with what was sent and answered; empty is what a test wants. */
    violations: world.violations,
    assertClean(): void {
      if (world.violations.length === 0) return;
      throw new Error(`GitHub's schemas were violated:\n${world.violations.join('\n')}`);
    },
    /** Every API and git request so far. */
    requests: world.requests as readonly { method: string; path: string; status: number }[],

    /** Makes a person. They keep a `ghp_` token from the start. */
    createUser: (login: string): { login: string; id: number; token: string } => createUser(world, login),
    createOrganization: (login: string): { login: string; id: number } =>
      createUser(world, login, 'Organization'),
    user: (login: string): { login: string; id: number; token: string; email: string } =>
      findUser(world, login),
    createRepository: async (
      owner: string,
      name: string,
      options: { private?: boolean; defaultBranch?: string } = {},
    ): Promise<RepositoryHandle> =>
      openRepository(world, await createRepository(world, owner, name, options)),
    /** `repository` is `owner/name`. The fork has the parent's branches of that moment. */
    fork: async (repository: string, login: string): Promise<RepositoryHandle> =>
      openRepository(world, await fork(world, named(repository), login)),
    repository: (owner: string, name: string): RepositoryHandle =>
      openRepository(world, repositoryNamed(owner, name)),

    createApp: (options: AppOptions): void => {
      createApp(world, options);
    },
    app(slug: string) {
      const app = appNamed(slug);
      return {
        id: app.id,
        slug,
        clientId: app.clientId,
        /** PKCS#1 PEM, as GitHub's downloads. */
        privateKey: app.privateKey,
        webhookSecret: app.webhookSecret,
        botLogin: app.bot.login,
        setWebhookUrl(webhookUrl: string | undefined): void {
          app.webhookUrl = webhookUrl;
        },
        /** A JWT as the app would make it. */
        jwt: (): string => signAppToken(world, app),
        /** A new installation token for `owner/name`. */
        token(repository: string): string {
          const target = named(repository);
          const found = [...world.installations.values()].find(
            (i) => i.app === app && i.repositories.has(target),
          );
          if (!found) throw new Error(`\`${slug}\` is not installed on \`${repository}\``);
          return issueToken(world, found).token;
        },
      };
    },
    /** Installs an app on `owner/name`; gives the installation's id. */
    install: (slug: string, repository: string, who?: As): number => {
      const target = named(repository);
      return install(
        world,
        appNamed(slug),
        target,
        who?.as === undefined ? target.owner : findUser(world, who.as),
      ).id;
    },
    uninstall: (slug: string, repository: string, who?: As): void => {
      const target = named(repository);
      uninstall(
        world,
        appNamed(slug),
        target,
        who?.as === undefined ? target.owner : findUser(world, who.as),
      );
    },
    /** Makes installation tokens end now: one, or all. */
    expireTokens(token?: string): void {
      for (const each of world.tokens.values()) {
        if (token === undefined || each.token === token) each.expiresAt = new Date(0);
      }
    },

    deliveries: world.deliveries as readonly Delivery[],
    redeliver: (id: number): Promise<void> => redeliver(world, id),
    /** Resolves once no delivery is under way. Held ones (`reorder`) do not count. */
    async settled(): Promise<void> {
      while (world.pending.size > 0) await Promise.all(world.pending);
    },
    misbehave(rule: RequestFault): void {
      world.faults.requests.push({ rule, left: rule.times ?? 1 });
    },
    misdeliver(rule: DeliveryFault): void {
      const { lose = 0, duplicate = 0 } = rule;
      world.faults.deliveries.push({ rule, lose, duplicate, held: [] });
    },
    /** Ends all misbehaviour; what was held is sent now. */
    behave(): void {
      const held = world.faults.deliveries.flatMap((fault) => fault.held);
      world.faults.requests.length = 0;
      world.faults.deliveries.length = 0;
      for (const start of held) void track(world, start());
    },

    /** The key that signs what this GitHub commits, as somebody has it who works there. */
    webFlow: (): Promise<WebFlow> => world.webFlow(),
    async close(): Promise<void> {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(world.pending);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
