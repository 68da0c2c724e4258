import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { describeContext } from './describe/repository.ts';
import { nodeId } from './describe/names.ts';
import { describeUser } from './describe/user.ts';
import type { JsonObject } from './json.ts';
import type { App, Delivery, Installation, Repository, User } from './model.ts';
import { installationsOf } from './world.ts';
import type { World } from './world.ts';

export interface Occurrence {
  event: string;
  action: string | undefined;
  sender: User;
  fields: JsonObject;
}

/** Tells an occurrence in a repository to the apps that cover it and subscribed, or to `only` one of them. */
export function announce(world: World, repository: Repository, what: Occurrence, only?: App): void {
  for (const installation of installationsOf(world, repository)) {
    const { app } = installation;
    if (only ? only !== app : !app.events.includes(what.event)) continue;
    const payload = { ...head(world, what), ...describeContext(world, repository), ...tail(installation) };
    deliver(world, app, what, payload, installation, repository);
  }
}

/** Tells an app about its own installation: sent whether subscribed or not. */
export function announceInstallation(world: World, installation: Installation, what: Occurrence): void {
  deliver(world, installation.app, what, head(world, what), installation, undefined);
}

function head(world: World, what: Occurrence): JsonObject {
  return {
    ...(what.action === undefined ? {} : { action: what.action }),
    ...what.fields,
    sender: describeUser(world, what.sender),
  };
}

function tail(installation: Installation): JsonObject {
  return { installation: { id: installation.id, node_id: nodeId('MDIz', installation.id) } };
}

function deliver(
  world: World,
  app: App,
  what: Occurrence,
  payload: JsonObject,
  installation: Installation,
  repository: Repository | undefined,
): void {
  const problems = world.webhooks.problems(what.event, what.action, payload);
  const name = [what.event, what.action].filter((part) => part !== undefined).join('.');
  world.violations.push(...problems.map((problem) => `payload of ${name}: ${problem}`));
  const delivery: Delivery = {
    id: world.nextId(),
    guid: randomUUID(),
    app,
    event: what.event,
    action: what.action,
    installationId: installation.id,
    repositoryId: repository?.id,
    body: JSON.stringify(payload),
    deliveredAt: world.now(),
    redelivery: false,
    seconds: 0,
    status: '',
    statusCode: 0,
  };
  world.deliveries.push(delivery);
  route(world, delivery);
}

/** Sends an earlier delivery once more, under its old GUID. */
export function redeliver(world: World, id: number): Promise<void> {
  const earlier = world.deliveries.find((delivery) => delivery.id === id);
  if (!earlier) throw new Error(`no delivery \`${id}\``);
  const again: Delivery = {
    ...earlier,
    id: world.nextId(),
    deliveredAt: world.now(),
    redelivery: true,
    seconds: 0,
    status: '',
    statusCode: 0,
  };
  world.deliveries.push(again);
  return track(world, send(world, again));
}

function route(world: World, delivery: Delivery): void {
  const fault = world.faults.deliveries.find(
    ({ rule, lose, duplicate }) =>
      (rule.match?.(delivery) ?? true) &&
      (lose > 0 || duplicate > 0 || rule.reorder !== undefined || rule.delayMs !== undefined),
  );
  if (!fault) {
    void track(world, send(world, delivery));
  } else if (fault.lose > 0) {
    fault.lose -= 1;
    settle(world, delivery, 502, 'failed to connect to host');
  } else if (fault.duplicate > 0) {
    fault.duplicate -= 1;
    void track(world, send(world, delivery));
    void track(world, send(world, delivery));
  } else if (fault.rule.reorder !== undefined) {
    fault.held.push(() => send(world, delivery));
    if (fault.held.length >= fault.rule.reorder) {
      world.faults.deliveries.splice(world.faults.deliveries.indexOf(fault), 1);
      void track(world, sendReversed(fault.held.splice(0)));
    }
  } else {
    const delay = fault.rule.delayMs ?? 0;
    void track(
      world,
      wait(delay).then(() => send(world, delivery)),
    );
  }
}

/** One after the other, so that the reversed order is the order of arrival. */
async function sendReversed(held: (() => Promise<void>)[]): Promise<void> {
  for (const start of held.reverse()) await start();
}

export async function wait(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Keeps work in `pending` until done; nothing that it throws gets lost. */
export function track(world: World, work: Promise<void>): Promise<void> {
  const kept = work
    .catch((error: unknown) => {
      world.violations.push(`the stand-in failed: ${String(error)}`);
    })
    .finally(() => world.pending.delete(kept));
  world.pending.add(kept);
  return kept;
}

function settle(world: World, delivery: Delivery, statusCode: number, status: string): void {
  delivery.statusCode = statusCode;
  delivery.status = status;
  delivery.seconds = Math.max(0, (world.now().getTime() - delivery.deliveredAt.getTime()) / 1000);
}

async function send(world: World, delivery: Delivery): Promise<void> {
  const { app } = delivery;
  if (app.webhookUrl === undefined) {
    settle(world, delivery, 502, 'failed to connect to host');
    return;
  }
  const digest = createHmac('sha256', app.webhookSecret).update(delivery.body).digest('hex');
  const headers = {
    'user-agent': 'GitHub-Hookshot/0000000',
    accept: '*/*',
    'content-type': 'application/json',
    'x-github-delivery': delivery.guid,
    'x-github-event': delivery.event,
    'x-github-hook-id': String(app.hookId),
    'x-github-hook-installation-target-id': String(app.id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature-256': `sha256=${digest}`,
  };
  const signal = AbortSignal.any([AbortSignal.timeout(world.deliveryTimeoutMs), world.closing]);
  const outcome = await post(app.webhookUrl, delivery.body, headers, signal);
  settle(world, delivery, outcome.code, outcome.status);
}

/** GitHub never tries again by itself. */
async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<{ code: number; status: string }> {
  return await new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.on('error', () => undefined);
      answer.on('close', () => {
        const code = answer.statusCode ?? 502;
        resolve({ code, status: code < 400 ? 'OK' : `Invalid HTTP Response: ${code}` });
      });
    });
    outgoing.on('error', (error) => {
      const late = error.name === 'AbortError' || error.name === 'TimeoutError';
      resolve(late ? { code: 504, status: 'timed out' } : { code: 502, status: 'failed to connect to host' });
    });
    outgoing.end(body);
  });
}
