import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';

const OLD = { require: ['{ name: everything, people: 2, approvals: 1, from: maintainers }'] } as const;
const NEW = { require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'] } as const;

/** Green under the old policy; then the policy lands, and the button is pressed before anything was judged again. */
function raced(scene: Scene) {
  const base = scene.policy(OLD);
  const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const review = scene.review({ as: 'bob', base, head });
  const parent = scene.commit({ on: base, files: scene.policyFiles(NEW), as: 'alice' });
  const merge = scene.merge(parent, head, { as: 'dave' });
  return { base, head, review, parent, merge };
}

test('row 68: the landed step is judged by the policy of its parent, whatever was green before', async () => {
  const before = await judgeScene((scene) => {
    const { base, head, review } = raced(scene);
    return proposed(base, head, [review]);
  });
  expect(before.outcome).toBe('pass');
  const after = await judgeScene((scene) => {
    const { review, parent, merge } = raced(scene);
    return landed(parent, merge, [review]);
  });
  expect([after.outcome, after.codes]).toEqual(['pending', ['approvals-missing']]);
});

test('row 68: what was missing can be signed after landing', async () => {
  const { outcome } = await judgeScene((scene) => {
    const { head, review, parent, merge } = raced(scene);
    return landed(parent, merge, [review, scene.review({ as: 'carol', base: parent, head })]);
  });
  expect(outcome).toBe('pass');
});

test('row 68: or governance of the parent ratifies, and every verification shows it', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { review, parent, merge: commit } = raced(scene);
    return landed(parent, commit, [
      review,
      ...['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
    ]);
  });
  expect(outcome).toBe('pass');
  expect(codes).toEqual(['step-ratified', 'approvals-missing']);
});

test('row 68: a tip that moved on under a check makes another landing tree, and that is what is judged', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const base = scene.policy({}, { 'pkgs/a.nix': '0\n' });
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const moved = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'carol' });
    const merge = scene.merge(moved, head, { as: 'dave', files: { 'pkgs/a.nix': '3\n' } });
    return landed(moved, merge, [scene.review({ as: 'bob', base, head })]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toEqual(expect.arrayContaining(['merge-resolution', 'approvals-missing']));
});
