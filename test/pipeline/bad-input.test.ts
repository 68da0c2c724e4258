import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, REQUIRED_CHECK, type Stage } from '../../demo/stage.ts';
import { policyText } from '../fork/policy.ts';
import type { CheckView } from '../github/start.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ unsigned: 'adopt' });
});
afterAll(async () => {
  const { violations } = stage.github;
  await stage.close();
  expect(violations).toEqual([]);
});

/** Proposes these files for a branch and gives the check that they get. */
async function propose(
  name: string,
  files: Record<string, string | null>,
  onto = 'master',
): Promise<CheckView | null> {
  const { fork, repository, push, checkOf } = stage;
  const from = (await repository.branch(onto)) ?? stage.base;
  const head = await fork.commit({ files, as: 'alice', on: from, message: name });
  await push(head, name, 'alice');
  await repository.openPullRequest({ head: name, base: onto, title: name, as: 'alice' });
  return checkOf(head, `countersign / ${onto}`);
}

describe('bad input gives a check that says where and what to do', () => {
  test('a policy with an error, in the change: the line is annotated', async () => {
    const text = policyText(stage.fork.people, { project: stage.project });
    const broken = text.replace('unsigned: refuse', 'unsigned: maybe');
    const line = broken.split('\n').findIndex((one) => one.includes('maybe')) + 1;
    const check = await propose('broken-policy', { '.countersign/policy.yaml': broken });
    expect(check?.conclusion).toBe('failure');
    expect(check?.title).toContain(`line ${line}: expected \u0027adopt\u0027 or \u0027refuse\u0027`);
    expect(check?.annotations).toMatchObject([
      { path: '.countersign/policy.yaml', start_line: line, annotation_level: 'failure' },
    ]);
  });

  test('a person in a group whom the policy does not list', async () => {
    const text = policyText(stage.fork.people, { project: stage.project });
    const check = await propose('unknown-person', {
      '.countersign/policy.yaml': text.replace('core: [alice', 'core: [zoe, alice'),
    });
    expect(check?.conclusion).toBe('failure');
    expect(check?.title).toContain("nobody is called 'zoe'");
    expect(check?.annotations).toHaveLength(1);
  });

  test('a policy with an error, on the branch: nothing is judged, and the line is named', async () => {
    const { fork, base, push } = stage;
    const broken = await fork.commit({
      files: { '.countersign/policy.yaml': 'version: 1\nnonsense: 2\n' },
      as: 'alice',
      on: base,
    });
    await push(broken, 'broken-base', 'alice');
    const check = await propose('onto-broken', { 'pkgs/a.nix': '1\n' }, 'broken-base');
    expect(check?.conclusion).toBe('failure');
    expect(check?.title).toContain('could not tell: the policy has an error: line');
    expect(check?.annotations.map(({ start_line: line }) => line)).toContain(2);
  });

  test('a branch without a policy', async () => {
    const { fork, base, push } = stage;
    const bare = await fork.commit({ files: { '.countersign': null }, as: 'alice', on: base });
    await push(bare, 'no-policy', 'alice');
    const check = await propose('onto-nothing', { 'pkgs/a.nix': '1\n' }, 'no-policy');
    expect(check?.conclusion).toBe('failure');
    expect(check?.title).toContain('no policy on no-policy');
    expect(check?.summary).toContain('policy.example.yaml');
  });

  test('a key file that is no key', async () => {
    const { fork, base, push } = stage;
    const files = {
      '.countersign/policy.yaml': policyText(fork.people, { project: stage.project, match: '[no-key]' }),
      '.countersign/keys/nonsense.asc': 'this is no key\n',
    };
    await push(await fork.commit({ files, as: 'alice', on: base }), 'no-key', 'alice');
    const check = await propose('onto-no-key', { 'pkgs/a.nix': '1\n' }, 'no-key');
    expect(check?.conclusion).toBe('action_required');
    expect(check?.summary).toContain('certificate-unreadable');
    expect(check?.summary).toContain('.countersign/keys/nonsense.asc');
  });

  test('a policy of another repository', async () => {
    const { fork, base, push } = stage;
    const files = { '.countersign/policy.yaml': policyText(fork.people, { match: '[other]' }) };
    await push(await fork.commit({ files, as: 'alice', on: base }), 'other', 'alice');
    const check = await propose('onto-other', { 'pkgs/a.nix': '1\n' }, 'other');
    expect([check?.conclusion, check?.title]).toEqual([
      'failure',
      expect.stringContaining('the policy is for github.com/acme/nixpkgs'),
    ]);
  });

  test('comments with a broken armor, an unknown head, an unknown reviewer: noted, and the good one beside them counts', async () => {
    const { fork, repository, base, push, checkOf } = stage;
    const head = await fork.commit({ files: { 'pkgs/noted.nix': '1\n' }, as: 'alice', on: base });
    await push(head, 'noted', 'alice');
    const { number } = await repository.openPullRequest({
      head: 'noted',
      base: 'master',
      title: 'noted',
      as: 'alice',
    });
    const good = await fork.review({ as: 'bob', base, head });
    repository.comment(number, good.slice(0, -60), { as: 'carol' });
    repository.comment(number, good.replace('serial: 1', 'serial: 9'), {
      as: 'carol',
    });
    repository.comment(
      number,
      await fork.review({ as: 'carol', base, head, edit: (text) => text.replace(head, 'f'.repeat(40)) }),
    );
    repository.comment(
      number,
      await fork.review({ as: 'dave', base, head, edit: (text) => text.replace('dave', 'zoe') }),
    );
    const before = await checkOf(head);
    expect([before?.name, before?.conclusion]).toEqual([REQUIRED_CHECK, 'action_required']);
    for (const code of [
      'statement-broken',
      'statement-signature',
      'statement-other-head',
      'statement-reviewer-unknown',
    ]) {
      expect(before?.summary).toContain(code);
    }
    repository.comment(number, good, { as: 'erin' });
    expect((await checkOf(head))?.conclusion).toBe('success');
  });
});
