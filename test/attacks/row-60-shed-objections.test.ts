import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { change, proposed } from '../verdicts/make/plots.ts';
import { fenced, propose, useStage } from './stage.ts';

test('row 60: a push of a blank does not shed a signed "no"', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: old } = change(scene);
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1 \n' }, as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
      ...['carol', 'dave'].map((as) => scene.review({ as, base, head })),
    ];
    return proposed(base, head, said, [old]);
  });
  expect([outcome, codes]).toEqual(['fail', ['objection']]);
});

test('row 60: nor does a push on top of what was objected to', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: old } = change(scene);
    const head = scene.commit({ on: old, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
      scene.review({ as: 'carol', base, head }),
    ];
    return proposed(base, head, said);
  });
  expect([outcome, codes]).toEqual(['fail', ['objection']]);
});

const shared = useStage();

test('row 60: a "no" that was seen stands after its comment is deleted, and after the next push', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, 'shed');
  const approval = await fork.review({ as: 'carol', base, head });
  repository.comment(number, fenced(approval), { as: 'carol' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  const no = await fork.review({ as: 'bob', base, head, decision: 'reject', note: 'not like this' });
  const comment = repository.comment(number, fenced(no), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
  repository.deleteComment(comment.id, { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('failure');

  const next = await fork.commit({ files: { 'pkgs/shed.nix': 'shed \n' }, as: 'alice', on: base });
  await push(next, 'shed', 'alice', { force: true });
  const again = await fork.review({ as: 'carol', base, head: next });
  repository.comment(number, fenced(again), { as: 'carol' });
  expect((await checkOf(next))?.conclusion).toBe('failure');
  expect(repository.mergeable(number).mergeable).toBe(false);

  const settled = await fork.review({ as: 'bob', base, head: next, serial: 2 });
  repository.comment(number, fenced(settled), { as: 'bob' });
  expect((await checkOf(next))?.conclusion).toBe('success');
});
