import { expect, test } from 'vitest';
import { runCli, verifyFrom } from './ask.ts';
import type { Built } from './build.ts';
import type { History } from './history.ts';
import { useUser } from './user.ts';

const user = useUser();

/** The second step merges a commit that bob approved: by itself it would be a good step as well. */
const MERGED: History = {
  about: 'a change that was merged, between two others',
  steps: [
    { by: 'alice', approved: ['bob'] },
    { by: 'carol', brings: [{ by: 'alice' }], approved: ['bob'] },
    { by: 'dave', approved: ['alice'] },
  ],
};

function words(built: Built, revision: string): ReturnType<typeof runCli> {
  const from = ['--introduction', built.at(0), '--branch', 'master'];
  return runCli(user.stranger(), ['verify', '--repository', built.dir, ...from, revision]);
}

test('what was merged is no step of the branch: the step that brought it is named', async () => {
  const built = user.build(MERGED);
  const topic = built.steps[1]?.head ?? '';
  const told = await verifyFrom(user.home, built, topic);
  expect([told.code, told.codes, told.json?.accepted]).toEqual([1, ['history-no-step'], null]);
  expect(told.json?.findings[0]?.data).toMatchObject({ to: topic, by: built.at(2), tip: built.at(3) });
  const { code, out } = await words(built, topic);
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`is no step of master, .*: step ${built.at(2).slice(0, 10)} brought it`));
  expect(out).toContain(`countersign verify ${built.at(2)}`);
  expect(out).not.toContain('holds');
  // Nothing of it is remembered, so that the branch itself is no fork of it.
  expect((await verifyFrom(user.home, built)).code).toBe(0);
});

test('the first of many steps that reaches a commit is the one that brought it', async () => {
  const built = user.build({
    about: 'many merges',
    steps: Array.from({ length: 6 }, () => ({ by: 'carol', brings: [{ by: 'alice' }, { by: 'alice' }] })),
  });
  for (const step of [1, 4, 6]) {
    const topic = built.git(['rev-parse', `${built.steps[step - 1]?.head ?? ''}^`]);
    const told = await verifyFrom(user.home, built, topic);
    expect(told.json?.findings[0]).toMatchObject({ code: 'history-no-step', data: { by: built.at(step) } });
  }
});

test('work that began before the introduction, and was merged before it', async () => {
  const built = user.build(MERGED);
  const later = { dir: built.dir, line: built.line.slice(2) };
  const told = await verifyFrom(user.home, later, built.steps[1]?.head ?? '');
  expect([told.code, told.codes]).toEqual([1, ['history-no-step']]);
  expect(told.json?.findings[0]?.data).toMatchObject({ by: null });
});

test('a commit that the branch does not have at all is said to be none of its steps', async () => {
  const built = user.build(MERGED);
  const { commit, entries } = built.extend(built.at(1), { by: 'dave', approved: ['carol'] });
  built.ledger.append(entries);
  const told = await verifyFrom(user.home, built, commit);
  expect([told.code, told.codes]).toEqual([0, ['history-off-branch']]);
  const { out } = await words(built, commit);
  expect(out).toContain(`pass: ${commit} holds by itself, and is no step of master here\n`);
  expect(out).toContain(`master, which is at ${built.at(3).slice(0, 10)} here and does not contain it`);
  expect(out).not.toContain('is proven on master');
  expect((await verifyFrom(user.home, built)).code).toBe(0);
});

test('nor is one that was proposed, and not merged', async () => {
  const built = user.build(MERGED);
  const { commit } = built.extend(built.at(1), { by: 'dave' });
  const { code, out } = await words(built, commit);
  expect(code).toBe(3);
  expect(out).toContain('is no step of master');
  expect(out).toContain(`countersign verify --base BRANCH --head ${commit}`);
  expect(out).toContain(
    `its own line of first parents holds up to ${built.at(1).slice(0, 10)}: 1 step, 1 commit`,
  );
  expect(out).not.toMatch(/ahead of what is proven|landed|countersign repair/);
});

test("another remote's branch of that name, which one's own has merged, is judged as ever", async () => {
  const built = user.build(MERGED);
  const { scene, git } = built;
  const own = scene.commit({ on: built.at(2), files: { 'pkgs/own.nix': '1\n' }, as: 'erin' });
  const merged = scene.merge(own, built.at(3), { as: 'erin' });
  git(['update-ref', 'refs/heads/master', merged]);
  git(['update-ref', 'refs/remotes/origin/master', merged]);
  expect((await verifyFrom(user.home, built, built.at(3))).codes).toEqual(['history-no-step']);
  git(['update-ref', 'refs/remotes/upstream/master', built.at(3)]);
  const told = await verifyFrom(user.home, built, 'upstream/master');
  expect([told.code, told.codes]).toEqual([0, []]);
});

test('steps, what goes on from the branch, and a clone without the branch are judged as ever', async () => {
  const built = user.build(MERGED);
  const { commit, entries } = built.extend(built.at(3), { by: 'alice', approved: ['carol'] });
  built.ledger.append(entries);
  for (const revision of [built.at(2), built.at(3), commit]) {
    const told = await verifyFrom(user.stranger(), built, revision);
    expect([told.code, told.codes]).toEqual([0, []]);
  }
  built.git(['update-ref', '-d', 'refs/heads/master']);
  const told = await verifyFrom(user.stranger(), built, built.steps[1]?.head ?? '');
  expect([told.code, told.codes]).toEqual([0, []]);
});
