import { expect, test } from 'vitest';
import { verifyAs, verifyFrom } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { withTexts } from '../histories/edits.ts';
import type { History } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';
import { headStatement, useUser, writeTrust } from '../histories/user.ts';
import type { Oid } from '../../src/core/object/id.ts';

const user = useUser();
const URL = 'https://github.com/acme/nixpkgs';
const FRESHNESS = '    freshness: { days: 7, people: 2 }\n';

/** alice and bob have got other keys at the second step; the first ones were stolen later. */
const ROTATED: History = {
  ...honest('linear'),
  steps: [
    { by: 'alice', approved: ['bob'] },
    { by: 'carol', policy: { newKeys: ['alice', 'bob'] }, approved: ['alice', 'bob'] },
    { by: 'alice', approved: ['bob'] },
  ],
};

/** What a thief of the old keys makes of the time before they were taken out: each step good by its policy. */
function stolen(built: Built, on: Oid): Oid {
  const { scene, ledger } = built;
  const head = scene.commit({ on, files: { 'lib/backdoor.nix': 'evil\n' }, as: 'old alice' });
  const text = scene.review({ as: 'bob', key: 'old bob', base: on, head });
  ledger.append([{ kind: 'other', step: 2, by: 'bob', text }]);
  return head;
}

test('row 62: old keys extend an old state: who has seen the newer one is not moved there', async () => {
  const built = user.build(ROTATED);
  const fork = stolen(built, built.at(1));
  // It is valid by itself, which is why who begins today needs a fresh introduction.
  expect((await verifyFrom(user.stranger(), built, fork)).code).toBe(0);
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  for (const more of [[], ['--newest-proven']]) {
    const told = await verifyFrom(user.home, built, fork, ...more);
    expect([told.code, told.codes]).toEqual([1, ['history-fork']]);
  }
});

test('row 62: an introduction that was published after the removal never reaches the fork', async () => {
  const built = user.build(ROTATED);
  const fork = stolen(built, built.at(1));
  const fresh = { dir: built.dir, line: [built.at(2)] };
  expect((await verifyFrom(user.stranger(), fresh, built.at(3))).code).toBe(0);
  const told = await verifyFrom(user.stranger(), fresh, fork);
  expect([told.code, told.codes]).toEqual([1, ['introduction-not-reached']]);
});

test('row 62: after the removal the old keys sign nothing more', async () => {
  const built = user.build(ROTATED);
  const late = stolen(built, built.at(3));
  const told = await verifyFrom(user.home, { dir: built.dir, line: [...built.line, late] }, late);
  expect(told.code).toBe(3);
  expect(told.codes).toContain('commit-key-unknown');
});

test('row 62: with freshness, a fork without the word of the pinned people is no pass', async () => {
  const built = user.build({ ...ROTATED, policy: { extra: FRESHNESS } });
  const fork = stolen(built, built.at(1));
  built.git(['config', 'remote.origin.url', URL]);
  // The user pinned the keys that are good today.
  const trust = writeTrust(user.home, { url: URL, introduction: built.at(0), heads: built });
  const verify = (home: string, revision: string) => verifyAs(home, built, ['--trust', trust, revision]);
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head: built.at(3) })),
  );
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head: fork, key: 'old alice' })),
  );
  expect((await verify(user.stranger(), built.at(3))).code).toBe(0);
  const told = await verify(user.stranger(), fork);
  expect([told.code, told.codes]).toEqual([3, ['head-stale']]);
  // An old head of the same line is stale just as well.
  expect((await verify(user.stranger(), built.at(2))).codes).toEqual(['head-stale']);
});
