import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { start } from '../../src/cli/start.ts';
import { startGitHub, type GitHub } from '../github/start.ts';

const SECRET = 'a webhook secret of this test, long enough';
let github: GitHub;
let data: string;
let app: Awaited<ReturnType<typeof startApp>>;

function environment(secret: string | undefined): NodeJS.ProcessEnv {
  const { id, privateKey } = github.app('countersign');
  return {
    APP_ID: String(id),
    PRIVATE_KEY: privateKey,
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    COUNTERSIGN_DATA: data,
    GITHUB_URL: github.url,
    GITHUB_API_URL: github.apiUrl,
    ...(secret === undefined ? {} : { WEBHOOK_SECRET: secret }),
  };
}

beforeAll(async () => {
  github = await startGitHub({ apps: [{ slug: 'countersign' }] });
  data = await mkdtemp(join(tmpdir(), 'cw-'));
  app = await startApp({ environment: environment(SECRET) });
});
afterAll(async () => {
  await app.stop();
  await github.close();
  await rm(data, { recursive: true, force: true });
});

test.each([
  undefined,
  '',
  'development',
  'secret',
  'changeme',
  'short',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
])(
  'row 42: with the webhook secret %j the app refuses to start and says which variable is wrong',
  async (secret) => {
    let err = '';
    const io = { out: (): undefined => undefined, err: (text: string): void => void (err += text) };
    const code = await start(environment(secret), io);
    expect(code).toBe(64);
    expect(err).toContain('WEBHOOK_SECRET');
  },
);

test('row 42: every configuration problem is listed at once', async () => {
  let err = '';
  const io = { out: (): undefined => undefined, err: (text: string): void => void (err += text) };
  expect(await start({ PORT: 'x', GITHUB_URL: 'ftp://x' }, io)).toBe(64);
  for (const name of ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'PORT', 'GITHUB_URL', 'COUNTERSIGN_DATA']) {
    expect(err).toContain(name);
  }
});

async function deliver(body: string | Uint8Array<ArrayBuffer>, secret: string | null): Promise<number> {
  const signature =
    secret === null
      ? {}
      : { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
  const response = await fetch(`${app.url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': crypto.randomUUID(),
      ...signature,
    },
    body,
  });
  return response.status;
}

test('row 42: a delivery is taken with the right signature only', async () => {
  const body = JSON.stringify({ zen: 'x', hook_id: 1, hook: {} });
  expect(await deliver(body, SECRET)).toBeLessThan(300);
  expect(await deliver(body, 'development')).toBe(400);
  expect(await deliver(body, null)).toBe(400);
});

test('row 42: a body above 25 MB is refused, signed or not', async () => {
  const body = new Uint8Array(26 * 1024 * 1024).fill(0x20);
  expect(await deliver(body, SECRET).catch(() => 413)).toBe(413);
});
