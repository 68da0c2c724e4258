import { expect, test } from 'vitest';
import { askHistory } from '../histories/ask.ts';
import { changed, extended } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');
/** The second step is bad; whoever believes a state beyond it goes on from there. */
const BAD = changed(LINEAR, 2, { approved: [], files: { 'lib/backdoor.nix': 'evil\n' } });

test('row 19: a state from before is gone on from only where it is about the very same thing', async () => {
  const bad = user.build(BAD);
  const good = user.build(LINEAR);
  const { state } = await askHistory(good, { to: good.at(2) });
  if (state === null) throw new Error('nothing was proven');
  const forged = { ...state, commit: bad.at(2), introduction: bad.at(0) };
  // It is the user's own word, and everything in it fits.
  expect(await askHistory(bad, { proven: forged })).toMatchObject({ outcome: 'pass', steps: 3 });
  for (const proven of [
    { ...forged, introduction: bad.at(1) },
    { ...forged, branch: 'release-1' },
    { ...forged, policy: '0'.repeat(64) },
    { ...forged, commit: good.at(2) },
    { ...forged, commit: bad.at(0), policy: '0'.repeat(64) },
    null,
  ]) {
    expect(await askHistory(bad, { proven })).toMatchObject({ outcome: 'pending', at: 2, proven: 1 });
  }
});

test('row 19: what was proven by a given policy is not proven by the own one', async () => {
  const built = user.build(BAD);
  const { opened, folder } = await weakFolder(built);
  await opened.dispose();
  const byWeak = await askHistory(built, { policy: folder });
  expect(byWeak).toMatchObject({ outcome: 'pass', proven: 3 });
  expect(await askHistory(built, { proven: byWeak.state })).toMatchObject({ outcome: 'pending', at: 2 });
});

test('row 19: the same step under another roster gets another answer', async () => {
  const joined = { people: ['alice', 'bob', 'carol', 'dave', 'erin'] };
  const steps = [{ by: 'erin', approved: ['bob'] }] as const;
  const known = user.build({ ...LINEAR, ...joined, steps });
  const unknown = user.build({ ...LINEAR, steps });
  expect((await askHistory(known)).outcome).toBe('pass');
  expect((await askHistory(unknown)).codes).toContain('commit-key-unknown');
  expect((await askHistory(known)).outcome).toBe('pass');
  const leaves = user.build(
    extended(
      { ...LINEAR, ...joined, steps },
      { by: 'alice', policy: { people: ['alice', 'bob', 'carol', 'dave'] }, approved: ['bob', 'carol'] },
      { by: 'erin', approved: ['bob'] },
    ),
  );
  expect(await askHistory(leaves)).toMatchObject({ outcome: 'pending', at: 3, proven: 2 });
});

/** A policy by which one person is enough, as a user may give it. */
async function weakFolder(built: ReturnType<typeof user.build>) {
  const { openRepository } = await import('../../src/git/reader.ts');
  const files = built.scene.policyFiles({ require: ['{ name: alone, people: 1, from: maintainers }'] });
  const commit = built.scene.commit({ files, as: 'alice' });
  const opened = await openRepository(built.dir);
  return { opened, folder: await opened.repository.readPolicyFolder(built.scene.treeOf(commit)) };
}
