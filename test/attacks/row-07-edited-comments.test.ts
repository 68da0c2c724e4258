import { expect, test } from 'vitest';
import { fenced, propose, useStage } from './stage.ts';

const shared = useStage();

test("row 7: an edit of another person's comment creates no approval", async () => {
  const { stage } = shared;
  const { fork, repository, base, checkOf } = stage;
  const { head, number } = await propose(stage, 'edited');
  const comment = repository.comment(number, 'I will look at it tomorrow.', { as: 'bob' });
  const other = await propose(stage, 'unrelated');
  const elsewhere = await fork.review({ as: 'bob', base, head: other.head });
  for (const forged of [
    elsewhere,
    elsewhere.replaceAll(other.head, head),
    await fork.review({ as: 'bob', base, head, key: 'alice' }),
  ]) {
    repository.editComment(comment.id, fenced(forged), { as: 'alice' });
    const check = await checkOf(head);
    expect([check?.conclusion, check?.title]).toEqual([
      'action_required',
      '1 of 2 people: needs an approval from maintainers',
    ]);
  }
});

test('row 7: an approval that was seen is not un-said by editing or deleting the comment', async () => {
  const { stage } = shared;
  const { fork, repository, base, checkOf } = stage;
  const { head, number } = await propose(stage, 'deleted');
  const review = await fork.review({ as: 'bob', base, head });
  const comment = repository.comment(number, fenced(review), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  repository.editComment(comment.id, 'nothing to see here', { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  repository.deleteComment(comment.id, { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('success');

  const taken = await fork.review({ as: 'bob', base, head, decision: 'withdraw', serial: 2 });
  repository.comment(number, fenced(taken), { as: 'carol' });
  expect((await checkOf(head))?.conclusion).toBe('action_required');
});

test('row 7: it does not matter who posts a signed statement, nor in which pull request of that head', async () => {
  const { stage } = shared;
  const { fork, repository, base, checkOf } = stage;
  const { head, number } = await propose(stage, 'posted');
  const review = await fork.review({ as: 'bob', base, head });
  repository.comment(number, fenced(review), { as: 'erin' });
  expect((await checkOf(head))?.conclusion).toBe('success');
});
