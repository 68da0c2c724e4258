import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { change, elsewhere, proposed, SOCIAL } from '../verdicts/make/plots.ts';

test.each(['reject', 'withdraw'] as const)(
  'row 59: an old approval that is posted again after a %s does not count again',
  async (decision) => {
    const { outcome, people } = await judgeScene((scene) => {
      const { base, head } = change(scene);
      const approval = scene.review({ as: 'bob', base, head });
      const later = scene.review({ as: 'bob', base, head, decision, serial: 2 });
      return proposed(base, head, [approval, later, approval, `> ${approval.replaceAll('\n', '\n> ')}`]);
    });
    expect(outcome).toBe(decision === 'reject' ? 'fail' : 'pending');
    expect(people.approvers).toEqual([]);
  },
);

test('row 59: nor does an old approval of an earlier head, by carry-over, against a later "no" to it', async () => {
  const { outcome, people } = await judgeScene((scene) => {
    const { base, head: old } = change(scene);
    const tip = elsewhere(scene, base);
    const head = scene.rebase(old, tip, { as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: old }),
      scene.review({ as: 'bob', base, head: old, decision: 'reject', serial: 2 }),
      scene.review({ as: 'carol', base: tip, head }),
    ];
    return proposed(tip, head, said, [old]);
  });
  expect(outcome).toBe('fail');
  expect(people.approvers).toEqual(['carol']);
});

test('row 59: an approval of A from before a "no" to B does not answer it when A is pushed again', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const base = scene.policy(SOCIAL);
    const a = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const b = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: a, serial: 1 }),
      scene.review({ as: 'bob', base, head: b, decision: 'reject', serial: 2 }),
    ];
    return proposed(base, a, said, [b]);
  });
  expect([outcome, codes]).toEqual(['fail', ['objection']]);
});

test('row 59: an approval signed for another change takes no "no" back, whatever its serial', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = change(scene);
    const said = [
      scene.review({ as: 'bob', base, head, decision: 'reject' }),
      scene.review({ as: 'bob', base, head, serial: 2, change: 'e'.repeat(64) }),
      scene.review({ as: 'carol', base, head }),
    ];
    return proposed(base, head, said);
  });
  expect(outcome).toBe('fail');
  expect(codes).toEqual(expect.arrayContaining(['objection', 'statement-change-differs']));
});
