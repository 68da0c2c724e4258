import { verify } from '@octokit/webhooks-methods';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './http/api.ts';
import { isObject, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';

export interface Received {
  guid: string;
  event: string;
  action: string | undefined;
  /** Whether the HMAC holds, by Octokit's own check. */
  authentic: boolean;
  headers: Record<string, string | string[] | undefined>;
  payload: JsonObject;
}

/** An app's webhook endpoint that only notes what it gets. `answer` is the status that it gives. */
export async function startReceiver(secret: string, answer: () => number = () => 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      const { headers } = request;
      const payload = parseJson(body);
      const named = isObject(payload) ? payload : {};
      received.push({
        guid: String(headers['x-github-delivery']),
        event: String(headers['x-github-event']),
        action: typeof named['action'] === 'string' ? named['action'] : undefined,
        authentic: await verify(secret, body, String(headers['x-hub-signature-256'])),
        headers,
        payload: named,
      });
      response.writeHead(answer()).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    names: (): string[] =>
      received.map(({ event, action }) => (action === undefined ? event : `${event}.${action}`)),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
