import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { proposed, SOCIAL } from '../verdicts/make/plots.ts';
import { useFork } from './attack.ts';

const shared = useFork();
const REQUIRE = [
  '{ name: everything, people: 2, approvals: 1, from: maintainers }',
  '{ name: foundations, paths: ["lib/**"], approvals: 2, from: core }',
];

test('row 54: a file that the branch has meanwhile moved into a protected path carries the change there', async () => {
  const { fork } = shared;
  const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`);
  const content = (changed: string): string => `${lines.toSpliced(20, 1, changed).join('\n')}\n`;
  const root = await fork.setPolicy({ require: REQUIRE });
  const base = await fork.commit({ files: { 'pkgs/free.nix': content('old') }, as: 'alice', on: root });
  const head = await fork.commit({ files: { 'pkgs/free.nix': content('backdoor') }, as: 'alice', on: base });
  const tip = await fork.commit({
    files: { 'pkgs/free.nix': null, 'lib/free.nix': content('old') },
    as: 'carol',
    on: base,
  });
  const review = await fork.review({ as: 'bob', base, head });
  // Onto its own base the change touches nothing protected.
  expect((await fork.verify(base, head, [review])).outcome).toBe('pass');
  const merged = await fork.merge(tip, head, { as: 'carol' });
  expect(await fork.git('show', `${merged}:lib/free.nix`)).toContain('backdoor');
  const report = await fork.verify(tip, head, [review]);
  expect(report.outcome).toBe('pending');
  expect((await fork.judgeStep(tip, merged, [review])).outcome).not.toBe('pass');
  const second = await fork.review({ as: 'dave', base, head });
  expect((await fork.verify(tip, head, [review, second])).outcome).toBe('pass');
});

test('row 54: a file moved into a protected path by the change itself is a file added there', async () => {
  const { fork } = shared;
  const root = await fork.setPolicy({ require: REQUIRE });
  const base = await fork.commit({ files: { 'pkgs/a.nix': 'a\n' }, as: 'alice', on: root });
  const head = await fork.commit({
    files: { 'pkgs/a.nix': null, 'lib/a.nix': 'a\n' },
    as: 'alice',
    on: base,
  });
  const review = await fork.review({ as: 'bob', base, head });
  expect((await fork.verify(base, head, [review])).outcome).toBe('pending');
});

test('row 54: a folder that the branch has moved takes no new file with it', async () => {
  const { fork } = shared;
  const root = await fork.setPolicy({ require: REQUIRE });
  const old = { 'free/a': 'a\nlong enough\n', 'free/b': 'b\nlong enough\n', 'free/c': 'c\nlong enough\n' };
  const base = await fork.commit({ files: old, as: 'alice', on: root });
  const head = await fork.commit({ files: { 'free/evil': 'x\n' }, as: 'alice', on: base });
  const gone = Object.fromEntries(Object.keys(old).map((path) => [path, null]));
  const moved = Object.fromEntries(
    Object.entries(old).map(([path, text]) => [path.replace('free', 'lib'), text]),
  );
  const tip = await fork.commit({ files: { ...gone, ...moved }, as: 'carol', on: base });
  const review = await fork.review({ as: 'bob', base, head });
  const report = await fork.verify(tip, head, [review]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toContain('merge-conflict');
});

test.each([
  ['a link', { link: 'pkgs/mine' }],
  ['a submodule', { submodule: 'a'.repeat(40) }],
])(
  'row 54: %s in place of a protected folder is a change of what would lie in it',
  async (_what, content) => {
    for (const paths of ['ci/**', 'ci/*.yml', 'c?/deep/x', '**/x.nix']) {
      const rule = `{ name: ci, paths: ["${paths}"], approvals: 2, from: core }`;
      const { codes } = await judgeScene((scene) => {
        const base = scene.policy({ ...SOCIAL, require: [REQUIRE[0] ?? '', rule] });
        const head = scene.commit({ on: base, files: { ci: content }, as: 'alice' });
        return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
      });
      expect([paths, codes]).toEqual([paths, ['approvals-missing']]);
    }
    const governance = '{ people: 3, from: admins, paths: ["ci/**"] }';
    const governed = await judgeScene((scene) => {
      const base = scene.policy({ ...SOCIAL, governance });
      const head = scene.commit({ on: base, files: { ci: content }, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    });
    expect(governed.codes).toEqual(['governance-missing']);
  },
);

test('row 54: an ordinary file of that name, or a link elsewhere, is none', async () => {
  const rule = '{ name: ci, paths: ["ci/**"], approvals: 2, from: core }';
  for (const files of [{ ci: 'a file\n' }, { 'ci-old': { link: 'x' } }, { 'pkgs/ci': { link: 'x' } }]) {
    const { outcome } = await judgeScene((scene) => {
      const base = scene.policy({ ...SOCIAL, require: [REQUIRE[0] ?? '', rule] });
      const head = scene.commit({ on: base, files, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    });
    expect(outcome).toBe('pass');
  }
});
