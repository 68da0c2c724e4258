import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { knowsGitHub } from '../verdicts/make/github.ts';
import { change, elsewhere, landed } from '../verdicts/make/plots.ts';
import type { Content } from '../verdicts/make/objects.ts';

const CLEAN = { merges: '{ github-button: clean }' } as const;

test.each<[string, Record<string, Content | null>]>([
  ['a file that neither side has', { 'lib/backdoor.nix': 'evil\n' }],
  ["a change of the other side's file", { 'pkgs/other.nix': 'evil\n' }],
  ["a change of the reviewed side's file", { 'pkgs/a.nix': 'evil\n' }],
  ['a file made executable', { 'pkgs/a.nix': { executable: '1\n' } }],
  ['what one side did, undone', { 'pkgs/a.nix': null }],
  ['a link', { 'pkgs/a.nix': { link: '/etc/passwd' } }],
  ['a submodule', { 'pkgs/a.nix': { submodule: 'd'.repeat(40) } }],
])('row 20: a merge with %s is a change of its own, which nobody has reviewed', async (_what, files) => {
  for (const as of ['carol', 'web-flow']) {
    const { outcome, people, codes } = await judgeScene((scene) => {
      const base = scene.policy(...knowsGitHub(CLEAN));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const tip = elsewhere(scene, base);
      const reviews = ['bob', 'dave'].map((name) => scene.review({ as: name, base, head }));
      return landed(tip, scene.merge(tip, head, { as, files }), reviews);
    });
    expect(outcome).toBe(as === 'carol' ? 'pending' : 'fail');
    expect(codes).toContain(as === 'carol' ? 'merge-resolution' : 'github-merge-changed');
    expect(people.approvers).toEqual([]);
  }
});

test('row 20: the same merge without additions needs no review of its own', async () => {
  const { outcome } = await judgeScene((scene) => {
    const { base, head } = change(scene);
    const tip = elsewhere(scene, base);
    return landed(tip, scene.merge(tip, head, { as: 'carol' }), [scene.review({ as: 'bob', base, head })]);
  });
  expect(outcome).toBe('pass');
});

test('row 20: who made an evil merge is its author, and approves nothing by it', async () => {
  const { outcome, people } = await judgeScene((scene) => {
    const { base, head } = change(scene, { policy: { merges: '{ signer-counts-as: approver }' } });
    const merge = scene.merge(base, head, { as: 'carol', files: { 'lib/x.nix': '1\n' } });
    return landed(base, merge, [scene.review({ as: 'carol', base, head: merge })]);
  });
  expect([outcome, people.approvers]).toEqual(['pending', []]);
});
