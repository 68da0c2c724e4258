import { expect, test } from 'vitest';
import { fenced, propose, useStage } from './stage.ts';

const shared = useStage();

test('row 1: push E, push B, get B approved, push E again: E has no approval, however late its push looks', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const evil = await propose(stage, 'aba', { content: 'evil\n' });
  await checkOf(evil.head);
  const benign = await fork.commit({ files: { 'pkgs/aba.nix': 'good\n' }, as: 'alice', on: base });
  await push(benign, 'aba', 'alice', { force: true });
  const review = await fork.review({ as: 'bob', base, head: benign });
  repository.comment(evil.number, fenced(review), { as: 'bob' });
  expect((await checkOf(benign))?.conclusion).toBe('success');

  await push(evil.head, 'aba', 'alice', { force: true });
  expect((await checkOf(evil.head))?.conclusion).toBe('action_required');
  expect(repository.mergeable(evil.number).mergeable).toBe(false);
});
