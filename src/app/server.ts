import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PayloadError, subjectsOf } from '../github/events.ts';
import type { Subject } from '../github/subject.ts';
import type { Delivery } from '../store/store.ts';
import { openBodies } from './body.ts';
import { reasonOf, type Log } from './log.ts';

export const WEBHOOK_PATH = '/api/github/webhooks';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Whether `signature` is the HMAC of exactly this body; compares in constant time. */
  readonly verify: (body: string, signature: string) => Promise<boolean>;
  /** Marks subjects as wanted, on disk when it returns. */
  readonly want: (subjects: readonly Subject[], delivery: Delivery) => void;
  /** Throws where the store does not answer. */
  readonly ping: () => void;
  readonly log: Log;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Receives webhooks: what they make necessary is on disk before they are answered, because GitHub never repeats them by
 * itself (attacks 28, 42). Probot's own middleware has no limit on bodies and answers before its handlers are done.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const bodies = openBodies();
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000 }, (request, response) => {
    respond(request, options, bodies).then(
      (answer) => {
        send(request, response, answer);
      },
      (error: unknown) => {
        options.log.error({ reason: reasonOf(error) }, 'answering a request failed');
        send(request, response, { status: 500, body: 'internal error' });
      },
    );
  });
  server.maxConnections = 1000;
  await listen(server, options);
  // Bound to TCP, so it has a port.
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    async stop() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      const late = setTimeout(() => {
        server.closeAllConnections();
      }, 5_000);
      await closed;
      clearTimeout(late);
    },
  };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function respond(
  request: IncomingMessage,
  options: ServerOptions,
  bodies: ReturnType<typeof openBodies>,
): Promise<Answer> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path === '/healthz') {
    return request.method === 'GET' || request.method === 'HEAD'
      ? checkHealth(options)
      : notAllowed('GET, HEAD');
  }
  if (path !== WEBHOOK_PATH) return { status: 404, body: 'not found' };
  return request.method === 'POST' ? receive(request, options, bodies) : notAllowed('POST');
}

function notAllowed(allow: string): Answer {
  return { status: 405, body: 'method not allowed', headers: { allow } };
}

function checkHealth({ ping, log }: ServerOptions): Answer {
  try {
    ping();
    return { status: 200, body: 'ok' };
  } catch (error) {
    log.error({ reason: reasonOf(error) }, 'the store does not answer');
    return { status: 503, body: 'the store does not answer' };
  }
}

async function receive(
  request: IncomingMessage,
  options: ServerOptions,
  bodies: ReturnType<typeof openBodies>,
): Promise<Answer> {
  const { log } = options;
  const refuse = (status: number, reason: string): Answer => {
    log.warn({ status, reason }, 'a webhook was refused');
    return { status, body: reason };
  };
  const event = header(request, 'x-github-event', /^[a-z_]{1,100}$/);
  const guid = header(request, 'x-github-delivery', /^[0-9A-Za-z-]{1,100}$/);
  const signature = header(request, 'x-hub-signature-256', /^sha256=[0-9a-f]{64}$/);
  if (event === null) return refuse(400, 'the header x-github-event is missing or malformed');
  if (guid === null) return refuse(400, 'the header x-github-delivery is missing or malformed');
  if (signature === null) return refuse(400, 'the header x-hub-signature-256 is missing or malformed');
  const body = await bodies.read(request);
  if (!body.ok) return refuse(body.status, body.reason);
  const text = decode(body.bytes);
  if (text === null) return refuse(400, 'the body is empty or not UTF-8');
  if (!(await options.verify(text, signature))) return refuse(400, 'the signature does not match the body');
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return refuse(400, 'the body is not JSON: set the content type of the webhook to application/json');
  }
  let subjects: readonly Subject[];
  try {
    subjects = subjectsOf(event, payload);
  } catch (error) {
    if (error instanceof PayloadError) return refuse(400, error.message);
    throw error;
  }
  options.want(subjects, { guid, event });
  log.info({ event, guid, wanted: subjects.length }, 'a webhook was stored');
  return { status: 202, body: 'stored' };
}

function header(request: IncomingMessage, name: string, form: RegExp): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && form.test(value) ? value : null;
}

/** Exactly the bytes as text: refusing what is not UTF-8 makes the HMAC of the text that of the bytes. */
function decode(bytes: Buffer): string | null {
  if (bytes.length === 0) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
  // What was not read to its end cannot be followed by another request.
  const close = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers, ...close });
  response.end(request.method === 'HEAD' ? undefined : `${body}\n`);
}
