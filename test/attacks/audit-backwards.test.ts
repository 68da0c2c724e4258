import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { useFollowedStage } from '../cli/followed-stage.ts';
import { usePullStage } from '../cli/pull-stage.ts';
import type { Built } from '../histories/build.ts';
import { nodesOf } from '../nix/locks.ts';

/**
 * A proven step whose second parent is what users have, and whose first is the introduction: it contains that, and has an
 * older tree and something more. With the ledger that vouches for it.
 */
function turnedAround({ scene, at, ledger }: Built): { readonly commit: Oid; readonly ledger: Oid } {
  const commit = scene.commit({ on: [at(0), at(2)], files: { 'pkgs/evil.nix': 'evil\n' }, as: 'alice' });
  const entries = ['carol', 'dave'].map((by) => {
    const text = scene.review({ as: by, base: at(0), head: commit });
    return { kind: 'approved merge', step: 3, by, text } as const;
  });
  return { commit, ledger: ledger.make([...ledger.entries, ...entries], ledger.tips.at(-1) ?? null) };
}

describe('a merge made backwards, where nothing is remembered (rows 52, 62)', () => {
  const use = useFollowedStage();
  beforeEach(async () => {
    await use.stage.reset();
  });
  const forget = (): void => {
    for (const folder of ['.local/state', '.cache'])
      rmSync(join(use.stage.home, folder), { recursive: true, force: true });
  };

  test('it is proven, so that who begins there gets it', async () => {
    const { stage } = use;
    const { commit, ledger } = turnedAround(stage.built);
    stage.publish(commit, ledger);
    const { code, json } = await stage.json('channel', 'update');
    expect([code, json.channels[0]?.accepted]).toEqual([0, commit]);
  });

  test('moves no lock file', async () => {
    const { stage } = use;
    stage.lock(nodesOf({ nixpkgs: await stage.node(2) }));
    const { commit, ledger } = turnedAround(stage.built);
    stage.publish(commit, ledger);
    const before = stage.lockBytes();
    const { code, json } = await stage.json('flake', 'update');
    expect([code, json.inputs[0]?.problems.map((one) => one.code)]).toEqual([1, ['history-fork']]);
    expect(stage.lockBytes()).toBe(before);
    // Nor is it remembered: what is served again is taken.
    stage.publish(2);
    expect((await stage.cli('flake', 'update')).code).toBe(0);
    stage.publish(commit, ledger);
    expect((await stage.cli('flake', 'update', '--allow-downgrade')).code).toBe(0);
    expect(stage.locked()['rev']).toBe(commit);
  });

  test('moves no channel', async () => {
    const { stage } = use;
    const current = join(stage.home, '.local/share/countersign/channels/nixpkgs-master/current');
    stage.publish(2);
    await stage.cli('channel', 'update');
    forget();
    const { commit, ledger } = turnedAround(stage.built);
    stage.publish(commit, ledger);
    const { code, json } = await stage.json('channel', 'update');
    expect([code, json.channels[0]?.findings.map((one) => one.code)]).toEqual([1, ['history-fork']]);
    expect(readlinkSync(current)).toBe(stage.built.at(2));
    expect(readFileSync(join(current, 'default.nix'), 'utf8')).toBe('"two"\n');
  });

  test('what is locked ahead of what is proven is no fork, so long as the branch goes on from there', async () => {
    const { stage } = use;
    stage.lock(nodesOf({ nixpkgs: await stage.node(3) }));
    stage.publish(4);
    const { json } = await stage.json('flake', 'update');
    expect(json.inputs[0]?.problems.map((one) => one.code)).toEqual(['history-ahead']);
  });
});

const TRACKED = 'refs/remotes/origin/master';

describe('the same in a clone', () => {
  const use = usePullStage();
  beforeEach(async () => {
    await use.stage.reset();
  });
  const forget = (): void => {
    rmSync(join(use.stage.home, '.local/state'), { recursive: true, force: true });
  };

  test.each(['fetch', 'pull'])('`%s` moves no branch to it, and does not remember it', async (command) => {
    const { stage } = use;
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    forget();
    const before = await stage.refs();
    const { commit, ledger } = turnedAround(stage.built);
    await stage.publish(commit, ledger);
    const { code, json } = await stage.json(command);
    expect([code, json.branches[0]?.accepted]).toEqual([2, null]);
    expect(json.branches[0]?.problem).toContain('from where the branch was before');
    expect(await stage.refs()).toEqual(before);
    await stage.publish(2);
    expect((await stage.cli(command)).code).toBe(0);
    await stage.publish(commit, ledger);
    expect((await stage.cli(command, '--allow-downgrade')).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(commit);
  });

  test('nor does plain git with the hooks', async () => {
    const { stage } = use;
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    forget();
    const { commit, ledger } = turnedAround(stage.built);
    await stage.publish(commit, ledger);
    for (let time = 0; time < 2; time += 1) {
      const { code, err } = await stage.git(['fetch', '--quiet']);
      expect(code).not.toBe(0);
      expect(err).toContain('goes forward alone');
      expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    }
  });

  test('nor to an older state', async () => {
    const { stage } = use;
    await stage.publish(2);
    expect((await stage.cli('fetch')).code).toBe(0);
    forget();
    await stage.publish(1);
    expect((await stage.cli('fetch')).code).toBe(2);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });

  test('what plain git brought, ahead of what is proven, is taken back to that', async () => {
    const { stage } = use;
    for (const fetched of [3, 4]) {
      await stage.reset();
      await stage.publish(fetched);
      await stage.must(['fetch', '--quiet']);
      await stage.publish(4);
      expect((await stage.cli('fetch')).code).toBe(0);
      expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    }
  });

  test("one's own commits, beside the branch or merged into it since, are as free to move as before", async () => {
    const { stage } = use;
    const { built } = stage;
    // Their own work on top of step 1 lands as the second parent of a merge, as a pull request's does.
    const own = built.scene.commit({ on: built.at(1), files: { 'own.nix': 'own\n' }, as: 'alice' });
    const merge = built.scene.merge(built.at(1), own, { as: 'bob' });
    const text = built.scene.review({ as: 'carol', base: built.at(1), head: own });
    const entries = [...built.ledger.entries, { kind: 'approved', step: 2, by: 'carol', text } as const];
    await stage.must(['fetch', '--quiet', built.dir, own]);
    await stage.must(['reset', '--quiet', '--hard', own]);
    expect((await stage.json('pull')).json.local?.kind).toBe('ahead');
    forget();
    await stage.publish(merge, built.ledger.make(entries, built.ledger.tips.at(-1) ?? null));
    const { code, json } = await stage.json('pull');
    expect([code, json.local?.kind]).toEqual([0, 'moved']);
    expect(await stage.id('HEAD')).toBe(merge);
  });
});
