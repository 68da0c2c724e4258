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
  await push(base, 'master', 'alice', { force: true });
  await checkOf(base);
});

/** A change of alice's that bob approved and that master took, whose pull request is closed; then master was put back. */
async function rolledBack(name: string): Promise<{ head: string; number: number }> {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, name);
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  await push(head, 'master', 'alice');
  expect((await checkOf(head))?.conclusion).toBe('success');
  await push(base, 'master', 'alice', { force: true });
  await checkOf(base);
  return { head, number };
}

async function proposeAgain(head: string, branch: string): Promise<number> {
  const { repository, push } = shared.stage;
  await push(head, branch, 'alice', { force: true });
  const opened = await repository.openPullRequest({
    head: branch,
    base: 'master',
    title: branch,
    as: 'alice',
  });
  return opened.number;
}

test('what the branch dropped is green no more, and cannot be merged before it is judged again', async () => {
  const { fork, repository, base, checkOf } = shared.stage;
  const { head, number } = await rolledBack('dropped');
  expect((await checkOf(head))?.conclusion).toBe('cancelled');
  const no = await fork.review({ as: 'carol', base, head, decision: 'reject', note: 'a backdoor' });
  repository.comment(number, fenced(no), { as: 'carol' });
  expect((await checkOf(head))?.conclusion).toBe('cancelled');
  const again = await proposeAgain(head, 'dropped-again');
  await expect(repository.mergePullRequest(again, 'merge', { as: 'alice' })).rejects.toThrow(/required/i);
  const check = await checkOf(head);
  expect([check?.conclusion, check?.title]).toEqual(['failure', expect.stringContaining('carol')]);
});

test('words on the pull request that landed a dropped commit do not bring its old verdict back', async () => {
  const { fork, repository, base, checkOf } = shared.stage;
  const { head, number } = await rolledBack('landed-once');
  const again = await proposeAgain(head, 'landed-once-again');
  const no = await fork.review({ as: 'carol', base, head, decision: 'reject', note: 'a backdoor' });
  repository.comment(again, fenced(no), { as: 'carol' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
  repository.comment(number, 'thanks!', { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
});

test('nor where the policy has become stricter since', async () => {
  const { fork, repository, project, base, push, checkOf } = shared.stage;
  const { head, number } = await rolledBack('stricter');
  const require = ['{ name: everything, people: 3, approvals: 2, from: maintainers }'];
  const strict = await fork.setPolicy({ project, require }, { on: base, as: 'alice' });
  await push(strict, 'master', 'alice');
  await proposeAgain(head, 'stricter-again');
  expect((await checkOf(head))?.conclusion).toBe('action_required');
  repository.comment(number, 'thanks!', { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('action_required');
  await push(base, 'master', 'alice', { force: true });
  await checkOf(base);
});

test('a merge that the branch dropped takes the green of what it merged with it', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, 'merged');
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  const merge = await fork.merge(base, head, { as: 'alice' });
  await push(merge, 'master', 'alice');
  expect([(await checkOf(merge))?.conclusion, (await checkOf(head))?.conclusion]).toEqual([
    'success',
    'success',
  ]);
  await push(base, 'master', 'alice', { force: true });
  expect([(await checkOf(merge))?.conclusion, (await checkOf(head))?.conclusion]).toEqual([
    'cancelled',
    'cancelled',
  ]);
});

test('a "no" is kept that was posted while the pull request was closed, and deleted before it was opened again', async () => {
  const { stage } = shared;
  const { fork, repository, base, github, checkOf } = stage;
  const { head, number } = await propose(stage, 'hushed');
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  repository.close(number, { as: 'alice' });
  await checkOf(head);
  const no = await fork.review({ as: 'carol', base, head, decision: 'reject', note: 'a backdoor' });
  const { id } = repository.comment(number, fenced(no), { as: 'carol' });
  await checkOf(head);
  repository.deleteComment(id, { as: 'alice' });
  await github.settled();
  await repository.reopen(number, { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
});

test.each([
  ['is not enrolled', null],
  ['has a policy that says nothing', 'version: 1\n'],
])('a "no" is kept that was posted while the pull request pointed at a branch that %s', async (_, policy) => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const name = policy === null ? 'aside' : 'aside-with-a-policy';
  const { head, number } = await propose(stage, `to-${name}`);
  const files = policy === null ? { 'pkgs/side.nix': '1\n' } : { '.countersign/policy.yaml': policy };
  await push(await fork.commit({ files, as: 'alice', on: base }), name, 'alice');
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  await repository.retarget(number, name, { as: 'alice' });
  await checkOf(head);
  const no = await fork.review({ as: 'carol', base, head, decision: 'reject', note: 'a backdoor' });
  const { id } = repository.comment(number, fenced(no), { as: 'carol' });
  await checkOf(head);
  repository.deleteComment(id, { as: 'alice' });
  await checkOf(head);
  await repository.retarget(number, 'master', { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
});

test.each(['closed', 'pushed over'])(
  'a "no" to something else reddens a good change as long as the other has its head: until it is %s',
  async (how) => {
    const { stage } = shared;
    const { fork, repository, base, push, checkOf } = stage;
    const [good, bad] = [`good-${how.slice(0, 4)}`, `bad-${how.slice(0, 4)}`];
    const { head, number } = await propose(stage, good);
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
    const other = await propose(stage, bad);
    const no = await fork.review({ as: 'carol', base, head: other.head, decision: 'reject', note: 'spam' });
    repository.comment(other.number, fenced(no), { as: 'carol' });
    expect((await checkOf(head))?.conclusion).toBe('success');
    await push(head, bad, 'alice', { force: true });
    expect((await checkOf(head))?.conclusion).toBe('failure');
    if (how === 'closed') repository.close(other.number, { as: 'alice' });
    else await push(other.head, bad, 'alice', { force: true });
    expect((await checkOf(head))?.conclusion).toBe('success');
  },
);
