import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isObject } from './json.ts';
import { startReceiver } from './receiver.ts';
import { octokitFor, openScene } from './scene.ts';
import type { Scene } from './scene.ts';

let scene: Scene;
let app: Awaited<ReturnType<typeof startReceiver>>;
let status = 200;
beforeAll(async () => {
  app = await startReceiver('hook secret', () => status);
  scene = await openScene({ deliveryTimeoutMs: 2000 });
  scene.github.app('countersign').setWebhookUrl(app.url);
});
beforeEach(() => {
  app.received.length = 0;
  status = 200;
});
afterEach(async () => {
  scene.github.behave();
  await scene.github.settled();
  scene.github.assertClean();
});
afterAll(async () => {
  await scene.end();
  await app.close();
});

/** What the app has heard once all deliveries are done; those of one moment arrive in any order. */
async function heard(): Promise<string[]> {
  await scene.github.settled();
  const names = app.names().sort();
  expect(app.received.every((each) => each.authentic)).toBe(true);
  app.received.length = 0;
  return names;
}

async function openPull(name: string) {
  const { repository, tree, base } = scene;
  await tree.git('checkout', '--quiet', '-B', name, base);
  await tree.commit(name, { [name]: '1\n' });
  await repository.push({ from: tree.directory, branch: name, as: 'alice' });
  return await repository.openPullRequest({
    head: name,
    base: 'master',
    title: name,
    as: 'alice',
    draft: true,
  });
}

describe('the app hears of', () => {
  it('a pull request, from opening to merging', async () => {
    const { repository, tree } = scene;
    const { number } = await openPull('life');
    expect(await heard()).toEqual(['pull_request.opened', 'push']);
    repository.markReady(number);
    await tree.commit('more', { more: '1\n' });
    await repository.push({ from: tree.directory, branch: 'life', as: 'alice' });
    expect(await heard()).toEqual(['pull_request.ready_for_review', 'pull_request.synchronize', 'push']);
    repository.close(number);
    await repository.reopen(number);
    await repository.editPullRequest(number, { title: 'Life', body: 'long' });
    expect(await heard()).toEqual(['pull_request.closed', 'pull_request.edited', 'pull_request.reopened']);
    await repository.mergePullRequest(number);
    expect(await heard()).toEqual(['pull_request.closed', 'push']);
    await repository.deleteBranch('life');
    expect(await heard()).toEqual(['push']);
  });

  it('a new base, with what it was', async () => {
    const { repository, tree, base } = scene;
    await repository.push({ from: tree.directory, ref: base, branch: 'release', as: 'alice' });
    const { number } = await openPull('retargeted');
    await heard();
    await repository.retarget(number, 'release');
    await scene.github.settled();
    expect(app.received[0]?.payload).toMatchObject({
      action: 'edited',
      changes: { base: { ref: { from: 'master' } } },
      pull_request: { base: { ref: 'release' } },
    });
  });

  it('reviews and comments', async () => {
    const { repository } = scene;
    const { number } = await openPull('spoken');
    await heard();
    const review = await repository.review(number, { event: 'APPROVE', as: 'carol' });
    repository.editReview(number, review.id, 'fine', { as: 'carol' });
    repository.dismissReview(number, review.id, { as: 'alice' });
    expect(await heard()).toEqual([
      'pull_request_review.dismissed',
      'pull_request_review.edited',
      'pull_request_review.submitted',
    ]);
    const comment = repository.comment(number, 'first', { as: 'carol' });
    repository.editComment(comment.id, 'second', { as: 'carol' });
    repository.deleteComment(comment.id, { as: 'carol' });
    expect(await heard()).toEqual(['issue_comment.created', 'issue_comment.deleted', 'issue_comment.edited']);
  });

  it('checks, and of re-runs of its own only', async () => {
    const { repository, github, base } = scene;
    github.createApp({
      slug: 'other',
      permissions: { checks: 'write' },
      events: ['check_run', 'check_suite'],
    });
    github.install('other', 'acme/nixpkgs');
    const own = await repository.postCheck('countersign', { name: 'x', head_sha: base });
    const foreign = await repository.postCheck('other', { name: 'y', head_sha: base });
    repository.updateCheck(own.id, { conclusion: 'success' });
    expect(await heard()).toEqual(['check_run.completed', 'check_run.created', 'check_run.created']);
    repository.rerequestCheck(foreign.id, { as: 'alice' });
    repository.rerequestCheck(own.id, { as: 'alice' });
    await repository.rerequestChecks('countersign', base, { as: 'alice' });
    expect(await heard()).toEqual(['check_run.rerequested', 'check_suite.rerequested']);
    expect(repository.checkRuns(base).find((run) => run.id === own.id)?.status).toBe('completed');
  });

  it('merge groups, whose commit is there to fetch', async () => {
    const { repository, tree } = scene;
    const { number } = await openPull('queued');
    await heard();
    const group = await repository.requestMergeGroup(number);
    expect(await heard()).toEqual(['merge_group.checks_requested']);
    await tree.git('fetch', '--quiet', repository.cloneUrl(), group.headSha);
    expect(group.headRef).toContain(`refs/heads/gh-readonly-queue/master/pr-${number}-`);
  });

  it('being installed and removed', async () => {
    const { github } = scene;
    await github.createRepository('acme', 'second');
    await github.createRepository('alice', 'third');
    github.install('countersign', 'acme/second');
    github.install('countersign', 'alice/third');
    github.uninstall('countersign', 'acme/second');
    expect(await heard()).toEqual([
      'installation.created',
      'installation_repositories.added',
      'installation_repositories.removed',
    ]);
  });
});

describe('a push', () => {
  it('says what was made, forced and deleted', async () => {
    const { repository, tree, base } = scene;
    const zeros = '0'.repeat(40);
    await tree.git('checkout', '--quiet', '-B', 'pushed', base);
    const first = await tree.commit('first words', { 'pkgs/a.nix': null, new: '1\n' });
    await repository.push({ from: tree.directory, branch: 'pushed', as: 'alice' });
    await tree.git('commit', '--quiet', '--amend', '-m', 'other words');
    await repository.push({ from: tree.directory, branch: 'pushed', as: 'alice', force: true });
    await repository.deleteBranch('pushed');
    await scene.github.settled();
    const pushes = app.received.map((each) => each.payload).sort((a, b) => rank(a) - rank(b));
    expect(pushes).toMatchObject([
      {
        created: true,
        before: zeros,
        after: first,
        forced: false,
        commits: [{ id: first, removed: ['pkgs/a.nix'] }],
      },
      { created: false, before: first, forced: true, pusher: { name: 'alice' } },
      { deleted: true, after: zeros, commits: [], head_commit: null },
    ]);
    function rank(payload: Record<string, unknown>): number {
      return payload['created'] === true ? 0 : payload['deleted'] === true ? 2 : 1;
    }
  });
});

describe('deliveries', () => {
  it('carry the headers of GitHub and the installation', async () => {
    const { number } = await openPull('headers');
    await heard();
    scene.repository.comment(number, 'hello', { as: 'carol' });
    await scene.github.settled();
    const [one] = app.received;
    expect(one?.guid).toMatch(/^[0-9a-f-]{36}$/);
    expect(one?.headers['x-github-hook-installation-target-id']).toBe(
      String(scene.github.app('countersign').id),
    );
    const installation = one?.payload['installation'];
    expect(isObject(installation) && installation['id']).toBe(
      scene.github.install('countersign', 'acme/nixpkgs'),
    );
  });

  it('are listed for the app, which has them sent once more under the same GUID', async () => {
    const { number } = await openPull('listed');
    await heard();
    status = 500;
    scene.repository.comment(number, 'lost on the app', { as: 'carol' });
    await scene.github.settled();
    const [failed] = app.received;
    status = 200;
    const octokit = octokitFor(scene.github, scene.github.app('countersign').jwt());
    const { data } = await octokit.apps.listWebhookDeliveries({ per_page: 5, status: 'failure' });
    expect(data[0]).toMatchObject({ guid: failed?.guid, status_code: 500, event: 'issue_comment' });
    await octokit.apps.redeliverWebhookDelivery({ delivery_id: data[0]?.id ?? 0 });
    await scene.github.settled();
    expect(app.received.map((each) => each.guid)).toEqual([failed?.guid, failed?.guid]);
    const newest = (await octokit.apps.listWebhookDeliveries({ per_page: 1 })).data[0];
    expect(newest).toMatchObject({ guid: failed?.guid, redelivery: true, status_code: 200 });
  });

  it('are listed page by page, by cursor', async () => {
    const octokit = octokitFor(scene.github, scene.github.app('countersign').jwt());
    const all = await octokit.paginate('GET /app/hook/deliveries', { per_page: 10 });
    const own = scene.github.deliveries.filter((delivery) => delivery.app.slug === 'countersign');
    expect(all).toHaveLength(own.length);
    expect(new Set(all.map((delivery) => delivery.id)).size).toBe(own.length);
  });
});

describe('misbehaving deliveries', () => {
  let number = 0;
  beforeAll(async () => {
    ({ number } = await openPull('misbehaving'));
    await heard();
  });

  async function say(...words: string[]): Promise<void> {
    for (const word of words) scene.repository.comment(number, word, { as: 'carol' });
    await scene.github.settled();
  }
  const words = (): unknown[] =>
    app.received.map(({ payload }) => isObject(payload['comment']) && payload['comment']['body']);

  it('get lost, and can be had again', async () => {
    scene.github.misdeliver({ match: ({ event }) => event === 'issue_comment', lose: 1 });
    await say('gone', 'here');
    expect(words()).toEqual(['here']);
    const lost = scene.github.deliveries.findLast((delivery) => delivery.statusCode === 502);
    await scene.github.redeliver(lost?.id ?? 0);
    expect(words()).toEqual(['here', 'gone']);
  });

  it('come twice', async () => {
    scene.github.misdeliver({ duplicate: 1 });
    await say('twice');
    expect(words()).toEqual(['twice', 'twice']);
    expect(new Set(app.received.map((each) => each.guid)).size).toBe(1);
  });

  it('come in another order', async () => {
    scene.github.misdeliver({ reorder: 3 });
    await say('one', 'two');
    expect(words()).toEqual([]);
    await say('three');
    expect(words()).toEqual(['three', 'two', 'one']);
  });

  it('give up on an app that does not answer', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    scene.github.app('countersign').setWebhookUrl(`http://127.0.0.1:${port}/`);
    await say('into the void');
    scene.github.app('countersign').setWebhookUrl(app.url);
    silent.closeAllConnections();
    silent.close();
    expect(scene.github.deliveries.at(-1)).toMatchObject({ statusCode: 504, status: 'timed out' });
  });

  it('find nobody at home', async () => {
    scene.github.app('countersign').setWebhookUrl('http://127.0.0.1:1/');
    await say('unheard');
    scene.github.app('countersign').setWebhookUrl(app.url);
    expect(scene.github.deliveries.at(-1)).toMatchObject({
      statusCode: 502,
      status: 'failed to connect to host',
    });
  });
});
