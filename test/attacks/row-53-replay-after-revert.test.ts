import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed, SOCIAL } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';

/** What bob approved lands in one way or another, and is reverted by carol. */
function reverted(scene: Scene, how: 'merge' | 'squash' | 'fast-forward') {
  const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
  const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const review = scene.review({ as: 'bob', base, head });
  const step =
    how === 'merge'
      ? scene.merge(base, head, { as: 'carol' })
      : how === 'squash'
        ? scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice', message: 'squashed' })
        : head;
  const files = { 'pkgs/a.nix': '0\n', 'pkgs/b.nix': '1\n' };
  const tip = scene.commit({ on: step, files, as: 'carol', message: 'revert' });
  return { base, head, review, tip };
}

const HOW = ['merge', 'squash', 'fast-forward'] as const;

test.each(HOW)(
  'row 53: landed by %s and reverted, the change comes back with its old approval',
  async (how) => {
    const { outcome, people, codes } = await judgeScene((scene) => {
      const { head, review, tip } = reverted(scene, how);
      // The head itself where that has not landed, or the same content in a commit of its own.
      const again =
        how === 'squash' ? head : scene.commit({ on: tip, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(tip, again, [review], [head]);
    });
    expect([outcome, people.approvers]).toEqual(['pending', []]);
    expect(codes).toContain('statement-spent');
  },
);

test.each(HOW)(
  'row 53: landed by %s, reverted and pushed again, the step is not proven by the old approval',
  async (how) => {
    const { outcome, people, codes } = await judgeScene((scene) => {
      const { review, tip } = reverted(scene, how);
      const again = scene.commit({ on: tip, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return landed(tip, again, [review]);
    });
    expect([outcome, people.approvers]).toEqual(['pending', []]);
    expect(codes).toContain('statement-spent');
  },
);

test('row 53: the step that landed it first is still proven by it', async () => {
  const { outcome } = await judgeScene((scene) => {
    const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    return landed(base, scene.merge(base, head, { as: 'carol' }), [scene.review({ as: 'bob', base, head })]);
  });
  expect(outcome).toBe('pass');
});

test('row 53: a revert that is reviewed anew passes', async () => {
  const { outcome } = await judgeScene((scene) => {
    const { head, review, tip } = reverted(scene, 'squash');
    return proposed(tip, head, [review, scene.review({ as: 'bob', base: tip, head, serial: 2 })]);
  });
  expect(outcome).toBe('pass');
});
