import { expect, test } from 'vitest';
import { policyFiles } from '../fork/policy.ts';
import { useStage } from './stage.ts';

const shared = useStage();

test('row 47: a branch with a policy of its own turns only its own name green', async () => {
  const { fork, repository, base, project, push, checkOf } = shared.stage;
  fork.people.set('mallory', await fork.keys.makeSshKey('mallory'));
  const mallory = fork.people.get('mallory');
  const weak = (match: string): Record<string, string> =>
    policyFiles(new Map(mallory ? [['mallory', mallory]] : []), {
      project,
      match,
      governance: '{ people: 1, from: admins }',
      require: ['{ name: nobody, people: 1, approvals: 0, from: maintainers }'],
    });
  const x = await fork.commit({ files: weak('[x]'), as: 'mallory', on: base });
  await push(x, 'x', 'mallory');
  const head = await fork.commit({ files: { 'pkgs/evil.nix': 'evil\n' }, as: 'mallory', on: x });
  await push(head, 'evil', 'mallory');
  await repository.openPullRequest({ head: 'evil', base: 'x', title: 'evil', as: 'mallory' });
  expect((await checkOf(head, 'countersign / x'))?.conclusion).toBe('success');
  expect(repository.checkRuns(head).map(({ name }) => name)).toEqual(['countersign / x']);

  const pull = await repository.openPullRequest({
    head: 'evil',
    base: 'master',
    title: 'evil',
    as: 'mallory',
  });
  expect((await checkOf(head))?.conclusion).not.toBe('success');
  expect(repository.mergeable(pull.number)).toMatchObject({ mergeable: false });
});

test('row 47: a policy on branch x that claims to speak for master does not judge master', async () => {
  const { fork, repository, base, project, push, checkOf } = shared.stage;
  const mallory = fork.people.get('mallory');
  const files = policyFiles(new Map(mallory ? [['mallory', mallory]] : []), {
    project,
    match: '[master]',
    governance: '{ people: 1, from: admins }',
    require: ['{ name: nobody, people: 1, from: maintainers }'],
  });
  const y = await fork.commit({ files, as: 'mallory', on: base });
  await push(y, 'y', 'mallory');
  const head = await fork.commit({ files: { 'pkgs/evil.nix': 'evil\n' }, as: 'mallory', on: y });
  await push(head, 'evil-y', 'mallory');
  await repository.openPullRequest({ head: 'evil-y', base: 'y', title: 'evil', as: 'mallory' });
  await checkOf(head);
  expect(repository.checkRuns(head).map(({ conclusion }) => conclusion)).not.toContain('success');
});
