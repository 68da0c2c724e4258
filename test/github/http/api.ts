import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { wait } from '../deliveries.ts';
import { takeRequestFault } from '../faults.ts';
import type { RequestFault } from '../faults.ts';
import { isObject, parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { appRoutes } from '../routes/apps.ts';
import { checkRoutes } from '../routes/checks.ts';
import { commentRoutes } from '../routes/comments.ts';
import { pullRoutes } from '../routes/pulls.ts';
import { repositoryRoutes } from '../routes/repositories.ts';
import { reviewRoutes } from '../routes/reviews.ts';
import { ruleRoutes } from '../routes/rules.ts';
import { Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { authenticate } from './auth.ts';
import type { Reply, Routes } from './route.ts';

const routes: Routes = {
  ...appRoutes,
  ...repositoryRoutes,
  ...pullRoutes,
  ...reviewRoutes,
  ...commentRoutes,
  ...checkRoutes,
  ...ruleRoutes,
};

const documentation = 'https://docs.github.com/rest';

/** Answers one request to the REST API. `url` has the path below the API's root. */
export async function serveApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const method = request.method ?? 'GET';
  const fault = takeRequestFault(world.faults, method, url.pathname);
  const text = await readBody(request);
  if (fault?.delayMs !== undefined) await wait(fault.delayMs);
  const reply = (fault && faultReply(world, fault)) ?? (await answer(world, request, method, url, text));
  world.requests.push({ method, path: url.pathname + url.search, status: reply.status });
  write(world, request, response, reply, fault);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function answer(
  world: World,
  request: IncomingMessage,
  method: string,
  url: URL,
  text: string,
): Promise<Reply> {
  const asked = `${method} ${url.pathname}`;
  const operation = world.rest.find(method, url.pathname);
  if (!operation) {
    world.violations.push(`request ${asked}: GitHub has no such operation`);
    return { status: 404, body: errorBody('Not Found', 404) };
  }
  const reply = await handle(world, request, url, text, operation);
  const problems = world.rest.responseProblems(operation, reply.status, reply.body);
  if (reply.status !== 501) {
    world.violations.push(...problems.map((problem) => `response ${reply.status} to ${asked}: ${problem}`));
  }
  return reply;
}

async function handle(
  world: World,
  request: IncomingMessage,
  url: URL,
  text: string,
  operation: NonNullable<ReturnType<World['rest']['find']>>,
): Promise<Reply> {
  const violate = (problems: string[]): void => {
    world.violations.push(...problems.map((problem) => `request ${operation.name}: ${problem}`));
  };
  const handler = routes[operation.name];
  if (!handler) {
    violate(['the stand-in does not speak this operation']);
    return { status: 501, body: errorBody('Not implemented by the stand-in', 501) };
  }
  let body: Json | undefined;
  try {
    body = text === '' ? undefined : parseJson(text);
  } catch {
    violate(['body: not JSON']);
    return { status: 400, body: errorBody('Problems parsing JSON', 400) };
  }
  const problems = world.rest.requestProblems(operation, url.searchParams, body);
  violate(problems);
  try {
    const actor = authenticate(world, request.headers.authorization);
    if (problems.length > 0) throw new Refusal(422, `Invalid request.\n\n${problems.join('\n')}`);
    const link = new URL(`${world.apiUrl}${url.pathname}${url.search}`);
    const { params } = operation;
    return await handler({
      world,
      actor,
      params,
      query: url.searchParams,
      body: isObject(body) ? body : {},
      url: link,
    });
  } catch (error) {
    if (error instanceof Refusal)
      return { status: error.status, body: errorBody(error.message, error.status, error) };
    violate([`the stand-in failed: ${String(error)}`]);
    return { status: 500, body: errorBody('Server Error', 500) };
  }
}

function errorBody(message: string, status: number, refusal?: Refusal): Json {
  const errors = refusal?.errors ? { errors: refusal.errors.map((error) => ({ ...error })) } : {};
  return { message, ...errors, documentation_url: documentation, status: String(status) };
}

function faultReply(world: World, fault: RequestFault): Reply | undefined {
  if (fault.status !== undefined)
    return { status: fault.status, body: errorBody('Server Error', fault.status) };
  if (fault.secondaryRateLimit) {
    const { status = 403, retryAfter = 1 } = fault.secondaryRateLimit;
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    return { status, body: errorBody(message, status), headers: { 'retry-after': String(retryAfter) } };
  }
  if (fault.primaryRateLimit) {
    const reset = Math.ceil(world.now().getTime() / 1000) + fault.primaryRateLimit.resetInSeconds;
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '5000',
      'x-ratelimit-reset': String(reset),
    };
    return { status: 403, body: errorBody('API rate limit exceeded for installation.', 403), headers };
  }
  return undefined;
}

function write(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: RequestFault | undefined,
): void {
  if (fault?.connection === 'reset') {
    request.socket.destroy();
    return;
  }
  const whole = reply.body === undefined ? '' : JSON.stringify(reply.body);
  const payload = fault?.connection === 'half' ? whole.slice(0, whole.length / 2) : whole;
  const etag = `W/"${createHash('sha256').update(payload).digest('hex')}"`;
  const cached =
    request.method === 'GET' && reply.status === 200 && request.headers['if-none-match'] === etag;
  // A 304 costs nothing (docs: rate limits for the REST API).
  if (!cached) world.rate.used += 1;
  const status = cached ? 304 : reply.status;
  const bare = status === 304 || status === 204;
  response.writeHead(status, {
    ...(bare
      ? {}
      : { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(payload) }),
    ...(request.method === 'GET' && reply.status === 200 ? { etag } : {}),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': `0000:${world.rate.used}`,
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(Math.max(0, 5000 - world.rate.used)),
    'x-ratelimit-used': String(world.rate.used),
    'x-ratelimit-reset': String(world.rate.reset),
    'x-ratelimit-resource': 'core',
    ...reply.headers,
  });
  if (fault?.connection === 'truncate') {
    response.write(payload.slice(0, payload.length / 2), () => request.socket.destroy());
  } else {
    response.end(bare ? undefined : payload);
  }
}
