import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 50: a reviewer who was shown a false base tip saw less than lands, and her approval does not count', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const hidden = await fork.commit({ files: { 'lib/backdoor.nix': 'evil\n' }, as: 'alice', on: base });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: hidden });
  const shown = await fork.review({ as: 'bob', base: hidden, head });
  const report = await fork.verify(base, head, [shown]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toContain('statement-change-differs');
});

test('row 50: the right digest with a base that has not landed does not count either', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const side = await fork.commit({ files: { 'pkgs/side.nix': '1\n' }, as: 'alice', on: base });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
  const review = await fork.review({
    as: 'bob',
    base,
    head,
    edit: (text) => text.replace(/^base: .*/m, `base: ${side}`),
  });
  expect((await fork.verify(base, head, [review])).codes).toContain('statement-base-not-landed');
});

test('row 50: an approval stays good when the base moves on without touching the change', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
  const review = await fork.review({ as: 'bob', base, head });
  const moved = await fork.commit({ files: { 'pkgs/other.nix': '1\n' }, as: 'carol', on: base });
  expect((await fork.verify(moved, head, [review])).outcome).toBe('pass');
});
