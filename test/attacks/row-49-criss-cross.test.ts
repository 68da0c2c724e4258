import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { askHistory } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { withTexts } from '../histories/edits.ts';
import type { Files } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';
import { expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();

/**
 * Two bases: a merged change of carol's, and what was on master beside it. alice's head merges both by herself, the other
 * way round, with `files`; against either base alone her change looks harmless.
 */
function crissCross(files: Files, side: Files): { built: Built; line: readonly Oid[] } {
  const built = user.build({ ...honest('linear'), steps: [] });
  const { scene, ledger, at } = built;
  const old = { 'lib/fetch.nix': 'checks hashes\n' };
  const first = scene.commit({ on: at(0), files: { ...old, 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const work = scene.commit({ on: at(0), files: side, as: 'carol' });
  const merged = scene.merge(first, work, { as: 'dave' });
  const head = scene.commit({ on: [first, work], files: { ...side, ...files }, as: 'alice' });
  const landed = scene.commit({ on: [merged, head], files: { ...side, ...files }, as: 'carol' });
  const change = ofReview(scene.review({ as: 'bob', base: first, head: scene.commit({ on: first, files }) }));
  ledger.append([
    { kind: 'other', step: 1, by: 'bob', text: scene.review({ as: 'bob', base: at(0), head: first }) },
    { kind: 'other', step: 2, by: 'bob', text: scene.review({ as: 'bob', base: first, head: work }) },
  ]);
  withTexts(
    built,
    ['bob', 'dave'].map((as) => scene.review({ as, base: merged, head, change })),
  );
  return { built, line: [at(0), first, merged, landed] };
}

function ofReview(text: string): string {
  return /^change: sha256:([0-9a-f]{64})$/m.exec(text)?.[1] ?? '';
}

test('row 49: a head with two merge bases is never proven, however harmless it looks', async () => {
  const { built, line } = crissCross({ 'pkgs/new.nix': '1\n' }, { 'pkgs/c.nix': '1\n' });
  await expectRefusedAt(user, built, line, { outcome: 'fail', at: 3, codes: ['merge-base-ambiguous'] });
});

test('row 49: nor one that hides in it that a fix was rolled back', async () => {
  const { built, line } = crissCross({ 'lib/fetch.nix': 'checks nothing\n' }, { 'pkgs/c.nix': '1\n' });
  await expectRefusedAt(user, built, line, { outcome: 'fail', at: 3, codes: ['merge-base-ambiguous'] });
});

test('row 49: nor one that brings back the policy of before', async () => {
  const built = user.build({ ...honest('linear'), steps: [] });
  const { scene, ledger, at } = built;
  const stronger = scene.policyFiles({ governance: '{ people: 4, from: admins }' });
  const first = scene.commit({ on: at(0), files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const policy = scene.commit({ on: at(0), files: stronger, as: 'carol' });
  const merged = scene.merge(first, policy, { as: 'dave' });
  const head = scene.commit({ on: [first, policy], files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
  const landed = scene.commit({ on: [merged, head], files: scene.policyFiles(), as: 'carol' });
  ledger.append([
    { kind: 'other', step: 1, by: 'bob', text: scene.review({ as: 'bob', base: at(0), head: first }) },
    ...['alice', 'bob'].map((as) => ({
      kind: 'other' as const,
      step: 2,
      by: as,
      text: scene.review({ as, base: first, head: policy }),
    })),
  ]);
  const line = [at(0), first, merged, landed];
  expect(await askHistory({ dir: built.dir, line: line.slice(0, 3) })).toMatchObject({ outcome: 'pass' });
  await expectRefusedAt(user, built, line, {
    outcome: 'fail',
    at: 3,
    codes: ['merge-base-ambiguous', 'governance-missing'],
  });
});

test('row 49: a criss-cross below what is merged is no reason to refuse it', async () => {
  const built = user.build(honest('late-work'));
  const { scene, ledger, at } = built;
  // Both sides merged the same older commit: one best base remains.
  const side = scene.commit({ on: at(4), files: { 'pkgs/x.nix': '1\n' }, as: 'alice' });
  const joined = scene.commit({ on: [side, at(2)], files: { 'pkgs/y.nix': '1\n' }, as: 'alice' });
  const landed = scene.commit({
    on: [at(4), joined],
    files: { 'pkgs/x.nix': '1\n', 'pkgs/y.nix': '1\n' },
    as: 'carol',
  });
  ledger.append([
    { kind: 'other', step: 5, by: 'bob', text: scene.review({ as: 'bob', base: at(4), head: joined }) },
  ]);
  expect(await askHistory({ dir: built.dir, line: [...built.line, landed] })).toMatchObject({
    outcome: 'pass',
    proven: 5,
  });
});
