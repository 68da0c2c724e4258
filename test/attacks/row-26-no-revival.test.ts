import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { change, proposed } from '../verdicts/make/plots.ts';

type Said = readonly [decision: 'approve' | 'reject' | 'withdraw', serial: number];

const judged = (said: readonly Said[], posted: readonly number[]) =>
  judgeScene((scene) => {
    const { base, head } = change(scene);
    const all = said.map(([decision, serial]) => scene.review({ as: 'bob', base, head, decision, serial }));
    return proposed(
      base,
      head,
      posted.map((index) => all[index] ?? ''),
    );
  });

test.each<[string, readonly Said[]]>([
  [
    'a withdrawal',
    [
      ['approve', 1],
      ['withdraw', 2],
    ],
  ],
  [
    'a "no"',
    [
      ['approve', 1],
      ['reject', 2],
    ],
  ],
  [
    'a "no" and its withdrawal',
    [
      ['approve', 1],
      ['reject', 2],
      ['withdraw', 3],
    ],
  ],
])('row 26: %s after an approval ends it, in whatever order they are found', async (_what, said) => {
  const order = said.map((_one, index) => index);
  for (const posted of [order, order.toReversed(), [...order, 0, 0]]) {
    const { outcome, people } = await judged(said, posted);
    expect(outcome).not.toBe('pass');
    expect(people.approvers).toEqual([]);
  }
});

test('row 26: what ends an approval does not come to an end itself when it is replaced by something as strict', async () => {
  const said: Said[] = [
    ['approve', 1],
    ['reject', 2],
    ['withdraw', 3],
    ['reject', 4],
  ];
  expect((await judged(said, [0, 1, 2, 3])).codes).toContain('objection');
  expect((await judged(said, [0, 2])).people.approvers).toEqual([]);
});

test('row 26: only a newer approval counts again', async () => {
  const said: Said[] = [
    ['approve', 1],
    ['withdraw', 2],
    ['approve', 3],
  ];
  expect((await judged(said, [0, 1, 2])).outcome).toBe('pass');
});
