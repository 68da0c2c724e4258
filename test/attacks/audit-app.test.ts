import { expect, test } from 'vitest';
import { policyFiles } from '../fork/policy.ts';
import { fenced, propose, useStage } from './stage.ts';

const shared = useStage();

test('asking for the check of a rewritten branch again does not turn it green', async () => {
  const { fork, github, repository, project, base, push, checkOf } = shared.stage;
  const weak = { project, require: ['{ name: nobody, people: 1, from: maintainers }'] };
  const root = await fork.setPolicy(weak, { as: 'alice' });
  const evil = await fork.commit({ files: { 'pkgs/evil.nix': '1\n' }, as: 'alice', on: root });
  await push(evil, 'master', 'alice', { force: true });
  const before = await checkOf(evil);
  expect([before?.conclusion, before?.summary?.includes('first-parent-changed')]).toEqual(['failure', true]);
  repository.rerequestCheck(before?.id ?? 0, { as: 'alice' });
  const after = await checkOf(evil);
  expect([after?.conclusion, after?.summary?.includes('first-parent-changed')]).toEqual(['failure', true]);
  await push(base, 'master', 'alice', { force: true });
  await github.settled();
});

test('a step that stands on a bad step of the same push is not green', async () => {
  const { fork, project, base, push, checkOf } = shared.stage;
  const files = policyFiles(fork.people, {
    project,
    require: ['{ name: nobody, people: 1, from: maintainers }'],
  });
  const weak = await fork.commit({ files, as: 'alice', on: base });
  const next = await fork.commit({ files: { 'pkgs/x.nix': '1\n' }, as: 'alice', on: weak });
  await push(next, 'master', 'alice');
  expect((await checkOf(next))?.conclusion).toBe('failure');
  expect((await checkOf(weak))?.conclusion).toBe('failure');
  await push(base, 'master', 'alice', { force: true });
  await checkOf(base);
});

test('green does not outlive the pull request: closed, pointed elsewhere or pushed over, it is taken back', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const approved = async (name: string): Promise<{ head: string; number: number }> => {
    const { head, number } = await propose(stage, name);
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
    expect((await checkOf(head))?.conclusion).toBe('success');
    return { head, number };
  };
  await push(base, 'side', 'alice');
  const closed = await approved('closed');
  repository.close(closed.number, { as: 'alice' });
  expect((await checkOf(closed.head))?.conclusion).toBe('cancelled');

  const moved = await approved('moved');
  await repository.retarget(moved.number, 'side', { as: 'alice' });
  expect((await checkOf(moved.head))?.conclusion).toBe('cancelled');

  const pushed = await approved('pushed');
  const other = await fork.commit({ files: { 'pkgs/pushed.nix': 'other\n' }, as: 'alice', on: base });
  await push(other, 'pushed', 'alice', { force: true });
  expect((await checkOf(pushed.head))?.conclusion).toBe('cancelled');

  await repository.reopen(closed.number, { as: 'alice' });
  expect((await checkOf(closed.head))?.conclusion).toBe('success');
});

test('a head that landed keeps the verdict on its step when its pull request closes', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, 'landed');
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  await push(head, 'master', 'alice');
  expect((await checkOf(head))?.conclusion).toBe('success');
});
