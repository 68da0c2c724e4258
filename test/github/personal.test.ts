import { describe, expect, test } from 'vitest';
import { apiUrlOf, openPersonalClient, parseForgeUrl } from '../../src/github/personal.ts';
import { listLatestPulls } from '../../src/github/pulls.ts';
import { openScene } from './scene.ts';

describe('the URL of a remote', () => {
  test.each([
    ['https://github.com/acme/nixpkgs', 'github.com'],
    ['https://github.com/acme/nixpkgs.git', 'github.com'],
    ['https://x-access-token:secret@github.com/acme/nixpkgs.git/', 'github.com'],
    ['http://127.0.0.1:8080/acme/nixpkgs.git', '127.0.0.1:8080'],
    ['git@github.com:acme/nixpkgs.git', 'github.com'],
    ['github.com:acme/nixpkgs', 'github.com'],
    ['ssh://git@git.example.org:2222/acme/nixpkgs.git', 'git.example.org'],
  ])('%s names acme/nixpkgs at %s', (url, host) => {
    expect(parseForgeUrl(url)).toEqual({ host, owner: 'acme', repo: 'nixpkgs' });
  });

  test.each([
    '/srv/git/acme/nixpkgs.git',
    '../nixpkgs',
    'file:///srv/acme/nixpkgs',
    'https://github.com/acme',
    'https://github.com/acme/nixpkgs/tree/master',
    'https://github.com/acme/..',
    'git@github.com:nixpkgs.git',
    '',
  ])('`%s` names none', (url) => {
    expect(parseForgeUrl(url)).toBeNull();
  });

  test('the API is that of the host, or the one that the environment names', () => {
    expect(apiUrlOf('github.com', {})).toBe('https://api.github.com');
    expect(apiUrlOf('git.example.org', {})).toBe('https://git.example.org/api/v3');
    expect(apiUrlOf('github.com', { GITHUB_API_URL: 'http://127.0.0.1:1/api/' })).toBe(
      'http://127.0.0.1:1/api',
    );
  });
});

test('pull requests of any state are listed, as many as are asked for', async () => {
  const scene = await openScene();
  const { github, repository, tree } = scene;
  try {
    for (const branch of ['one', 'two', 'three']) {
      await tree.commit(branch, { [branch]: branch });
      await repository.push({ from: tree.directory, branch, as: 'alice' });
      await repository.openPullRequest({ head: branch, base: 'master', title: branch, as: 'alice' });
    }
    repository.close(2);
    const client = openPersonalClient(github.apiUrl, github.user('alice').token);
    const name = { owner: 'acme', repo: 'nixpkgs' };
    const numbers = async (count: number): Promise<number[]> =>
      (await listLatestPulls(client, name, count)).map(({ number }) => number);
    expect((await numbers(10)).sort()).toEqual([1, 2, 3]);
    expect(await numbers(2)).toHaveLength(2);
    const nobody = openPersonalClient(github.apiUrl, 'ghp_nobody');
    await expect(listLatestPulls(nobody, name, 1)).rejects.toMatchObject({ status: 401 });
    github.assertClean();
  } finally {
    await scene.end();
  }
});
