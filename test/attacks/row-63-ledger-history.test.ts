import { describe, expect, test } from 'vitest';
import { ledgerName } from '../../src/core/statement/ledger.ts';
import { askHistory, verifyFrom } from '../histories/ask.ts';
import { entryOf, withoutEntries } from '../histories/edits.ts';
import { honest } from '../histories/honest.ts';
import { pathsOf } from '../histories/ledger.ts';
import { expectProven, expectRefused } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');

describe('row 63: what is left out of the ledger fails closed', () => {
  test.each(['removed-ledger-entry', 'deleted-ledger', 'swapped-ledger-entry', 'dropped-adoption'])(
    '%s',
    (name) => expectRefused(user, name),
  );
});

test('row 63: a rewritten ledger is noticed by who has seen it before', async () => {
  const built = user.build(LINEAR);
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  built.ledger.set(built.ledger.make(built.ledger.entries, null));
  const told = await verifyFrom(user.home, built);
  expect([told.code, told.codes]).toEqual([1, ['ledger-rewritten']]);
  expect((await verifyFrom(user.home, built, 'master', '--allow-downgrade')).code).toBe(0);
  expect((await verifyFrom(user.home, built)).code).toBe(0);
  withoutEntries(built, () => true);
  expect((await verifyFrom(user.home, built)).codes).toContain('ledger-rewritten');
});

test('row 63: a crowd of worthless files about a step hides nothing and proves nothing', async () => {
  const built = user.build(LINEAR);
  const { ledger } = built;
  const good = entryOf(built, 1, 'bob');
  const [path = ''] = pathsOf(good.text);
  const folder = path.slice(0, path.lastIndexOf('/'));
  const junk = Array.from({ length: 2000 }, (_, index): [string, string] => {
    // In bob's name, with a signature that bob made of something else.
    const text = good.text.replace('serial: 1', `serial: ${index + 2}`);
    return [`${folder}/${ledgerName(Buffer.from(text))}`, text];
  });
  const rest = ledger.entries.flatMap((entry) =>
    pathsOf(entry.text).map((at): [string, string] => [at, entry.text]),
  );
  ledger.set(ledger.makeOf(new Map([...rest, ...junk]), ledger.tips.at(-1) ?? null));
  await expectProven(user, built, built.line);
  ledger.set(ledger.makeOf(new Map([...rest.filter(([at]) => at !== path), ...junk]), null));
  expect(await askHistory(built)).toMatchObject({ outcome: 'pending', at: 1 });
});

test('row 63: what a stranger wrote into it, and what is no statement, changes nothing', async () => {
  const built = user.build({ ...LINEAR, steps: [{ by: 'alice' }] });
  const { scene, ledger, at } = built;
  const [base, head] = [at(0), at(1)];
  const forged = scene.review({ as: 'bob', key: 'mallory', base, head });
  const own = scene.review({ as: 'mallory', base, head });
  const files = new Map(
    [forged, own, 'no statement\n', '', '\0\u2028'.repeat(100)].map((text): [string, string] => [
      `review/${head}/${ledgerName(Buffer.from(text))}`,
      text,
    ]),
  );
  ledger.set(ledger.makeOf(files, null));
  expect(await askHistory(built)).toMatchObject({ outcome: 'pending', at: 1 });
});
