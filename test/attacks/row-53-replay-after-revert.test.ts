import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
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

/** One file of which two ends change: what lands is not, byte for byte, what was reviewed. */
function rebased(scene: Scene) {
  const text = (top: string, end: string): string => `${top}\n${'same\n'.repeat(12)}${end}\n`;
  const write = (on: Oid, content: string, as: string): Oid =>
    scene.commit({ on, files: { 'pkgs/all.nix': content }, as });
  const base = scene.policy(SOCIAL, { 'pkgs/all.nix': text('0', '0') });
  const head = write(base, text('1', '0'), 'alice');
  const review = scene.review({ as: 'bob', base, head });
  const between = write(base, text('0', '1'), 'carol');
  return { text, write, head, review, between };
}

test.each(['squash', 'merge'])(
  'row 53: landed by a %s of its rebase onto files that had changed, and reverted, it does not come back',
  async (how) => {
    for (const later of [false, true]) {
      for (const carried of [false, true]) {
        const { people, codes } = await judgeScene((scene) => {
          const { text, write, head, review, between } = rebased(scene);
          const again = write(between, text('1', '1'), 'alice');
          const step = how === 'merge' ? scene.merge(between, again, { as: 'carol' }) : again;
          const reverted = write(step, text('0', '1'), 'carol');
          // Where the other end has changed once more, nothing that would land is what did.
          const tip = later ? write(reverted, text('0', '2'), 'carol') : reverted;
          const anew = write(tip, text('1', later ? '2' : '1'), 'alice');
          return proposed(tip, carried ? anew : head, [review], [head]);
        });
        expect([later, carried, people.approvers]).toEqual([later, carried, []]);
        expect(codes).toContain('statement-spent');
      }
    }
  },
);

test('row 53: a change of the same file that never landed is spent by nothing', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { text, write, head, review, between } = rebased(scene);
    const tip = write(between, text('0', '2'), 'carol');
    return proposed(tip, head, [review]);
  });
  expect([outcome, codes]).toEqual(['pass', []]);
});
