import { expect, test } from 'vitest';
import { askHistory, verifyFrom } from '../histories/ask.ts';
import { withTexts } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefused, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');

test('row 52: an octopus is never proven', async () => {
  await expectRefused(user, 'octopus');
});

test('row 52: a foxtrot: what was proven becomes the second parent of unproven work', async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  const work = scene.commit({ on: at(1), files: { 'lib/backdoor.nix': 'evil\n' }, as: 'alice' });
  const foxtrot = scene.merge(work, at(3), { as: 'carol' });
  withTexts(built, [scene.review({ as: 'bob', base: work, head: at(3) })]);
  await expectRefusedAt(user, built, [at(0), at(1), work, foxtrot], {
    outcome: 'pending',
    at: 2,
    codes: ['people-missing'],
  });
  // Whoever has seen master is not moved sideways, even to what is proven of it.
  await expectProven(user, built, built.line);
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  const moved = await verifyFrom(user.home, built, foxtrot);
  expect(moved.code).not.toBe(0);
  expect(moved.codes).toContain('history-fork');
});

test('row 52: a fast-forward that swaps parents', async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  const work = scene.commit({ on: at(3), files: { 'lib/backdoor.nix': 'evil\n' }, as: 'alice' });
  const swapped = scene.merge(work, at(3), { as: 'alice' });
  await expectRefusedAt(user, built, [...built.line, work, swapped], {
    outcome: 'pending',
    at: 4,
    codes: ['people-missing'],
  });
});

test('row 52: a branch that was deleted and made again from elsewhere', async () => {
  const built = user.build(LINEAR);
  const other = built.scene.commit({ files: { x: 'x' }, as: 'alice', message: 'another root' });
  const merge = built.scene.commit({ on: [other, built.at(3)], files: {}, as: 'alice' });
  for (const to of [other, merge]) {
    expect(await askHistory(built, { to })).toMatchObject({
      outcome: 'fail',
      codes: ['introduction-not-reached'],
    });
  }
});

test('row 52: pushed back to where it was, with an empty range', async () => {
  const built = user.build(LINEAR);
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  for (const step of [2, 1, 0]) {
    const told = await verifyFrom(user.home, built, built.at(step));
    expect([told.code, told.codes]).toEqual([1, ['history-downgrade']]);
  }
});

test('row 52: a step whose two parents are the same commit, or that merges what has landed', async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  const twice = scene.commit({ on: [at(3), at(3)], files: {}, as: 'alice' });
  expect((await askHistory({ dir: built.dir, line: [...built.line, twice] })).outcome).not.toBe('pass');
  const landed = scene.commit({ on: [at(3), at(1)], files: {}, as: 'alice' });
  expect((await askHistory({ dir: built.dir, line: [...built.line, landed] })).outcome).not.toBe('pass');
});
