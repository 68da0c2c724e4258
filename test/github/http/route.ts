import type { Json, JsonObject } from '../json.ts';
import type { Actor, App, InstallationToken, Repository } from '../model.ts';
import { findRepository, notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { authorize } from './auth.ts';
import type { Need } from './auth.ts';

export interface Exchange {
  world: World;
  actor: Actor;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Empty when the request had none. */
  body: JsonObject;
  /** Path and query as asked for, for links to other pages. */
  url: URL;
}

export interface Reply {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
}

export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

/** Handlers by the operation's name in GitHub's description, such as `GET /repos/{owner}/{repo}`. */
export type Routes = Record<string, Handler>;

export function ok(body: Json): Reply {
  return { status: 200, body };
}

/** The repository of the path, once the actor is seen to hold the permission. */
export function repositoryOf(
  exchange: Exchange,
  permission: string | string[],
  level: Need['level'] = 'read',
): Repository {
  const { world, actor, params } = exchange;
  const repository = findRepository(world, params['owner'] ?? '', params['repo'] ?? '');
  if (!repository) throw notFound();
  authorize(actor, repository, { permissions: [permission].flat(), level });
  return repository;
}

export function idOf(exchange: Exchange, name: string): number {
  const id = Number(exchange.params[name]);
  if (!Number.isSafeInteger(id)) throw notFound();
  return id;
}

export function appOf(exchange: Exchange): App {
  if (exchange.actor.kind === 'app') return exchange.actor.app;
  throw new Refusal(401, 'A JSON web token could not be decoded');
}

export function tokenOf(exchange: Exchange): InstallationToken {
  if (exchange.actor.kind === 'installation') return exchange.actor.token;
  throw new Refusal(
    403,
    'You must authenticate with an installation access token in order to list repositories for an installation.',
  );
}

/** One page of a list (30 a page, at most 100) and the `Link` header to the others. */
export function page<T>(exchange: Exchange, items: T[]): { items: T[]; headers: Record<string, string> } {
  const { query, url } = exchange;
  const size = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 30) || 30));
  const current = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (number: number, name: string): string => {
    const target = new URL(url);
    target.searchParams.set('page', String(number));
    return `<${target.href}>; rel="${name}"`;
  };
  const links = [
    ...(current > 1 ? [link(current - 1, 'prev')] : []),
    ...(current < last ? [link(current + 1, 'next'), link(last, 'last')] : []),
    ...(current > 1 ? [link(1, 'first')] : []),
  ];
  const from = (current - 1) * size;
  return {
    items: items.slice(from, from + size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
}

export function listing(exchange: Exchange, items: JsonObject[]): Reply {
  const { items: shown, headers } = page(exchange, items);
  return { status: 200, body: shown, headers };
}
