import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';

const WEAK = {
  governance: '{ people: 1, from: admins }',
  require: ['{ name: alone, people: 1, from: maintainers }'],
} as const;

/** A weak policy, which three admins have replaced; mallory's friend alice brings it back. */
function rollback(scene: Scene) {
  const weak = scene.policy(WEAK);
  const strong = scene.commit({ on: weak, files: scene.policyFiles(), as: 'alice' });
  const back = scene.commit({ on: strong, files: scene.policyFiles(WEAK), as: 'alice' });
  return { weak, strong, back };
}

test('row 14: bringing an older policy back is judged by the one that it replaces', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { strong, back } = rollback(scene);
    return proposed(strong, back, [scene.review({ as: 'bob', base: strong, head: back })]);
  });
  expect([outcome, codes.filter((code) => code.endsWith('-missing'))]).toEqual([
    'pending',
    ['governance-missing'],
  ]);
});

test('row 14: in history too, each step is judged by the policy of its own parent', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { strong, back } = rollback(scene);
    return landed(strong, back);
  });
  expect(outcome).toBe('pending');
  expect(codes).toEqual(expect.arrayContaining(['governance-missing', 'people-missing']));
});

test('row 14: a change that started from the weak policy is judged by the tip, and cannot carry it past by merging', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { weak, strong } = rollback(scene);
    const mine = scene.commit({ on: weak, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const head = scene.commit({
      on: [mine, strong],
      files: { ...scene.policyFiles(WEAK) },
      as: 'alice',
      message: 'merge, and keep the old policy',
    });
    return proposed(strong, head, [scene.review({ as: 'bob', base: strong, head })]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toContain('governance-missing');
});
