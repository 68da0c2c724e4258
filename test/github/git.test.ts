import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { createWorkTree } from './work-tree.ts';
import type { WorkTree } from './work-tree.ts';

describe('git over HTTP', () => {
  let scene: Scene;
  const trees: WorkTree[] = [];
  beforeAll(async () => {
    scene = await openScene({ private: true });
  });
  afterAll(async () => {
    await Promise.all(trees.map((tree) => tree.remove()));
    await scene.end();
  });
  afterEach(() => {
    scene.github.assertClean();
  });

  async function clone(login: string, url: string): Promise<WorkTree> {
    const tree = await createWorkTree(login, url);
    trees.push(tree);
    return tree;
  }

  function aliceUrl(): string {
    return scene.repository.cloneUrl(scene.github.user('alice').token);
  }

  it('serves a private repository to tokens that cover it, and to nobody else', async () => {
    const { repository, github, tree } = scene;
    const read = async (token?: string) => (await tree.tryGit('ls-remote', repository.cloneUrl(token))).code;
    expect(await read(github.app('countersign').token('acme/nixpkgs'))).toBe(0);
    expect(await read(github.user('alice').token)).toBe(0);
    expect(await read(github.user('carol').token)).not.toBe(0);
    expect(await read('ghs_nonsense')).not.toBe(0);
    expect(await read()).not.toBe(0);
    const answer = await fetch(`${repository.cloneUrl()}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="GitHub"');
  });

  it('serves a public repository to everyone, under both names', async () => {
    const open = await scene.github.createRepository('acme', 'open');
    await open.push({ from: scene.tree.directory, ref: scene.base, branch: 'master' });
    for (const url of [open.cloneUrl(), open.cloneUrl().replace(/\.git$/, '')]) {
      expect(await scene.tree.git('ls-remote', url, 'refs/heads/master')).toContain(scene.base);
    }
  });

  it('fetches without blobs, and single commits by their hash', async () => {
    const { repository, github, base } = scene;
    const url = repository.cloneUrl(github.app('countersign').token('acme/nixpkgs'));
    const tree = await createWorkTree('alice');
    trees.push(tree);
    await tree.git('fetch', '--quiet', '--filter=blob:none', url, base);
    const missing = await tree.git('rev-list', '--objects', '--missing=print', base);
    expect(missing.split('\n').filter((line) => line.startsWith('?'))).toHaveLength(2);
  });

  it('takes pushes from those with write access, and follows them', async () => {
    const { repository, github } = scene;
    const alice = await clone('alice', aliceUrl());
    await alice.git('checkout', '--quiet', '-b', 'topic');
    const first = await alice.commit('topic', { topic: '1\n' });
    await alice.git('push', '--quiet', 'origin', 'topic');
    expect(await repository.branch('topic')).toBe(first);

    const pull = await repository.openPullRequest({
      head: 'topic',
      base: 'master',
      title: 'Topic',
      as: 'alice',
    });
    const second = await alice.commit('more', { topic: '2\n' });
    await alice.git('push', '--quiet', 'origin', 'topic');
    expect(pull.head.sha).toBe(second);

    await alice.git('push', '--quiet', 'origin', ':topic');
    expect(pull.state).toBe('closed');
    const carol = repository.cloneUrl(github.user('carol').token);
    expect((await alice.tryGit('push', carol, 'HEAD:refs/heads/carol')).code).not.toBe(0);
    const app = repository.cloneUrl(github.app('countersign').token('acme/nixpkgs'));
    expect((await alice.tryGit('push', app, 'HEAD:refs/heads/app')).stderr).toContain('403');
    expect((await alice.tryGit('push', 'origin', 'HEAD:refs/pull/1/head')).code).not.toBe(0);
  });

  it('keeps the head of a pull request from a fork, also after the fork moved on', async () => {
    const { repository, github } = scene;
    github.repository('bob', 'nixpkgs').addCollaborator('alice');
    const fork = github.repository('bob', 'nixpkgs');
    const bob = await clone('bob', fork.cloneUrl(github.user('bob').token));
    await bob.git('checkout', '--quiet', '-b', 'patch');
    const first = await bob.commit('patch', { patch: '1\n' });
    await bob.git('push', '--quiet', 'origin', 'patch');
    const { number } = await repository.openPullRequest({
      head: 'bob:patch',
      base: 'master',
      title: 'Patch',
      as: 'bob',
    });
    const ref = `refs/pull/${number}/head`;
    const remote = async (): Promise<string | undefined> =>
      (await bob.git('ls-remote', aliceUrl(), ref)).split('\t')[0];
    expect(await remote()).toBe(first);
    await bob.git('commit', '--quiet', '--amend', '-m', 'patch again');
    await bob.git('push', '--quiet', '--force', 'origin', 'patch');
    const second = await bob.git('rev-parse', 'HEAD');
    expect(await remote()).toBe(second);

    repository.close(number);
    await bob.commit('unseen', { patch: '3\n' });
    await bob.git('push', '--quiet', 'origin', 'patch');
    expect(await remote()).toBe(second);
    await repository.reopen(number, { as: 'bob' });
    expect(await remote()).toBe(await bob.git('rev-parse', 'HEAD'));
  });

  it('holds pushes back that required checks forbid', async () => {
    const { repository } = scene;
    const alice = await clone('alice', aliceUrl());
    const tip = await alice.commit('direct', { direct: '1\n' });
    await alice.git('push', '--quiet', 'origin', 'HEAD:staging');
    repository.requireCheck('master', 'countersign / master', { app: 'countersign', onPush: true });
    const refused = await alice.tryGit('push', 'origin', 'HEAD:master');
    expect(refused.stderr).toContain('GH006');
    await repository.postCheck('countersign', {
      name: 'countersign / master',
      head_sha: tip,
      conclusion: 'success',
    });
    await alice.git('push', '--quiet', 'origin', 'HEAD:master');
    expect(await repository.branch('master')).toBe(tip);
    repository.unrequireCheck('master', 'countersign / master');
  });
});
