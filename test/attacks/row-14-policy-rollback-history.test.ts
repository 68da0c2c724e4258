import { expect, test } from 'vitest';
import { verifyFrom } from '../histories/ask.ts';
import { extended } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefused } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const STRONGER = { governance: '{ people: 4, from: admins }' };

test('row 14: an older policy, brought back without its quorum, ends what is proven', async () => {
  await expectRefused(user, 'policy-rolled-back');
});

test('row 14: what governs is the policy that is replaced: the old quorum is too small for the new one', async () => {
  const history = extended(honest('linear'), {
    by: 'alice',
    policy: STRONGER,
    approved: ['bob', 'carol'],
  });
  const built = user.build(history);
  await expectProven(user, built, built.line);
  const back = (approved: readonly string[]) =>
    user.build(
      extended(history, { by: 'alice', policy: { governance: '{ people: 3, from: admins }' }, approved }),
    );
  const three = back(['bob', 'carol']);
  const told = await verifyFrom(user.home, three);
  expect([told.code, told.codes]).toMatchObject([3, expect.arrayContaining(['governance-missing'])]);
  const four = back(['bob', 'carol', 'dave']);
  await expectProven(user, four, four.line);
});

test('row 14: a client that has seen the new policy is not served the time before it', async () => {
  const built = user.build(
    extended(honest('linear'), { by: 'alice', policy: STRONGER, approved: ['bob', 'carol'] }),
  );
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  // By the old policy three would be enough for whatever they like.
  const { commit, entries } = built.extend(built.at(3), {
    by: 'bob',
    policy: { governance: '{ people: 1, from: admins }' },
    approved: ['alice', 'dave'],
  });
  built.ledger.append(entries);
  await expectProven(user, built, [...built.line.slice(0, 4), commit]);
  const told = await verifyFrom(user.home, built, commit);
  expect([told.code, told.codes]).toEqual([1, ['history-fork']]);
  expect((await verifyFrom(user.home, built, built.at(3))).codes).toEqual(['history-downgrade']);
});
