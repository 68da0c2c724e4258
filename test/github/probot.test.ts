import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNodeMiddleware, createProbot } from 'probot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const name = 'countersign / master';

/** The stand-in must carry the framework that the app is made with, not only the requests that its tests thought of. */
describe('a Probot app', () => {
  let scene: Scene;
  let server: Server;
  beforeAll(async () => {
    scene = await openScene({ private: true });
    const app = scene.github.app('countersign');
    const probot = createProbot({
      overrides: {
        appId: app.id,
        privateKey: app.privateKey,
        secret: app.webhookSecret,
        baseUrl: scene.github.apiUrl,
        logLevel: 'fatal',
      },
    });
    const middleware = await createNodeMiddleware(
      (robot) => {
        robot.on(['pull_request.opened', 'pull_request.synchronize'], async (context) => {
          const { sha } = context.payload.pull_request.head;
          const check = { name, head_sha: sha, conclusion: 'success' as const };
          await context.octokit.rest.checks.create({ ...context.repo(), ...check });
        });
      },
      { probot },
    );
    server = createServer((request, response) => void middleware(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    app.setWebhookUrl(`http://127.0.0.1:${port}/api/github/webhooks`);
    scene.repository.requireCheck('master', name, { app: 'countersign' });
  });
  afterAll(async () => {
    await scene.end();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  afterEach(() => {
    scene.github.assertClean();
  });

  it('answers a pull request from a fork with its check, which lets it land', async () => {
    const { github, repository, tree, base } = scene;
    await tree.git('checkout', '--quiet', '-B', 'patch', base);
    const sha = await tree.commit('patch', { patch: '1\n' });
    await github.repository('bob', 'nixpkgs').push({ from: tree.directory, branch: 'patch' });
    const { number } = await repository.openPullRequest({
      head: 'bob:patch',
      base: 'master',
      title: 'Patch',
      as: 'bob',
    });
    expect(repository.mergeable(number).mergeable).toBe(false);
    await repository.waitForCheck({ sha, name, app: 'countersign', conclusion: 'success' });
    await repository.mergePullRequest(number, 'merge', { as: 'alice' });
    await github.settled();
    expect(
      github.deliveries.filter(
        (delivery) => delivery.statusCode !== 200 && delivery.event !== 'installation',
      ),
    ).toEqual([]);
  });

  it('tries again after a server error', async () => {
    const { github, repository, tree } = scene;
    github.misbehave({ match: { method: 'POST', path: /\/check-runs$/ }, status: 502 });
    const sha = await tree.commit('patch again', { patch: '2\n' });
    await github.repository('bob', 'nixpkgs').push({ from: tree.directory, branch: 'again' });
    await repository.openPullRequest({ head: 'bob:again', base: 'master', title: 'Again', as: 'bob' });
    await repository.waitForCheck({ sha, name, conclusion: 'success' });
    await github.settled();
    const tries = github.requests.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/check-runs'),
    );
    expect(tries.map(({ status }) => status)).toEqual([201, 502, 201]);
  });
});
