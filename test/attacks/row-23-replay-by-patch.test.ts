import { expect, test } from 'vitest';
import type { Content } from '../verdicts/make/objects.ts';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { proposed } from '../verdicts/make/plots.ts';

const BEFORE = 'one\ntwo\nthree\n';
const AFTER = 'one\n2\nthree\n';

test.each<[string, Content]>([
  ['blanks at a line end', 'one\n2 \nthree\n'],
  ['other indentation', 'one\n 2\nthree\n'],
  ['another line end', 'one\n2\r\nthree\n'],
  ['no line end at the end', 'one\n2\nthree'],
  ['another mode', { executable: AFTER }],
  ['a link of the same bytes', { link: AFTER }],
])('row 23: an approval does not follow a rewrite with %s', async (_what, content) => {
  const judged = async (after: Content) =>
    judgeScene((scene) => {
      const base = scene.policy({}, { 'pkgs/a.nix': BEFORE });
      const reviewed = scene.commit({ on: base, files: { 'pkgs/a.nix': AFTER }, as: 'alice' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': after }, as: 'alice', message: 'again' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head: reviewed })], [reviewed]);
    });
  const { outcome, people, codes } = await judged(content);
  expect([outcome, people.approvers]).toEqual(['pending', []]);
  expect(codes).toContain('statement-other-head');
  // The same rewrite without a difference does carry over, so it is the difference that was refused.
  expect((await judged(AFTER)).outcome).toBe('pass');
});

test('row 23: the same patch onto another base is the same change only if re-creating it gives the very tree', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const base = scene.policy({}, { 'pkgs/a.nix': BEFORE });
    const reviewed = scene.commit({ on: base, files: { 'pkgs/a.nix': AFTER }, as: 'alice' });
    const tip = scene.commit({ on: base, files: { 'pkgs/a.nix': `zero\n${BEFORE}` }, as: 'carol' });
    const head = scene.commit({ on: tip, files: { 'pkgs/a.nix': AFTER }, as: 'alice' });
    return proposed(tip, head, [scene.review({ as: 'bob', base, head: reviewed })], [reviewed]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toContain('statement-other-head');
});

test('row 23: a digest of the right change under another head counts for neither', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const base = scene.policy();
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const other = scene.commit({ on: base, files: { 'pkgs/a.nix': '1 \n' }, as: 'alice' });
    const honest = scene.reviewOf({ as: 'bob', base, head: other });
    return proposed(base, head, [
      scene.review({ as: 'bob', base, head, ...('change' in honest ? { change: honest.change } : {}) }),
    ]);
  });
  expect(outcome).toBe('pending');
  expect(codes).toContain('statement-change-differs');
});
