import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 44: who signed one commit among many is no reviewer of the change, but still stands behind it', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'bob' });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
  const without = await fork.verify(base, head);
  expect(without.people).toMatchObject({ authors: ['alice', 'bob'], behind: ['alice'], approvers: [] });

  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.people).toMatchObject({ behind: ['alice', 'bob'], approvers: [] });
  expect(report.outcome).toBe('pending');
  expect(report.codes).toEqual(expect.arrayContaining(['approvals-missing', 'reviewer-is-author']));
  expect(report.codes).not.toContain('people-missing');
});
