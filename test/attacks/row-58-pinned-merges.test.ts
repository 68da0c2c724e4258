import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

/** Both sides change the same line of a list: what a merge makes of it is what this row is about. */
async function conflicting(files: Readonly<Record<string, string>> = {}, merges?: string) {
  const { fork } = shared;
  const root = await fork.setPolicy(merges === undefined ? {} : { merges });
  const base = await fork.commit({ files: { 'pkgs/list': 'a\nb\nc\n', ...files }, as: 'alice', on: root });
  const head = await fork.commit({ files: { 'pkgs/list': 'a\nhead\nc\n' }, as: 'alice', on: base });
  const tip = await fork.commit({ files: { 'pkgs/list': 'a\ntip\nc\n' }, as: 'carol', on: base });
  return { base, head, tip };
}

test('row 58: `merge=union` in the tree, of the user, or of the repository makes no conflict clean', async () => {
  const { fork } = shared;
  const { base, head, tip } = await conflicting({ '.gitattributes': '* merge=union\n' });
  const review = await fork.review({ as: 'bob', base, head });
  await fork.git('config', 'merge.default', 'union');
  await fork.git('config', 'core.attributesFile', `${fork.dir}/.gitattributes`);
  try {
    // git itself would merge it with nothing to say.
    await fork.merge(tip, head, { as: 'carol' });
    const report = await fork.verify(tip, head, [review]);
    expect(report.outcome).toBe('pending');
    expect(report.codes).toContain('merge-conflict');
  } finally {
    await fork.git('config', '--unset', 'merge.default');
    await fork.git('config', '--unset', 'core.attributesFile');
  }
});

test('row 58: in history, what a union in the tree made is a resolution that nobody has reviewed', async () => {
  const { fork } = shared;
  const { base, head, tip } = await conflicting({ '.gitattributes': '* merge=union\n' });
  const review = await fork.review({ as: 'bob', base, head });
  const merged = await fork.merge(tip, head, { as: 'carol' });
  expect(await fork.git('show', `${merged}:pkgs/list`)).toBe('a\ntip\nhead\nc');
  expect((await fork.judgeStep(tip, merged, [review])).outcome).not.toBe('pass');
});

test('row 58: a merge driver of the repository never runs', async () => {
  const { fork } = shared;
  const { base, head, tip } = await conflicting({ '.gitattributes': '* merge=evil\n' });
  const review = await fork.review({ as: 'bob', base, head });
  const ran = join(fork.keys.home, 'driver-ran');
  await fork.git('config', 'merge.evil.driver', `touch ${ran}`);
  try {
    expect((await fork.verify(tip, head, [review])).codes).toContain('merge-conflict');
    expect(existsSync(ran)).toBe(false);
    // git itself would run it.
    await fork.merge(tip, head, { as: 'carol' });
    expect(existsSync(ran)).toBe(true);
  } finally {
    await fork.git('config', '--unset', 'merge.evil.driver');
  }
});

test('row 58: `merge.directoryRenames` and `merge.renames` of the repository move nothing into a folder', async () => {
  const { fork } = shared;
  const root = await fork.setPolicy();
  const old = { 'old/a': 'a\nlong enough\n', 'old/b': 'b\nlong enough\n', 'old/c': 'c\nlong enough\n' };
  const base = await fork.commit({ files: old, as: 'alice', on: root });
  const head = await fork.commit({ files: { 'old/new': 'x\n' }, as: 'alice', on: base });
  const moved = { ...Object.fromEntries(Object.keys(old).map((path) => [path, null])) };
  const renamed = Object.fromEntries(
    Object.entries(old).map(([path, text]) => [path.replace('old', 'lib'), text]),
  );
  const tip = await fork.commit({ files: { ...moved, ...renamed }, as: 'carol', on: base });
  const review = await fork.review({ as: 'bob', base, head });
  await fork.git('config', 'merge.directoryRenames', 'true');
  try {
    const merged = await fork.merge(tip, head, { as: 'carol' });
    expect(await fork.git('ls-tree', '-r', '--name-only', merged, 'lib/')).toContain('lib/new');
    expect((await fork.verify(tip, head, [review])).codes).toContain('merge-conflict');
    expect((await fork.judgeStep(tip, merged, [review])).outcome).not.toBe('pass');
  } finally {
    await fork.git('config', '--unset', 'merge.directoryRenames');
  }
});

test('row 58: only the policy of the base lists paths in which both sides are kept', async () => {
  const { fork } = shared;
  const merges = '{ union: ["pkgs/list"] }';
  const { base, head, tip } = await conflicting({}, merges);
  const review = await fork.review({ as: 'bob', base, head });
  expect((await fork.verify(tip, head, [review])).outcome).toBe('pass');
  const merged = await fork.merge(tip, head, { as: 'carol', files: { 'pkgs/list': 'a\ntip\nhead\nc\n' } });
  expect((await fork.judgeStep(tip, merged, [review])).outcome).toBe('pass');
  // Anything else in that path is somebody's own.
  const other = await fork.merge(tip, head, { as: 'carol', files: { 'pkgs/list': 'a\nhead\ntip\nc\n' } });
  expect((await fork.judgeStep(tip, other, [review])).outcome).not.toBe('pass');
  const plain = await conflicting();
  const approval = await fork.review({ as: 'bob', base: plain.base, head: plain.head });
  expect((await fork.verify(plain.tip, plain.head, [approval])).codes).toContain('merge-conflict');
});
