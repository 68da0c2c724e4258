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

test.each(['change', 'step'] as const)(
  'row 14: approvals of harmless work on top of a weak policy do not bring that back, as a %s',
  async (kind) => {
    const { outcome, people, codes } = await judgeScene((scene) => {
      const old = scene.policy({}, { 'pkgs/d.nix': '0\n' });
      const trial = scene.commit({ on: old, files: scene.policyFiles(WEAK), as: 'carol' });
      const reviewed = scene.commit({ on: trial, files: { 'pkgs/d.nix': '1\n' }, as: 'alice' });
      const yes = ['bob', 'carol'].map((as) => scene.review({ as, base: trial, head: reviewed }));
      const strong = { ...scene.policyFiles(), 'pkgs/other': '1\n' };
      const tip = scene.commit({ on: trial, files: strong, as: 'carol' });
      const weak = { ...scene.policyFiles(WEAK), 'pkgs/d.nix': '1\n' };
      const head = scene.commit({ on: old, files: weak, as: 'alice' });
      return kind === 'change'
        ? proposed(tip, head, yes)
        : landed(tip, scene.merge(tip, head, { as: 'alice' }), yes);
    });
    expect([outcome, people.behind]).toEqual(['pending', ['alice']]);
    expect(codes).toContain('governance-missing');
  },
);
