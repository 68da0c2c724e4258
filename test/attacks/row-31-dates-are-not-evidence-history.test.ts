import { describe, test } from 'vitest';
import { changed, extended } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const ROTATED = honest('key-rotation');
const IN_2001 = Date.UTC(2001, 0, 1) / 1000;
const IN_2099 = Date.UTC(2099, 0, 1) / 1000;

describe('row 31: in history a key counts because the roster of that moment lists it', () => {
  test.each([
    ['long before the rotation', IN_2001],
    ['in the far future', IN_2099],
  ])('an old key signs a later step, dated %s', async (_, at) => {
    const built = user.build(changed(ROTATED, 3, { by: 'old alice', at }));
    await expectRefusedAt(user, built, built.line, {
      outcome: 'pending',
      at: 3,
      codes: ['commit-key-unknown'],
    });
  });

  test.each([
    ['long before its key was listed', IN_2001],
    ['after its key was taken out', IN_2099],
  ])('a good step that is dated %s stays good', async (_, at) => {
    const built = user.build(changed(changed(ROTATED, 1, { at }), 3, { at }));
    await expectProven(user, built, built.line);
  });

  test('dates that run backwards along the line change nothing', async () => {
    const steps = ROTATED.steps.map((step, index) => ({ ...step, at: IN_2099 - index * 86_400 }));
    const built = user.build({ ...ROTATED, steps });
    await expectProven(user, built, built.line);
    const bad = user.build(
      extended({ ...ROTATED, steps }, { by: 'old bob', at: IN_2001, approved: ['alice'] }),
    );
    await expectRefusedAt(user, bad, bad.line, { outcome: 'pending', at: 6, codes: ['commit-key-unknown'] });
  });

  test('who has left reviews nothing that comes later, whenever they say', async () => {
    const governed = honest('policy-by-governance');
    const built = user.build(changed(governed, 5, { approved: ['bob'], at: IN_2001 }));
    await expectRefusedAt(user, built, built.line, { outcome: 'pending', at: 5, codes: ['people-missing'] });
  });
});
