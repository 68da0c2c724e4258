import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 2: a signed approval counts for the head that it names, and for no other head with the same author', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const reviewed = await fork.commit({ files: { 'pkgs/a.nix': 'good\n' }, as: 'alice' });
  const approval = await fork.review({ as: 'bob', base, head: reviewed });
  expect((await fork.verify(base, reviewed, [approval])).outcome).toBe('pass');

  const later = await fork.commit({ files: { 'pkgs/a.nix': 'evil\n' }, as: 'alice', on: reviewed });
  const report = await fork.verify(base, later, [approval]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toContain('statement-other-head');
  expect(report.people.approvers).toEqual([]);
});

test('row 2: an approval whose head was rewritten after signing does not verify', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const reviewed = await fork.commit({ files: { 'pkgs/b.nix': 'good\n' }, as: 'alice' });
  const later = await fork.commit({ files: { 'pkgs/b.nix': 'evil\n' }, as: 'alice', on: reviewed });
  const approval = (await fork.review({ as: 'bob', base, head: reviewed })).replaceAll(reviewed, later);
  const report = await fork.verify(base, later, [approval]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toContain('statement-signature');
});
