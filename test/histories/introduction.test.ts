import { describe, expect, test } from 'vitest';
import { encodeIntroduction } from '../../src/core/history/introduction.ts';
import { policyDigest } from '../../src/core/policy/folder-digest.ts';
import { openRepository } from '../../src/git/reader.ts';
import { PROJECT } from '../verdicts/make/scene.ts';
import { askHistory, verifyAs, verifyFrom } from './ask.ts';
import type { Built } from './build.ts';
import { withTexts } from './edits.ts';
import { honest } from './honest.ts';
import { useUser } from './user.ts';

const user = useUser();
const LINEAR = honest('linear');

describe('a walk that does not reach the introduction along first parents is no pass', () => {
  test('the introduction is newer than what is asked for', async () => {
    const built = user.build(LINEAR);
    const told = await askHistory(built, { introduction: built.at(3), to: built.at(1) });
    expect(told).toMatchObject({ outcome: 'fail', proven: null, codes: ['introduction-not-reached'] });
  });

  test('an unrelated history', async () => {
    const built = user.build(LINEAR);
    const other = built.scene.commit({ files: { x: 'x' }, as: 'alice', message: 'another root' });
    const told = await askHistory(built, { to: other });
    expect(told).toMatchObject({ outcome: 'fail', codes: ['introduction-not-reached'] });
  });

  test('a merge made backwards: the introduction is only a second parent (row 52)', async () => {
    const built = user.build(LINEAR);
    const { scene } = built;
    const other = scene.commit({ files: { x: 'x' }, as: 'alice', message: 'another root' });
    const merge = scene.commit({ on: [other, built.at(3)], files: {}, as: 'alice' });
    expect(await askHistory(built, { to: merge })).toMatchObject({
      outcome: 'fail',
      codes: ['introduction-not-reached'],
    });
    // A foxtrot: what was proven comes in as the side of somebody's work.
    const work = scene.commit({ on: built.at(1), files: { 'pkgs/x.nix': '1\n' }, as: 'alice' });
    const foxtrot = scene.merge(work, built.at(3), { as: 'carol' });
    withTexts(built, [scene.review({ as: 'bob', base: work, head: built.at(3) })]);
    const told = await askHistory({ dir: built.dir, line: [...built.line.slice(0, 2), work, foxtrot] });
    expect(told).toMatchObject({ outcome: 'pending', at: 2, proven: 1 });
  });

  test('the introduction lies on a side of the branch that was merged', async () => {
    const built = user.build(honest('merges'));
    const [first] = built.steps;
    if (first === undefined) throw new Error('no steps');
    const told = await askHistory(built, { introduction: first.head });
    expect(told).toMatchObject({ outcome: 'fail', codes: ['introduction-not-reached'] });
  });
});

test('an introduction without a policy, observed, or for other branches, proves nothing from there on', async () => {
  const bare = user.build(LINEAR);
  const root = bare.scene.commit({ files: { x: 'x' }, as: 'alice', message: 'another root' });
  const next = bare.scene.commit({ on: root, files: { y: 'y' }, as: 'alice' });
  const told = await askHistory({ dir: bare.dir, line: [root, next] });
  expect(told).toMatchObject({ outcome: 'undetermined', at: 1 });
  expect(told.codes).toContain('policy-missing');

  const other = user.build({ ...LINEAR, policy: { match: '[main]' } });
  const elsewhere = await askHistory(other);
  expect(elsewhere.outcome).toBe('undetermined');
  expect(elsewhere.codes).toContain('branch-not-enrolled');
});

test.each([
  ['has no policy', { match: '[master]' }, true, 'introduction-policy-missing'],
  ['is only observed', { mode: 'observe' }, false, 'introduction-observes'],
  ['does not know the branch', { match: '[main]' }, false, 'introduction-branch-unknown'],
] as const)(
  'nothing has landed since an introduction that %s: that is no pass',
  async (_, policy, bare, code) => {
    const built = user.build({ about: '', policy, steps: [] });
    const root = bare ? built.scene.commit({ files: { x: 'x' }, as: 'alice' }) : built.at(0);
    const told = await verifyFrom(user.home, { dir: built.dir, line: [root] }, root);
    expect(told.code).toBe(2);
    expect(told.codes).toContain(code);
  },
);

test('what is wrong with the introduction is said to the user, who cannot correct history', async () => {
  const built = user.build({ about: '', steps: [] });
  const files = { '.countersign/policy.yaml': 'version: 1\n' };
  for (const [root, code] of [
    [built.scene.commit({ files: { x: 'x' }, as: 'alice' }), 'introduction-policy-missing'],
    [built.scene.commit({ files, as: 'alice' }), 'introduction-policy-invalid'],
  ] as const) {
    const next = built.scene.commit({ on: root, files: { y: 'y' }, as: 'alice' });
    const told = await verifyFrom(user.home, { dir: built.dir, line: [root] }, next);
    expect([told.code, told.codes]).toEqual([2, [code]]);
    const remedies = told.json?.findings.flatMap(({ remedy }) => remedy).join('\n') ?? '';
    expect(remedies).toContain('what the project publishes');
    expect(remedies).not.toContain('an admin');
  }
});

describe('the whole string of an introduction', () => {
  async function stringOf(built: Built): Promise<string> {
    const opened = await openRepository(built.dir);
    try {
      const folder = await opened.repository.readPolicyFolder(built.scene.treeOf(built.at(0)));
      const policy = policyDigest(folder);
      return encodeIntroduction({ project: PROJECT, branch: 'master', commit: built.at(0), policy });
    } finally {
      await opened.dispose();
    }
  }
  const ask = (built: Built, introduction: string) =>
    verifyAs(user.stranger(), built, ['--introduction', introduction, 'master']);

  test('proves what it is about', async () => {
    const built = user.build(LINEAR);
    expect((await ask(built, await stringOf(built))).code).toBe(0);
  });

  test('with another policy, project or branch in it', async () => {
    const built = user.build(LINEAR);
    const whole = await stringOf(built);
    const policy = await ask(built, whole.replace(/[0-9a-f]{64}$/, 'a'.repeat(64)));
    expect([policy.code, policy.codes]).toEqual([1, ['introduction-policy-differs']]);
    const project = await ask(built, whole.replace('acme', 'evil'));
    expect(project.code).not.toBe(0);
    expect(project.codes).toEqual(['introduction-project-differs']);
    const [found] = project.json?.findings ?? [];
    expect(found?.message).toContain('`github.com/evil/nixpkgs`');
    expect(found?.remedy.join('\n')).toContain('compare the introduction with what the project publishes');
    expect(found?.remedy.join('\n')).not.toContain('admin');
    const branch = await ask(built, whole.replace('#master', '#main'));
    expect(branch.code).not.toBe(0);
  });
});
