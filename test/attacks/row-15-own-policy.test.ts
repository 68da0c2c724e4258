import { expect, test } from 'vitest';
import { policyFiles } from '../fork/policy.ts';
import { useFork, withStranger } from './attack.ts';

const shared = useFork();

test('row 15: a change that adds its own key and lowers the quorum is judged by the policy that it would replace', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await withStranger(fork, async () => {
    const files = policyFiles(fork.people, {
      governance: '{ people: 1, from: admins }',
      require: ['{ name: everything, people: 1, from: maintainers }'],
    });
    const head = await fork.commit({ files, as: 'mallory', on: base });
    const report = await fork.verify(base, head);
    expect(report.outcome).toBe('fail');
    expect(report.codes).toEqual(
      expect.arrayContaining(['commit-key-unknown', 'governance-missing', 'people-missing']),
    );
    expect(report.people).toMatchObject({ authors: [], behind: [], approvers: [] });
  });
});

test('row 15: a maintainer changes the policy only together with the governance quorum, on top of the other rules', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({
    files: policyFiles(fork.people, { governance: '{ people: 1, from: admins }' }),
    as: 'alice',
    on: base,
  });
  const bob = await fork.review({ as: 'bob', base, head });
  const two = await fork.verify(base, head, [bob]);
  expect(two.outcome).toBe('pending');
  expect(two.codes).toEqual(['governance-missing']);
  const carol = await fork.review({ as: 'carol', base, head });
  expect((await fork.verify(base, head, [bob, carol])).outcome).toBe('pass');
});

test.each([
  '.CounterSign/policy.yaml',
  '.countersign/KEYS/x.asc',
  'pkgs/.gitattributes',
  '.gitmodules',
  '.GITATTRIBUTES',
])('row 15: `%s` is governed', async (path) => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { [path]: 'x\n' }, as: 'alice', on: base });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.outcome).not.toBe('pass');
  expect(report.codes).toContain('governance-missing');
});
