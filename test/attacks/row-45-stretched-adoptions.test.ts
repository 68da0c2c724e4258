import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { elsewhere, landed, outside, proposed, SOCIAL } from '../verdicts/make/plots.ts';

test('row 45: an adoption covers no commit that was pushed after it', async () => {
  const { outcome, codes, people } = await judgeScene((scene) => {
    const { base, head: first } = outside(scene);
    const head = scene.commit({ on: first, files: { 'pkgs/evil.nix': '1\n' } });
    const adoption = scene.adopt({ as: 'alice', base, head: first });
    const reviews = ['bob', 'carol'].map((as) => scene.review({ as, base, head }));
    return proposed(base, head, [adoption, ...reviews]);
  });
  expect([outcome, codes]).toEqual(['pending', ['commit-unsigned']]);
  expect(people.behind).not.toContain('alice');
});

test("row 45: an adoption of one branch's commits covers none of another's, nor those of another branch merged in", async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: mine } = outside(scene);
    const other = scene.commit({ on: base, files: { 'pkgs/other.nix': '1\n' } });
    const head = scene.merge(mine, other, { as: 'alice' });
    const adoption = scene.adopt({ as: 'carol', base, head: mine });
    return proposed(base, head, [adoption, scene.review({ as: 'bob', base, head })]);
  });
  expect([outcome, codes]).toEqual(['pending', ['commit-unsigned']]);
});

test('row 45: an adoption for another branch of the project covers nothing here', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = outside(scene);
    const adoption = scene.adopt({ as: 'alice', base, head, branch: 'staging' });
    const reviews = ['bob', 'carol'].map((as) => scene.review({ as, base, head }));
    return proposed(base, head, [adoption, ...reviews]);
  });
  expect([outcome, codes]).toEqual(['pending', ['commit-unsigned', 'statement-other-branch']]);
});

test('row 45: who adopts is no approver of it, in a change nor where they merge it', async () => {
  const alone = await judgeScene((scene) => {
    const { base, head } = outside(scene);
    const said = [scene.adopt({ as: 'alice', base, head }), scene.review({ as: 'alice', base, head })];
    return proposed(base, head, said);
  });
  expect([alone.outcome, alone.people.approvers]).toEqual(['pending', []]);
  const merged = await judgeScene((scene) => {
    const { base, head } = outside(scene);
    const merge = scene.merge(base, head, { as: 'alice' });
    return landed(base, merge, [scene.adopt({ as: 'alice', base, head })]);
  });
  expect([merged.outcome, merged.people.approvers]).toEqual(['pending', []]);
});

test('row 45: a signature on a later commit adopts nothing', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: first } = outside(scene);
    const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
  });
  expect([outcome, codes]).toEqual(['pending', ['commit-unsigned']]);
});

test('row 45: an adoption is not stretched downwards by a base further back than what was there to see', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const base = scene.policy(SOCIAL);
    const hidden = scene.commit({ on: base, files: { 'lib/backdoor.nix': '1\n' } });
    const head = scene.commit({ on: hidden, files: { 'pkgs/a.nix': '1\n' } });
    const seen = scene.adoptionOf({ as: 'alice', base: hidden, head });
    const change = 'change' in seen ? seen.change : '';
    const stretched = scene.adopt({ as: 'alice', base, head, change });
    return proposed(base, head, [stretched, scene.review({ as: 'bob', base, head })]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toEqual(expect.arrayContaining(['commit-unsigned', 'statement-change-differs']));
});

test('row 45: an adoption does not move to a rebased head', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: old } = outside(scene);
    const tip = elsewhere(scene, base);
    const head = scene.rebase(old, tip);
    const said = [
      scene.adopt({ as: 'alice', base, head: old }),
      ...['bob', 'carol'].map((as) => scene.review({ as, base, head: old })),
    ];
    return proposed(tip, head, said, [old]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toContain('commit-unsigned');
});
