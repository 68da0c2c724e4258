import { expect, test } from 'vitest';
import { outside, proposed } from '../verdicts/make/plots.ts';
import { judgeScene } from '../verdicts/make/gathering.ts';

const BOB = 'Bob <bob@example.org>';
const NOBODY = 'Nobody <nobody@nowhere.invalid>';

test('row 11: who signed a commit is its author, whatever name and address it carries', async () => {
  const { outcome, people, codes } = await judgeScene((scene) => {
    const base = scene.policy();
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice', author: NOBODY });
    return proposed(base, head, [scene.review({ as: 'alice', base, head })]);
  });
  expect([outcome, people.authors, people.approvers]).toEqual(['pending', ['alice'], []]);
  expect(codes).toContain('reviewer-is-author');
});

test("row 11: a commit that claims to be bob's and is signed by alice does not keep bob from reviewing", async () => {
  const { outcome, people } = await judgeScene((scene) => {
    const base = scene.policy();
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice', author: BOB });
    return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
  });
  expect([outcome, people.authors, people.approvers]).toEqual(['pass', ['alice'], ['bob']]);
});

test.each([
  ['of nobody', undefined],
  ["of a stranger's key", 'mallory'],
])('row 11: a commit %s is never left out of what needs an author', async (_what, as) => {
  const { outcome, people, codes } = await judgeScene((scene) => {
    const { base } = outside(scene);
    const signed = as === undefined ? {} : { as };
    const first = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, author: BOB, ...signed });
    const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const approvals = ['bob', 'carol', 'dave'].map((name) => scene.review({ as: name, base, head }));
    return proposed(base, head, approvals);
  });
  expect(outcome).toBe('pending');
  expect(people.authors).toEqual(['alice']);
  expect(codes).toEqual([as === undefined ? 'commit-unsigned' : 'commit-key-unknown']);
});
