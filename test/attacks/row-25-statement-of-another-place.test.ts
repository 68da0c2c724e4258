import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test.each([
  [
    'another project',
    (text: string) => text.replace('acme/nixpkgs', 'evil/nixpkgs'),
    'statement-other-project',
  ],
  [
    'another branch',
    (text: string) => text.replace('branch: master', 'branch: staging'),
    'statement-other-branch',
  ],
  [
    'another head',
    (text: string) => text.replace(/head: .*/, `head: ${'a'.repeat(40)}`),
    'statement-other-head',
  ],
  [
    'another change',
    (text: string) => text.replace(/sha256:.*/, `sha256:${'a'.repeat(64)}`),
    'statement-change-differs',
  ],
  [
    'a base that never landed',
    (text: string) => text.replace(/base: .*/, `base: ${'a'.repeat(40)}`),
    'statement-base-not-landed',
  ],
])('row 25: an approval that was honestly signed for %s does not count here', async (_what, edit, code) => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head, edit })]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toContain(code);
  expect(report.people.approvers).toEqual([]);
});
