import { expect, test } from 'vitest';
import { askHistory, verifyFrom } from '../histories/ask.ts';
import { withoutEntries, withTexts } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectProven } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');

test('row 61: an objection to a step, whenever it was signed, never changes the step', async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  const no = ['carol', 'dave'].map((as) =>
    scene.review({ as, base: at(0), head: at(1), decision: 'reject', note: 'this is wrong' }),
  );
  withTexts(built, no);
  await expectProven(user, built, built.line);
});

test("row 61: an approver's own later no takes nothing back from a landed step", async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  const before = await askHistory(built);
  withTexts(built, [
    scene.review({ as: 'bob', base: at(0), head: at(1), decision: 'reject', serial: 2 }),
    scene.review({ as: 'alice', base: at(2), head: at(3), decision: 'withdraw', serial: 2 }),
  ]);
  const after = await askHistory(built);
  expect(after.outcome).toBe('pass');
  expect(after.outcome).toBe(before.outcome);
});

test('row 61: who withholds an objection gains nothing, and who withholds an approval loses the step', async () => {
  const built = user.build(LINEAR);
  const { scene, at } = built;
  withTexts(built, [scene.review({ as: 'carol', base: at(0), head: at(1), decision: 'reject' })]);
  const all = await verifyFrom(user.stranger(), built);
  withoutEntries(built, ({ kind }) => kind === 'other');
  const withheld = await verifyFrom(user.stranger(), built);
  expect([all.code, withheld.code]).toEqual([0, 0]);
  withoutEntries(built, ({ step, by }) => step === 1 && by === 'bob');
  expect((await verifyFrom(user.stranger(), built)).code).toBe(3);
});

test('row 61: an objection makes up for no approval', async () => {
  const built = user.build({ ...LINEAR, steps: [{ by: 'alice' }] });
  const { scene, at } = built;
  withTexts(
    built,
    ['bob', 'carol'].map((as) => scene.review({ as, base: at(0), head: at(1), decision: 'reject' })),
  );
  expect(await askHistory(built)).toMatchObject({ outcome: 'pending', at: 1, proven: 0 });
});
