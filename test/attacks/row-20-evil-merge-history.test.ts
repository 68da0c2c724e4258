import { test } from 'vitest';
import { changed } from '../histories/edits.ts';
import type { Files } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const MERGED = honest('late-work');
const CLEAN = { ...MERGED, policy: { knowsGitHub: true } };

test.each<[string, Files]>([
  ['a file that neither side has', { 'lib/backdoor.nix': 'evil\n' }],
  ["a change of the other side's file", { 'pkgs/step-2.nix': 'evil\n' }],
  ["a change of the reviewed side's file", { 'pkgs/step-4-1.nix': 'evil\n' }],
  ['a file made executable', { 'pkgs/step-4-1.nix': { executable: '4\n' } }],
  ['what was reviewed, left out', { 'pkgs/step-4-1.nix': null }],
  ['what landed meanwhile, undone', { 'pkgs/step-3-1.nix': null }],
  ['a link', { 'pkgs/step-2.nix': { link: '/etc/passwd' } }],
  ['a submodule', { 'pkgs/sub': { submodule: 'd'.repeat(40) } }],
])('row 20: a merge in history with %s', async (_, files) => {
  const built = user.build(changed(MERGED, 4, { files }));
  await expectRefusedAt(user, built, built.line, {
    outcome: 'pending',
    at: 4,
    codes: ['merge-resolution', 'people-missing'],
  });
});

test("row 20: the same under GitHub's own signature", async () => {
  const good = user.build(changed(CLEAN, 4, { by: 'web-flow' }));
  await expectProven(user, good, good.line);
  const built = user.build(changed(CLEAN, 4, { by: 'web-flow', files: { 'lib/backdoor.nix': 'evil\n' } }));
  await expectRefusedAt(user, built, built.line, { outcome: 'fail', at: 4, codes: ['github-merge-changed'] });
});

test('row 20: two others who approved the merge itself make it good', async () => {
  const files = { 'lib/resolved.nix': '1\n' };
  const built = user.build(changed(MERGED, 4, { files, approvedMerge: ['alice', 'bob'] }));
  await expectProven(user, built, built.line);
});
