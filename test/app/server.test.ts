import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SILENT } from '../../src/app/log.ts';
import { startServer, WEBHOOK_PATH, type RunningServer } from '../../src/app/server.ts';
import type { Subject } from '../../src/github/subject.ts';
import { Probot } from 'probot';
import { generateKeyPairSync } from 'node:crypto';

const SECRET = '8d969eef6ecad3c29a3a629280e686cf';
const MB = 1024 * 1024;
const payload = {
  action: 'opened',
  installation: { id: 7 },
  repository: { name: 'nixpkgs', owner: { login: 'acme' } },
  pull_request: { number: 3 },
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

describe('the server', () => {
  let server: RunningServer;
  let wanted: { subjects: readonly Subject[]; guid: string }[] = [];
  let broken = false;
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const probot = new Probot({ appId: 1, privateKey, secret: SECRET, logLevel: 'fatal' });
  beforeEach(async () => {
    wanted = [];
    broken = false;
    await probot.ready();
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      verify: (body, signature) => probot.webhooks.verify(body, signature),
      want: (subjects, { guid }) => {
        if (broken) throw new Error('disk full');
        wanted.push({ subjects, guid });
      },
      ping: () => {
        if (broken) throw new Error('disk full');
      },
      log: SILENT,
    });
  });
  afterEach(async () => {
    await server.stop();
  });

  function send(
    body: string | Buffer,
    headers: Record<string, string | undefined> = {},
    { path = WEBHOOK_PATH, method = 'POST', chunked = false } = {},
  ): Promise<Answer> {
    const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
    const all: Record<string, string | undefined> = {
      'x-github-event': 'pull_request',
      'x-github-delivery': '11-22',
      'x-hub-signature-256': signature,
      'content-type': 'application/json',
      ...(chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const set = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      const outgoing = request(
        `${server.url}${path}`,
        { method, headers: Object.fromEntries(set), agent: false },
        (answer) => {
          let text = '';
          answer.on('data', (part: Buffer) => (text += part.toString()));
          answer.on('end', () => {
            resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers });
          });
        },
      );
      outgoing.on('error', reject);
      if (method === 'GET' || method === 'HEAD') outgoing.end();
      else outgoing.end(body);
    });
  }

  test('stores what a signed webhook makes necessary, and then says so', async () => {
    const answer = await send(JSON.stringify(payload));
    expect(answer.status).toBe(202);
    expect(wanted).toEqual([
      {
        subjects: [{ kind: 'pull', installation: 7, owner: 'acme', repo: 'nixpkgs', number: 3 }],
        guid: '11-22',
      },
    ]);
  });

  test('does not answer before it has stored: a store that fails is a 500', async () => {
    broken = true;
    expect((await send(JSON.stringify(payload))).status).toBe(500);
    expect(wanted).toEqual([]);
  });

  const other = `sha256=${createHmac('sha256', 'another').update(JSON.stringify(payload)).digest('hex')}`;
  test.each<[string, Record<string, string | undefined>]>([
    ['no signature', { 'x-hub-signature-256': undefined }],
    ['a signature of another secret', { 'x-hub-signature-256': other }],
    ['a SHA-1 signature', { 'x-hub-signature-256': 'sha1=abc' }],
    ['a short signature', { 'x-hub-signature-256': 'sha256=abcd' }],
    ['no event', { 'x-github-event': undefined }],
    ['an event that is no name', { 'x-github-event': 'pull_request; x' }],
    ['no delivery', { 'x-github-delivery': undefined }],
    ['a delivery that is no id', { 'x-github-delivery': '../../x' }],
  ])('refuses %s with 400 and stores nothing (attack 42)', async (_, headers) => {
    expect((await send(JSON.stringify(payload), headers)).status).toBe(400);
    expect(wanted).toEqual([]);
  });

  test('verifies the bytes as they came', async () => {
    const spaced = JSON.stringify(payload, null, 2);
    const signature = `sha256=${createHmac('sha256', SECRET).update(JSON.stringify(payload)).digest('hex')}`;
    expect((await send(spaced, { 'x-hub-signature-256': signature })).status).toBe(400);
    expect((await send(spaced)).status).toBe(202);
  });

  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['what is no JSON', '{"action":'],
    ['a form', 'payload=%7B%7D'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['another shape', '{"action":"opened"}'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
  ])('refuses a signed body of %s with 400', async (_, body) => {
    expect((await send(body)).status).toBe(400);
    expect(wanted).toEqual([]);
  });

  test('refuses more than 25 MB with 413, announced or not (attack 42)', async () => {
    const large = Buffer.alloc(25 * MB + 1, 'x');
    const announced = await send(large).catch(() => null);
    const streamed = await send(large, {}, { chunked: true }).catch(() => null);
    for (const answer of [announced, streamed]) expect(answer?.status).toBe(413);
    expect(wanted).toEqual([]);
    expect((await send(JSON.stringify(payload))).status).toBe(202);
  });

  test('refuses an announced 26 MB before any of it was sent', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(
          [
            `POST ${WEBHOOK_PATH} HTTP/1.1`,
            'host: x',
            'x-github-event: push',
            'x-github-delivery: 1',
            `x-hub-signature-256: sha256=${'0'.repeat(64)}`,
            `content-length: ${26 * MB}`,
            '',
            '',
          ].join('\r\n'),
        );
      });
      socket.once('data', (data: Buffer) => {
        resolve(data.toString().split('\r\n')[0] ?? '');
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(status).toContain('413');
  });

  test('takes 25 MB', async () => {
    const body = JSON.stringify({ ...payload, padding: '' });
    const full = JSON.stringify({ ...payload, padding: 'x'.repeat(25 * MB - body.length) });
    expect(Buffer.byteLength(full)).toBe(25 * MB);
    expect((await send(full)).status).toBe(202);
  });

  test.each([
    ['POST', '/', 404],
    ['GET', '/probot', 404],
    ['POST', `${WEBHOOK_PATH}/x`, 404],
    ['GET', WEBHOOK_PATH, 405],
    ['PUT', WEBHOOK_PATH, 405],
    ['POST', '/healthz', 405],
    ['GET', '/healthz', 200],
    ['HEAD', '/healthz', 200],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await send('{}', {}, { method, path });
    expect(answer.status).toBe(status);
    expect(answer.headers['allow'] !== undefined).toBe(status === 405);
  });

  test('is not healthy when the store does not answer', async () => {
    broken = true;
    expect((await send('', {}, { method: 'GET', path: '/healthz' })).status).toBe(503);
  });

  test('stops while a client keeps its connection open', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.stop();
    await closed;
    // For afterEach.
    server = { ...server, stop: () => Promise.resolve() };
  });
});
