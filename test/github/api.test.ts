import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { octokitFor, openScene, statusOf } from './scene.ts';
import type { Scene } from './scene.ts';

const where = { owner: 'acme', repo: 'nixpkgs' };

describe('apps and tokens', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ private: true });
  });
  afterAll(() => scene.end());
  afterEach(() => {
    scene.github.assertClean();
  });

  it('lets @octokit/auth-app find its installation and work in its repositories', async () => {
    const { github } = scene;
    const { id, privateKey } = github.app('countersign');
    const auth = { appId: id, privateKey };
    const asApp = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.apiUrl });
    expect((await asApp.apps.getAuthenticated()).data?.slug).toBe('countersign');
    const installations = await asApp.apps.listInstallations();
    const installationId = installations.data[0]?.id;
    expect((await asApp.apps.getRepoInstallation(where)).data.id).toBe(installationId);

    const octokit = new Octokit({
      authStrategy: createAppAuth,
      auth: { ...auth, installationId },
      baseUrl: github.apiUrl,
    });
    const { data } = await octokit.apps.listReposAccessibleToInstallation();
    expect(data.repositories.map((repository) => repository.full_name)).toEqual(['acme/nixpkgs']);
    expect((await octokit.repos.get(where)).data.default_branch).toBe('master');
  });

  it.each([
    ['signed by another key', (jwt: string) => `${jwt.slice(0, -8)}AAAAAAAA`],
    [
      'with an HMAC in place of RS256',
      (jwt: string) => forgeHmac(jwt, scene.github.app('countersign').privateKey),
    ],
  ])('refuses a JWT %s', async (_, forge) => {
    const octokit = octokitFor(scene.github, forge(scene.github.app('countersign').jwt()));
    expect(await statusOf(octokit.apps.getAuthenticated())).toBe(401);
  });

  it('refuses an installation token where a JWT is due, and the other way round', async () => {
    const app = scene.github.app('countersign');
    expect(await statusOf(octokitFor(scene.github, app.token('acme/nixpkgs')).apps.getAuthenticated())).toBe(
      401,
    );
    expect(await statusOf(octokitFor(scene.github, app.jwt()).repos.get(where))).toBe(401);
  });

  it('refuses an expired token', async () => {
    const token = scene.github.app('countersign').token('acme/nixpkgs');
    const octokit = octokitFor(scene.github, token);
    expect((await octokit.repos.get(where)).status).toBe(200);
    scene.github.expireTokens(token);
    expect(await statusOf(octokit.repos.get(where))).toBe(401);
  });

  it('hides a private repository from those who may not read it', async () => {
    expect(await statusOf(octokitFor(scene.github, scene.github.user('carol').token).repos.get(where))).toBe(
      404,
    );
    expect(await statusOf(octokitFor(scene.github).repos.get(where))).toBe(404);
  });

  it('refuses what the installation has no permission for', async () => {
    const octokit = octokitFor(scene.github, scene.github.app('countersign').token('acme/nixpkgs'));
    const pull = await openFeature(scene, 'permission');
    expect(await statusOf(octokit.pulls.merge({ ...where, pull_number: pull.number }))).toBe(403);
    const comment = { ...where, issue_number: pull.number, body: 'no' };
    expect(await statusOf(octokit.issues.createComment(comment))).toBe(403);
  });

  it('narrows a token to fewer permissions', async () => {
    const app = octokitFor(scene.github, scene.github.app('countersign').jwt());
    const installation_id = scene.github.install('countersign', 'acme/nixpkgs');
    const narrow = { installation_id, permissions: { checks: 'read' as const } };
    const { data } = await app.apps.createInstallationAccessToken(narrow);
    const check = { ...where, name: 'x', head_sha: scene.base };
    expect(await statusOf(octokitFor(scene.github, data.token).checks.create(check))).toBe(403);
    const wide = { installation_id, permissions: { contents: 'write' as const } };
    expect(await statusOf(app.apps.createInstallationAccessToken(wide))).toBe(422);
  });
});

describe('pull requests, reviews and comments', () => {
  let scene: Scene;
  let octokit: Octokit;
  let alice: Octokit;
  beforeAll(async () => {
    scene = await openScene();
    octokit = octokitFor(scene.github, scene.github.app('countersign').token('acme/nixpkgs'));
    alice = octokitFor(scene.github, scene.github.user('alice').token);
  });
  afterAll(() => scene.end());
  afterEach(() => {
    scene.github.assertClean();
  });

  it('reads branches and refs', async () => {
    expect((await octokit.repos.getBranch({ ...where, branch: 'master' })).data.commit.sha).toBe(scene.base);
    expect((await octokit.git.getRef({ ...where, ref: 'heads/master' })).data.object.sha).toBe(scene.base);
    expect(await statusOf(octokit.repos.getBranch({ ...where, branch: 'absent' }))).toBe(404);
    expect(await statusOf(octokit.git.getRef({ ...where, ref: 'heads/absent' }))).toBe(404);
  });

  it('opens, lists, changes and closes a pull request over the API', async () => {
    await scene.tree.git('checkout', '--quiet', '-B', 'feature/one', scene.base);
    const sha = await scene.tree.commit('one', { one: '1\n' });
    await scene.repository.push({ from: scene.tree.directory, branch: 'feature/one', as: 'alice' });
    await scene.repository.push({
      from: scene.tree.directory,
      ref: scene.base,
      branch: 'staging',
      as: 'alice',
    });
    const wanted = { ...where, head: 'feature/one', base: 'master', title: 'One' };
    const { data } = await alice.pulls.create(wanted);
    expect(await statusOf(alice.pulls.create(wanted))).toBe(422);
    const { number } = data;
    const list = async (filter: object): Promise<number[]> =>
      (await octokit.pulls.list({ ...where, ...filter })).data.map((pull) => pull.number);
    expect(await list({ head: 'acme:feature/one' })).toEqual([number]);
    expect(await list({ base: 'staging' })).toEqual([]);
    expect((await octokit.pulls.get({ ...where, pull_number: number })).data).toMatchObject({
      head: { sha },
      commits: 1,
      changed_files: 1,
      mergeable: true,
      mergeable_state: 'clean',
    });
    expect((await octokit.git.getRef({ ...where, ref: `pull/${number}/head` })).data.object.sha).toBe(sha);
    await alice.pulls.update({ ...where, pull_number: number, base: 'staging' });
    expect(await list({ base: 'staging' })).toEqual([number]);
    await alice.pulls.update({ ...where, pull_number: number, state: 'closed' });
    expect(await list({})).toEqual([]);
    expect(await list({ state: 'closed' })).toEqual([number]);
    const associated = await octokit.repos.listPullRequestsAssociatedWithCommit({
      ...where,
      commit_sha: sha,
    });
    expect(associated.data.map((pull) => pull.number)).toEqual([number]);
  });

  it('pages through comments by the Link header', async () => {
    const pull = await openFeature(scene, 'pages');
    for (let i = 0; i < 7; i++) scene.repository.comment(pull.number, `comment ${i}`, { as: 'carol' });
    const parameters = { ...where, issue_number: pull.number, per_page: 3 };
    const bodies = await octokit.paginate(octokit.issues.listComments, parameters, (page) =>
      page.data.map((c) => c.body),
    );
    expect(bodies).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `comment ${i}`));
  });

  it('keeps comments as people edit and delete them', async () => {
    const pull = await openFeature(scene, 'talk');
    const made = await alice.issues.createComment({ ...where, issue_number: pull.number, body: 'first' });
    const comment_id = made.data.id;
    await alice.issues.updateComment({ ...where, comment_id, body: 'second' });
    expect((await octokit.issues.getComment({ ...where, comment_id })).data.body).toBe('second');
    const carol = octokitFor(scene.github, scene.github.user('carol').token);
    expect(await statusOf(carol.issues.updateComment({ ...where, comment_id, body: 'mine' }))).toBe(403);
    const long = { ...where, comment_id, body: 'x'.repeat(65_537) };
    expect(await statusOf(alice.issues.updateComment(long))).toBe(422);
    await alice.issues.deleteComment({ ...where, comment_id });
    expect(await statusOf(octokit.issues.getComment({ ...where, comment_id }))).toBe(404);
  });

  it('keeps reviews, their comments and dismissals', async () => {
    const pull = await openFeature(scene, 'reviewed');
    const carol = octokitFor(scene.github, scene.github.user('carol').token);
    const target = { ...where, pull_number: pull.number };
    const comments = [{ path: 'reviewed', line: 1, body: 'here' }];
    const { data } = await carol.pulls.createReview({ ...target, event: 'APPROVE', body: 'good', comments });
    expect(data.commit_id).toBe(pull.head.sha);
    expect((await octokit.pulls.listReviewComments(target)).data.map((each) => each.body)).toEqual(['here']);
    expect(await statusOf(alice.pulls.createReview({ ...target, event: 'APPROVE' }))).toBe(422);
    await alice.pulls.dismissReview({ ...target, review_id: data.id, message: 'stale' });
    expect((await octokit.pulls.listReviews(target)).data.map((each) => each.state)).toEqual(['DISMISSED']);
  });
});

async function openFeature(scene: Scene, name: string) {
  const { repository, tree, base } = scene;
  await tree.git('checkout', '--quiet', '-B', name, base);
  await tree.commit(name, { [name]: '1\n' });
  await repository.push({ from: tree.directory, branch: name, as: 'alice' });
  return await repository.openPullRequest({ head: name, base: 'master', title: name, as: 'alice' });
}

/** The classic confusion: an HMAC whose key is something that the verifier holds. */
function forgeHmac(jwt: string, key: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');
  const text = `${header}.${jwt.split('.')[1] ?? ''}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}
