import { expect, test } from 'vitest';
import { fenced, propose, useStage } from './stage.ts';

const shared = useStage();

test('row 3: a head that is replaced while its approval is judged turns nothing green', async () => {
  const { stage } = shared;
  const { github, fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, 'race');
  await checkOf(head);
  const review = await fork.review({ as: 'bob', base, head });
  const evil = await fork.commit({ files: { 'pkgs/race.nix': 'evil\n' }, as: 'alice', on: base });

  github.misbehave({ match: { method: 'GET', path: /\/comments/ }, times: 1, delayMs: 1500 });
  repository.comment(number, fenced(review), { as: 'bob' });
  await repository.waitForCheck({ sha: head, name: 'countersign / master', status: 'in_progress' });
  await push(evil, 'race', 'alice', { force: true });

  expect((await checkOf(evil))?.conclusion).toBe('action_required');
  expect(repository.checkRuns(evil).map(({ conclusion }) => conclusion)).not.toContain('success');
  expect((await checkOf(head))?.conclusion).not.toBe('success');
});
