import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askHistory, verifyFrom } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import type { History } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LIST = 'pkgs/list';

/** Both sides add to one list; the merge keeps the lines of both, the tip's first. */
function history(attributes: string | null, merges: string, merged = 'a\ntip\nhead\nc\n'): History {
  return {
    ...honest('linear'),
    policy: { merges },
    steps: [
      {
        by: 'alice',
        files: { [LIST]: 'a\nb\nc\n', ...(attributes === null ? {} : { '.gitattributes': attributes }) },
        approved: ['bob', 'carol'],
      },
      { by: 'carol', files: { [LIST]: 'a\ntip\nc\n' }, approved: ['bob'] },
      {
        by: 'carol',
        brings: [{ by: 'alice', files: { [LIST]: 'a\nhead\nc\n' } }],
        from: 1,
        files: { [LIST]: merged },
        approved: ['bob'],
      },
    ],
  };
}

const REVIEWED = '{ conflicts: reviewed }';
const UNION = `{ union: ["${LIST}"] }`;

function ask(built: Built) {
  return askHistory(built);
}

test.each([
  ['in the tree', `${LIST} merge=union\n`, []],
  ['of the repository', null, [['merge.default', 'union']]],
] as const)(
  'row 58: a union %s makes no conflict of a landed merge clean',
  async (_, attributes, settings) => {
    const built = user.build(history(attributes, REVIEWED));
    for (const [name, value] of settings) built.git(['config', name, value]);
    await expectRefusedAt(user, built, built.line, {
      outcome: 'pending',
      at: 3,
      codes: ['merge-resolution'],
    });
  },
);

test('row 58: a union that the policy lists does, and only exactly', async () => {
  const good = user.build(history(null, UNION));
  await expectProven(user, good, good.line);
  const other = user.build(history(null, UNION, 'a\nhead\ntip\nc\n'));
  await expectRefusedAt(user, other, other.line, { outcome: 'pending', at: 3, codes: ['merge-resolution'] });
});

test('row 58: where the policy says never, no review makes a resolution good', async () => {
  const never = history(null, '{ conflicts: never }');
  const steps = never.steps.map((step, index) =>
    index === 2 ? { ...step, approvedMerge: ['bob', 'dave'] } : step,
  );
  const built = user.build({ ...never, steps });
  const told = await verifyFrom(user.home, built);
  expect([told.code, told.codes]).toMatchObject([1, expect.arrayContaining(['merge-resolution-refused'])]);
});

test('row 58: a merge driver of the repository is not run to re-create a merge', async () => {
  const built = user.build(history('* merge=evil\n', REVIEWED));
  const ran = join(built.dir, 'ran');
  built.git(['config', 'merge.evil.driver', `touch ${ran}`]);
  expect((await ask(built)).codes).toContain('merge-resolution');
  expect(existsSync(ran)).toBe(false);
  // git itself runs it.
  const { head } = built.steps[2] ?? { head: built.at(3) };
  built.git(['checkout', '-q', '-f', '--detach', built.at(2)]);
  built.git(['merge', '-q', '-m', 'merge', head]);
  expect(existsSync(ran)).toBe(true);
});

test('row 58: directory renames move nothing by themselves', async () => {
  const files = { 'old/a': 'a\nlong enough\n', 'old/b': 'b\nlong enough\n', 'old/c': 'c\nlong enough\n' };
  const renamed = Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => [
      [path, null],
      [path.replace('old', 'lib'), text],
    ]),
  );
  const moved = (merge: History['steps'][number]['files']): Built =>
    user.build({
      ...honest('linear'),
      steps: [
        { by: 'alice', files, approved: ['bob'] },
        { by: 'carol', files: renamed, approved: ['bob'] },
        {
          by: 'carol',
          brings: [{ by: 'alice', files: { 'old/new': 'x\n' } }],
          from: 1,
          files: merge ?? {},
          approved: ['bob'],
        },
      ],
    });
  for (const built of [moved({}), moved({ 'old/new': null, 'lib/new': 'x\n' })]) {
    built.git(['config', 'merge.directoryRenames', 'true']);
    await expectRefusedAt(user, built, built.line, {
      outcome: 'pending',
      at: 3,
      codes: ['merge-resolution'],
    });
  }
});
