import { expect, test } from 'vitest';
import { verifyFrom } from '../histories/ask.ts';
import { extended } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectRefused, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');
const GONE = { '.countersign/policy.yaml': null } as const;

test('row 16: two people cannot delete the policy where governance takes three', async () => {
  const built = user.build(
    extended(LINEAR, { by: 'alice', files: GONE, approved: ['bob'] }, { by: 'alice' }),
  );
  await expectRefusedAt(user, built, built.line, {
    outcome: 'pending',
    at: 4,
    codes: ['governance-missing'],
  });
});

test('row 16: once governance has deleted it, nothing after that is proven', async () => {
  await expectRefused(user, 'policy-deleted');
});

test.each([
  ['a link', { '.countersign/policy.yaml': { link: '../policy.yaml' }, 'policy.yaml': 'version: 1\n' }],
  ['executable', { '.countersign/policy.yaml': { executable: 'version: 1\n' } }],
  ['broken', { '.countersign/policy.yaml': 'version: 1\npeople: [\n' }],
  ['twice there', { '.countersign/Policy.yaml': 'version: 1\n' }],
])('row 16: a policy that is %s never comes into force', async (_, files) => {
  const built = user.build(
    extended(
      LINEAR,
      { by: 'alice', files, approved: ['bob', 'carol', 'dave'] },
      { by: 'bob', approved: ['alice'] },
    ),
  );
  const told = await verifyFrom(user.home, built);
  expect(told.code).not.toBe(0);
  const newest = await verifyFrom(user.home, built, 'master', '--newest-proven');
  expect([built.at(3), built.at(4)]).toContain(newest.json?.accepted);
});
