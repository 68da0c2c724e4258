import { describeApp, describeInstallation, describeInstallationToken } from '../describe/app.ts';
import { describeDelivery } from '../describe/delivery.ts';
import { describeRepository } from '../describe/repository.ts';
import { redeliver } from '../deliveries.ts';
import { grants } from '../http/auth.ts';
import { appOf, idOf, listing, ok, page, tokenOf } from '../http/route.ts';
import type { Exchange, Routes } from '../http/route.ts';
import { objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Installation, Level, Permissions, Repository } from '../model.ts';
import { notFound, Refusal } from '../world.ts';
import { issueToken } from '../actions/installing.ts';

function installationAt(exchange: Exchange): Installation {
  const installation = exchange.world.installations.get(idOf(exchange, 'installation_id'));
  if (!installation || installation.app !== appOf(exchange)) throw notFound();
  return installation;
}

function wantedPermissions(installation: Installation, body: JsonObject): Permissions {
  const all = installation.app.permissions;
  const wanted = objectAt(body, 'permissions');
  if (!wanted) return all;
  const levels: Permissions = {};
  for (const [name, level] of Object.entries(wanted)) {
    if (!isLevel(level) || !grants(all, { permissions: [name], level })) {
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
    }
    levels[name] = level;
  }
  return levels;
}

function isLevel(value: unknown): value is Level {
  return value === 'read' || value === 'write' || value === 'admin';
}

function wantedRepositories(installation: Installation, body: JsonObject): Set<Repository> | undefined {
  const { repositories: names, repository_ids: ids } = body;
  if (!Array.isArray(names) && !Array.isArray(ids)) return undefined;
  const wanted = [...(Array.isArray(names) ? names : []), ...(Array.isArray(ids) ? ids : [])];
  const found = wanted.map((key) =>
    [...installation.repositories].find((r) => r.name === key || r.id === key),
  );
  if (found.some((repository) => !repository)) {
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return new Set(found.filter((repository) => repository !== undefined));
}

/** Deliveries are listed newest first; the cursor is the id after which to go on. */
function deliveriesPage(exchange: Exchange): { items: JsonObject[]; headers: Record<string, string> } {
  const { world, query, url } = exchange;
  const app = appOf(exchange);
  const status = query.get('status');
  const cursor = Number(query.get('cursor') ?? Infinity);
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const all = world.deliveries
    .filter((delivery) => delivery.app === app && delivery.statusCode !== 0 && delivery.id < cursor)
    .filter((delivery) => status === null || (status === 'success') === delivery.statusCode < 400)
    .sort((a, b) => b.id - a.id);
  const shown = all.slice(0, size);
  const last = shown.at(-1);
  if (!last || all.length <= size) return { items: shown.map(describeDelivery), headers: {} };
  const next = new URL(url);
  next.searchParams.set('cursor', String(last.id));
  return { items: shown.map(describeDelivery), headers: { link: `<${next.href}>; rel="next"` } };
}

export const appRoutes: Routes = {
  'GET /app': (exchange) => ok(describeApp(exchange.world, appOf(exchange))),

  'GET /app/installations': (exchange) => {
    const { world } = exchange;
    const app = appOf(exchange);
    const own = [...world.installations.values()].filter((installation) => installation.app === app);
    return listing(
      exchange,
      own.map((installation) => describeInstallation(world, installation)),
    );
  },

  'GET /app/installations/{installation_id}': (exchange) =>
    ok(describeInstallation(exchange.world, installationAt(exchange))),

  'POST /app/installations/{installation_id}/access_tokens': (exchange) => {
    const { world, body } = exchange;
    const installation = installationAt(exchange);
    if (installation.suspended) throw new Refusal(403, 'This installation has been suspended');
    const permissions = wantedPermissions(installation, body);
    const token = issueToken(world, installation, permissions, wantedRepositories(installation, body));
    return { status: 201, body: describeInstallationToken(world, token) };
  },

  'GET /app/hook/deliveries': (exchange) => {
    const { items, headers } = deliveriesPage(exchange);
    return { status: 200, body: items, headers };
  },

  'POST /app/hook/deliveries/{delivery_id}/attempts': (exchange) => {
    const { world } = exchange;
    const app = appOf(exchange);
    const id = idOf(exchange, 'delivery_id');
    if (!world.deliveries.some((delivery) => delivery.id === id && delivery.app === app)) throw notFound();
    void redeliver(world, id);
    return { status: 202, body: {} };
  },

  'GET /installation/repositories': (exchange) => {
    const token = tokenOf(exchange);
    const all = [...(token.repositories ?? token.installation.repositories)];
    const { items, headers } = page(exchange, all);
    const repositories = items.map((repository) => describeRepository(exchange.world, repository));
    const body = { total_count: all.length, repository_selection: 'selected', repositories };
    return { status: 200, body, headers };
  },

  'GET /repos/{owner}/{repo}/installation': (exchange) => {
    const { world, params } = exchange;
    const app = appOf(exchange);
    const name = `${params['owner'] ?? ''}/${params['repo'] ?? ''}`.toLowerCase();
    const repository = world.repositories.get(name);
    const found = [...world.installations.values()].find(
      (i) => i.app === app && repository && i.repositories.has(repository),
    );
    if (!found) throw notFound();
    return ok(describeInstallation(world, found));
  },

  'GET /rate_limit': ({ world }) => {
    const { used, reset } = world.rate;
    const core = { limit: 5000, used, remaining: Math.max(0, 5000 - used), reset };
    const search = { limit: 30, used: 0, remaining: 30, reset };
    return ok({ resources: { core, search }, rate: core });
  },
};
