import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { followingRefs } from '../actions/pushing.ts';
import { gitEnvironment } from '../git/run.ts';
import type { Actor, Repository } from '../model.ts';
import { findRepository, inTurn, notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { actingUser, authenticate, authorize, mayWrite } from './auth.ts';

const smart = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function isGitRequest(url: URL): boolean {
  return smart.test(url.pathname);
}

/** Serves a repository through `git http-backend` (git-http-backend(1)), run as CGI. */
export async function serveGit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, owner = '', name = '', service = ''] = smart.exec(url.pathname) ?? [];
  const push = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  let target: Repository;
  let actor: Actor;
  try {
    actor = authenticate(world, request.headers.authorization);
    target = admit(actor, findRepository(world, owner, name), push);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const status = error.status === 404 && request.headers.authorization === undefined ? 401 : error.status;
    world.requests.push({ method: request.method ?? '', path: url.pathname, status });
    response.writeHead(status, {
      'content-type': 'text/plain',
      ...(status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}),
    });
    response.end(`${error.message}\n`);
    return;
  }
  world.requests.push({ method: request.method ?? '', path: url.pathname, status: 200 });
  if (service !== 'git-receive-pack') {
    pipe(await runBackend(target, request, url, service, undefined), response);
    return;
  }
  const user = actingUser(actor);
  // The state follows before git hears the answer, so that what was pushed is there once `git push` returns.
  const output = await inTurn(target, () =>
    followingRefs(world, target, user, () => runBackend(target, request, url, service, user.login)),
  );
  pipe(output, response);
}

function admit(actor: Actor, repository: Repository | undefined, push: boolean): Repository {
  if (!repository) throw notFound();
  authorize(actor, repository, { permissions: ['contents'], level: 'read' });
  if (!push) return repository;
  if (actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication');
  if (actor.kind === 'user' && !mayWrite(repository, actor.user))
    throw new Refusal(403, 'Write access to repository not granted.');
  authorize(actor, repository, { permissions: ['contents'], level: 'write' });
  return repository;
}

async function runBackend(
  repository: Repository,
  request: IncomingMessage,
  url: URL,
  service: string,
  user: string | undefined,
): Promise<Buffer> {
  const { headers } = request;
  const single = (value: string | string[] | undefined): string =>
    Array.isArray(value) ? value.join(', ') : (value ?? '');
  return await new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], {
      env: {
        ...gitEnvironment,
        GIT_PROJECT_ROOT: repository.gitDir,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${service}`,
        REQUEST_METHOD: request.method ?? 'GET',
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: single(headers['content-type']),
        HTTP_CONTENT_ENCODING: single(headers['content-encoding']),
        GIT_PROTOCOL: single(headers['git-protocol']),
        REMOTE_ADDR: '127.0.0.1',
        ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
        ...(user === undefined ? {} : { REMOTE_USER: user }),
      },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.resume();
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.on('close', () => {
      resolve(Buffer.concat(output));
    });
    request.pipe(child.stdin);
  });
}

/** Splits what a CGI program says (RFC 3875 section 6) into status, headers and body. */
function pipe(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) {
    response.writeHead(500).end();
    return;
  }
  const headers = new Map<string, string>();
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const status = Number(headers.get('status')?.split(' ')[0] ?? 200);
  headers.delete('status');
  response.writeHead(status, Object.fromEntries(headers));
  response.end(output.subarray(end + 4));
}
