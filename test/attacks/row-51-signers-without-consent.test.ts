import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed, SOCIAL } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';

/** Mallory merges alice's and bob's signed work in progress with `-s ours`: only mallory's content remains. */
function shanghaied(scene: Scene, as: string | null) {
  const base = scene.policy(SOCIAL);
  const wip = ['alice', 'bob'].map((name) =>
    scene.commit({ on: base, files: { [`pkgs/${name}.nix`]: 'unfinished\n' }, as: name }),
  );
  const evil = scene.commit({ on: base, files: { 'pkgs/evil.nix': '1\n' }, ...(as === null ? {} : { as }) });
  let head = evil;
  for (const other of wip) {
    head = scene.commit({ on: [head, other], ...(as === null ? {} : { as }), message: 'merge -s ours' });
  }
  return { base, head };
}

test('row 51: whose work in progress is merged away stands behind nothing by it', async () => {
  const { outcome, people } = await judgeScene((scene) => {
    const { base, head } = shanghaied(scene, null);
    return proposed(base, head);
  });
  expect(outcome).toBe('pending');
  expect(people).toMatchObject({ behind: [], approvers: [], authors: ['alice', 'bob'] });
});

test('row 51: a maintainer who does it is alone behind it', async () => {
  const { outcome, people, codes } = await judgeScene((scene) => {
    const { base, head } = shanghaied(scene, 'carol');
    return proposed(base, head);
  });
  expect([outcome, people.behind]).toEqual(['pending', ['carol']]);
  expect(codes).toEqual(expect.arrayContaining(['people-missing', 'approvals-missing']));
});

test('row 51: in history the same: head, statement and merge commit alone make somebody stand behind a step', async () => {
  const { outcome, people } = await judgeScene((scene) => {
    const { base, head } = shanghaied(scene, 'carol');
    return landed(base, scene.merge(base, head, { as: 'carol' }));
  });
  expect([outcome, people.behind]).toEqual(['pending', ['carol']]);
});
