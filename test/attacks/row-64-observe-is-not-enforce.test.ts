import { expect, test } from 'vitest';
import { checkOf } from '../../src/core/report/check.ts';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';

const play = (mode: 'observe' | 'enforce', kind: 'change' | 'step') => (scene: Scene) => {
  const base = scene.policy({ mode });
  const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const said = [scene.review({ as: 'bob', base, head })];
  return kind === 'change' ? proposed(base, head, said) : landed(base, head, said);
};
const NOWHERE = { url: null, pull: null };

test.each(['change', 'step'] as const)('row 64: a %s that is only observed is never a pass', async (kind) => {
  const observed = await judgeScene(play('observe', kind));
  expect([observed.outcome, observed.enforced]).toEqual(['undetermined', 'pass']);
  expect((await judgeScene(play('enforce', kind))).outcome).toBe('pass');
});

test.each(['change', 'step'] as const)(
  'row 64: the check of an observed %s has another name',
  async (kind) => {
    const observed = checkOf(await judgeScene(play('observe', kind)), NOWHERE);
    const enforced = checkOf(await judgeScene(play('enforce', kind)), NOWHERE);
    expect([observed.name, observed.conclusion]).toEqual(['countersign (observe) / master', 'neutral']);
    expect([enforced.name, enforced.conclusion]).toEqual(['countersign / master', 'success']);
  },
);

test('row 64: after the switch to enforce, what was observed is judged anew, by its own statements', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const observing = scene.policy({ mode: 'observe' });
    const head = scene.commit({ on: observing, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const files = scene.policyFiles({ mode: 'enforce' });
    const tip = scene.commit({ on: observing, files, as: 'alice' });
    return proposed(tip, head);
  });
  expect(outcome).toBe('pending');
  expect(codes).toEqual(['people-missing', 'approvals-missing']);
});

test('row 64: not even governance that ratifies makes an observed step a pass', async () => {
  const { outcome, enforced } = await judgeScene((scene) => {
    const parent = scene.policy({ mode: 'observe' });
    const commit = scene.commit({ on: parent, files: { 'pkgs/a.nix': '1\n' } });
    return landed(
      parent,
      commit,
      ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
    );
  });
  expect([outcome, enforced]).toEqual(['undetermined', 'pass']);
});
