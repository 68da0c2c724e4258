import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WEBHOOK_PATH } from '../../src/app/server.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { fenced, openStage, SECRET } from './stage.ts';

describe('nothing is lost (attack 28)', () => {
  test('a process that is killed right after its answer leaves the work in the store', async () => {
    const data = mkdtempSync(join(tmpdir(), 'ki-'));
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const child = spawn(process.execPath, [main, 'start'], {
      // Port 9 answers nobody: the work cannot be finished before the process ends.
      env: {
        APP_ID: '1',
        PRIVATE_KEY: privateKey,
        WEBHOOK_SECRET: SECRET,
        PORT: '0',
        COUNTERSIGN_DATA: data,
        GITHUB_URL: 'http://127.0.0.1:9',
        GITHUB_API_URL: 'http://127.0.0.1:9',
        LOG_LEVEL: 'silent',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let said = '';
        child.stderr.on('data', (part: Buffer) => {
          said += part.toString();
          const found = /listens on (http:\S+),/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
        child.once('exit', () => {
          reject(new Error(said));
        });
      });
      const body = JSON.stringify({
        action: 'opened',
        installation: { id: 7 },
        repository: { name: 'nixpkgs', owner: { login: 'acme' } },
        pull_request: { number: 3 },
      });
      const answer = await fetch(`${url}${WEBHOOK_PATH}`, {
        method: 'POST',
        body,
        headers: {
          'x-github-event': 'pull_request',
          'x-github-delivery': 'a-b-c',
          'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
        },
      });
      expect(answer.status).toBe(202);
      child.kill('SIGKILL');
      await ended;
      const store = openStore(join(data, 'countersign.sqlite'));
      // Its lease, if it had one, has run out by then.
      const lease = store.lease(Date.now() + 3_600_000, 1000);
      store.close();
      expect(lease).toMatchObject({ key: 'pull acme/nixpkgs 3', priority: 1 });
    } finally {
      child.kill('SIGKILL');
      await ended;
      rmSync(data, { recursive: true, force: true });
    }
  });

  test('webhooks that never arrive are found by the sweep at the next start', async () => {
    const stage = await openStage({}, { app: false });
    try {
      const head = await stage.fork.commit({ on: stage.base, files: { a: '1\n' }, as: 'alice' });
      const number = await stage.propose(head, 'a');
      const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
      stage.repository.comment(number, fenced(review), { as: 'bob' });
      await stage.github.settled();
      expect(stage.repository.checkRuns(head)).toEqual([]);
      await stage.start();
      await stage.settled();
      expect(stage.check(head)?.conclusion).toBe('success');
      stage.github.assertClean();
    } finally {
      await stage.close();
    }
  });

  test('neither secrets nor tokens get into the log or the store', async () => {
    const stage = await openStage();
    try {
      const head = await stage.fork.commit({ on: stage.base, files: { a: '1\n' }, as: 'alice' });
      await stage.propose(head, 'a');
      await stage.settled();
      const token = stage.github.app('countersign').token('acme/nixpkgs');
      const prefix = token.slice(0, 4);
      const kept = ['', '-wal'].map((end) =>
        readFileSync(join(stage.data, `countersign.sqlite${end}`)).toString('latin1'),
      );
      const everything = [JSON.stringify(stage.log), ...kept].join('\n');
      expect(everything).not.toContain(SECRET);
      expect(everything).not.toContain('PRIVATE KEY');
      expect(everything).not.toMatch(new RegExp(`${prefix}[A-Za-z0-9]{10}`));
      expect(stage.log.length).toBeGreaterThan(3);
    } finally {
      await stage.close();
    }
  });
});
