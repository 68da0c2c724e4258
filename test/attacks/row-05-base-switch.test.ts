import { expect, test } from 'vitest';
import { policyFiles } from '../fork/policy.ts';
import { useStage } from './stage.ts';

const shared = useStage();

test('row 5: green against a weak branch, then retargeted: judged again, under the name of the new base', async () => {
  const { fork, repository, base, project, push, checkOf } = shared.stage;
  const alice = fork.people.get('alice');
  const files = policyFiles(new Map(alice ? [['alice', alice]] : []), {
    project,
    match: '[weak]',
    governance: '{ people: 1, from: admins }',
    require: ['{ name: alone, people: 1, from: maintainers }'],
  });
  const weak = await fork.commit({ files, as: 'alice', on: base });
  await push(weak, 'weak', 'alice');
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: weak });
  await push(head, 'change', 'alice');
  const { number } = await repository.openPullRequest({
    head: 'change',
    base: 'weak',
    title: 'x',
    as: 'alice',
  });
  expect((await checkOf(head, 'countersign / weak'))?.conclusion).toBe('success');
  expect(await checkOf(head)).toBeNull();

  await repository.retarget(number, 'master', { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('action_required');
  expect(repository.mergeable(number).mergeable).toBe(false);
});
