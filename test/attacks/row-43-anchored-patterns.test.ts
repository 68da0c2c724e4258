import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 43: a protected path is protected exactly, not wherever its name occurs', async () => {
  const { fork } = shared;
  const require = [
    '{ name: everything, people: 2, approvals: 1, from: maintainers }',
    '{ name: foundations, paths: ["lib/**"], approvals: 2, from: core }',
  ];
  const base = await fork.setPolicy({ require });
  const outcomeOf = async (path: string): Promise<string> => {
    const head = await fork.commit({ files: { [path]: '1\n' }, as: 'alice', on: base });
    return (await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })])).outcome;
  };
  expect(await outcomeOf('lib/a.nix')).toBe('pending');
  expect(await outcomeOf('lib/deep/er/a.nix')).toBe('pending');
  expect(await outcomeOf('pkgs/lib/a.nix')).toBe('pass');
  expect(await outcomeOf('library/a.nix')).toBe('pass');
});

test('row 43: a branch pattern matches whole names', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy({ match: '["release-*"]' });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const on = async (branch: string): Promise<readonly string[]> =>
    (await fork.verify(base, head, [], branch)).codes;
  expect(await on('release-26.05')).toContain('people-missing');
  expect(await on('my-release-26.05')).toEqual(['branch-not-enrolled']);
  expect(await on('release-26.05/x')).toEqual(['branch-not-enrolled']);
});
