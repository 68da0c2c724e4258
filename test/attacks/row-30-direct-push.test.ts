import { expect, test } from 'vitest';
import { verifyFrom } from '../histories/ask.ts';
import { extended, withTexts } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefused, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');
const EVIL = { 'lib/backdoor.nix': 'evil\n' } as const;

test.each(['unsigned-push', 'unreviewed-push', 'stranger'])(
  'row 30: %s: offline verification ends there',
  (name) => expectRefused(user, name),
);

test('row 30: what lands on top of it does not hide it, reviewed or not', async () => {
  const built = user.build(
    extended(
      LINEAR,
      { by: null, files: EVIL },
      { by: 'bob', approved: ['alice', 'carol'] },
      {
        by: 'carol',
        brings: [{ by: 'alice' }],
        approved: ['bob'],
      },
    ),
  );
  await expectRefusedAt(user, built, built.line, { outcome: 'pending', at: 4, codes: ['commit-unsigned'] });
});

test('row 30: nor does reverting it', async () => {
  const built = user.build(
    extended(
      LINEAR,
      { by: null, files: EVIL },
      { by: 'bob', files: { 'lib/backdoor.nix': null }, approved: ['alice'] },
    ),
  );
  await expectRefusedAt(user, built, built.line, { outcome: 'pending', at: 4, codes: ['commit-unsigned'] });
});

test('row 30: several commits in one push are several steps', async () => {
  const built = user.build(extended(LINEAR, { by: 'alice' }, { by: 'alice', files: EVIL }, { by: 'alice' }));
  const { scene, at } = built;
  withTexts(built, [scene.review({ as: 'bob', base: at(3), head: at(6) })]);
  await expectRefusedAt(user, built, built.line, { outcome: 'pending', at: 4, codes: ['people-missing'] });
});

test('row 30: reviewers can make up for it, and governance can', async () => {
  const built = user.build(
    extended(LINEAR, { by: 'alice' }, { by: null }, { by: 'bob', approved: ['alice'] }),
  );
  const { scene, at } = built;
  expect((await verifyFrom(user.home, built)).code).toBe(3);
  withTexts(built, [scene.review({ as: 'bob', base: at(3), head: at(4) })]);
  expect((await verifyFrom(user.home, built, built.at(4))).code).toBe(0);
  withTexts(
    built,
    ['alice', 'bob', 'dave'].map((as) => scene.ratify({ as, parent: at(4), commit: at(5) })),
  );
  await expectProven(user, built, built.line);
  const told = await verifyFrom(user.home, built);
  expect([told.code, told.codes]).toEqual([0, ['history-ratified']]);
});
