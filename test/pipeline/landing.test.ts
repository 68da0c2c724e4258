import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../demo/stage.ts';
import { policyFiles } from '../fork/policy.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  const { fork, github, project, base, push } = stage;
  const { certificate, fingerprint } = await github.webFlow();
  const files = policyFiles(fork.people, {
    project,
    merges: '{ github-button: clean }',
    extra: `web-flow: [${fingerprint}]\n`,
  });
  const next = await fork.commit({
    files: { ...files, '.countersign/keys/web-flow.asc': certificate },
    as: 'alice',
    on: base,
  });
  await push(next, 'master', 'alice');
});
afterAll(async () => {
  const { violations } = stage.github;
  await stage.close();
  expect(violations).toEqual([]);
});

/** A pull request that bob has approved with his signature, with the number of its commits. */
async function approved(name: string, commits = 1): Promise<{ number: number; head: string; base: string }> {
  const { fork, repository, push, checkOf } = stage;
  const base = (await repository.branch('master')) ?? '';
  await fork.git('fetch', '--quiet', repository.gitDir, base);
  let head = base;
  for (let index = 0; index < commits; index += 1) {
    head = await fork.commit({ files: { [`pkgs/${name}-${index}.nix`]: '1\n' }, as: 'alice', on: head });
  }
  await push(head, name, 'alice');
  const { number } = await repository.openPullRequest({
    head: name,
    base: 'master',
    title: name,
    as: 'alice',
  });
  repository.comment(number, await fork.review({ as: 'bob', base, head }), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  return { number, head, base };
}

describe('what lands is judged step by step', () => {
  test("a clean merge by GitHub's button is as the policy demands", async () => {
    const { repository, checkOf } = stage;
    const { number } = await approved('button', 2);
    const merge = await repository.mergePullRequest(number, 'merge', { as: 'alice' });
    const check = await checkOf(merge);
    expect([check?.conclusion, check?.title]).toEqual(['success', 'vouched for by alice and bob']);
  });

  test('squash drops the signatures, and is reported as what it is', async () => {
    const { repository, checkOf } = stage;
    const { number } = await approved('squash', 2);
    const squashed = await repository.mergePullRequest(number, 'squash', { as: 'alice' });
    const check = await checkOf(squashed);
    expect(check?.conclusion).toBe('failure');
    expect(check?.summary).toContain('commit-by-github');
  });

  test('rebase makes unsigned commits, and each of them is reported', async () => {
    const { repository, fork, checkOf } = stage;
    const first = await approved('other');
    await repository.mergePullRequest(first.number, 'merge', { as: 'alice' });
    const { number } = await approved('rebase', 2);
    const rebased = await repository.mergePullRequest(number, 'rebase', { as: 'alice' });
    expect((await checkOf(rebased))?.summary).toContain('commit-unsigned');
    await fork.git('fetch', '--quiet', repository.gitDir, rebased);
    const before = await fork.git('rev-parse', `${rebased}^`);
    expect((await checkOf(before))?.conclusion).toBe('failure');
  });

  test('a forced push back is a broken line of first parents', async () => {
    const { repository, push, base, checkOf } = stage;
    expect(await repository.branch('master')).not.toBe(base);
    await push(base, 'master', 'alice', { force: true });
    const check = await checkOf(base);
    expect(check?.conclusion).toBe('failure');
    expect(check?.summary).toContain('first-parent-changed');
  });
});
