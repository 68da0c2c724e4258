import type { EventEmitter } from 'node:events';
import type { Faults } from './faults.ts';
import type { WebFlow } from './git/web-flow.ts';
import type {
  App,
  CheckRun,
  Delivery,
  Installation,
  InstallationToken,
  PullRequest,
  Repository,
  User,
} from './model.ts';
import type { RestSchemas } from './schema/rest.ts';
import type { WebhookSchemas } from './schema/webhooks.ts';

/** One GitHub: everything that its parts share. */
export interface World {
  url: string;
  apiUrl: string;
  directory: string;
  users: Map<string, User>;
  apps: Map<string, App>;
  repositories: Map<string, Repository>;
  installations: Map<number, Installation>;
  tokens: Map<string, InstallationToken>;
  deliveries: Delivery[];
  violations: string[];
  /** Deliveries and the work behind them, until done. */
  pending: Set<Promise<unknown>>;
  changes: EventEmitter<{ check: [CheckRun] }>;
  faults: Faults;
  rest: RestSchemas;
  webhooks: WebhookSchemas;
  webFlow(): Promise<WebFlow>;
  requests: { method: string; path: string; status: number }[];
  rate: { used: number; reset: number };
  /** Ids count up from 1001, so that runs repeat. */
  nextId(): number;
  now(): Date;
  /** GitHub gives an app ten seconds to answer. */
  deliveryTimeoutMs: number;
  /** Aborted when this GitHub closes. */
  closing: AbortSignal;
}

/** An answer of GitHub's that is an error. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: { resource: string; field: string; code: string; message?: string }[] | undefined;
  constructor(status: number, message: string, errors?: Refusal['errors']) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

export function findUser(world: World, login: string): User {
  const user = world.users.get(login.toLowerCase());
  if (!user) throw new Error(`no user \`${login}\`: create it first`);
  return user;
}

export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  return world.repositories.get(`${owner}/${name}`.toLowerCase());
}

export function findPull(repository: Repository, number: number): PullRequest {
  const pull = repository.pulls.get(number);
  if (!pull) throw notFound();
  return pull;
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

/** Installations of any app that cover the repository. */
export function installationsOf(world: World, repository: Repository): Installation[] {
  return [...world.installations.values()].filter((i) => i.repositories.has(repository) && !i.suspended);
}

/** One change of refs at a time in a network. Not to be nested. */
export async function inTurn<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
  const { network } = repository;
  const result = network.queue.then(work);
  network.queue = result.then(
    () => undefined,
    () => undefined,
  );
  return await result;
}
