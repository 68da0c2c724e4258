import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { oid } from '../git/scratch.ts';
import { GITHUB, nodesOf, NAR } from '../nix/locks.ts';
import { useFollowedStage, without, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage();
let stage: FollowedStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

/** What `flake check` says of the only input, and that it changed nothing of the flake's. */
async function check(
  ...args: string[]
): Promise<{ code: number; outcome: string; codes: readonly string[] }> {
  const before = stage.lockBytes();
  const { code, json } = await stage.json('flake', 'check', ...args);
  expect(stage.lockBytes()).toBe(before);
  const [input] = json.inputs;
  expect(json.outcome === 'pass').toBe(code === 0);
  return { code, outcome: input?.outcome ?? '', codes: input?.problems.map((one) => one.code) ?? [] };
}

describe('flake check', () => {
  test('passes at the newest proven commit', async () => {
    expect(await check()).toEqual({ code: 0, outcome: 'pass', codes: [] });
    const { out, err } = await stage.cli('flake', 'check');
    expect(out).toContain('nixpkgs (');
    expect(out).toContain('pass: 1 of 1 input proven');
    expect(err).not.toContain('UNVERIFIED');
  });

  test('an older proven step passes, and it is said how old it is', async () => {
    stage.publish(4);
    expect(await check()).toEqual({ code: 0, outcome: 'pass', codes: ['flake-rev-behind'] });
    const { out } = await stage.cli('flake', 'check');
    expect(out).toContain('1 step older than the newest proven commit');
    stage.lock(nodesOf({ nixpkgs: await stage.node(0) }));
    expect(await check()).toMatchObject({ code: 0, codes: ['flake-rev-behind'] });
  });

  test('what lies beyond the newest proven commit waits', async () => {
    stage.publish(4);
    for (const step of [3, 4]) {
      stage.lock(nodesOf({ nixpkgs: await stage.node(step) }));
      expect(await check()).toEqual({ code: 3, outcome: 'pending', codes: ['flake-rev-not-proven'] });
    }
  });

  test('a commit beside the line of first parents is no step of it', async () => {
    const aside = stage.built.extend(stage.built.at(0), { by: 'alice' });
    const merged = stage.built.git([
      'commit-tree',
      '-p',
      stage.built.at(2),
      '-p',
      aside.commit,
      '-m',
      'x',
      `${stage.built.at(2)}^{tree}`,
    ]);
    stage.publish(oid(merged));
    stage.lock(nodesOf({ nixpkgs: await stage.node(aside.commit) }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-rev-not-on-branch'] });
  });

  test('a commit that the server does not have', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(2) }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-rev-unknown'] });
  });

  test('another tree under the right commit', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: { narHash: NAR } }) }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-nar-hash-differs'] });
    const locked = without((await stage.node(1)).locked, 'narHash');
    stage.lock(nodesOf({ nixpkgs: { ...(await stage.node(1)), locked } }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-nar-hash-missing'] });
  });

  test.each([
    ['lastModified', { lastModified: 4_102_444_800 }, ['flake-facts-differ']],
    ['revCount', { revCount: 99_999 }, ['flake-facts-differ']],
    ['both', { lastModified: 0, revCount: 0 }, ['flake-facts-differ', 'flake-facts-differ']],
  ])('a false %s, which nix takes from the lock where it does not fetch anew', async (_, locked, codes) => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked }) }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes });
  });

  test('neither of them has to be locked', async () => {
    const node = await stage.node(1);
    const locked = without(without(node.locked, 'lastModified'), 'revCount');
    stage.lock(nodesOf({ nixpkgs: { ...node, locked } }));
    expect(await check()).toEqual({ code: 0, outcome: 'pass', codes: [] });
  });

  test('no commit at all, another place than asked for, submodules', async () => {
    const locked = without((await stage.node(1)).locked, 'rev');
    stage.lock(nodesOf({ nixpkgs: { ...(await stage.node(1)), locked } }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-rev-missing'] });
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { original: { url: 'file:///srv/other' } }) }));
    expect(await check()).toEqual({ code: 1, outcome: 'fail', codes: ['flake-input-disagrees'] });
    const more = { submodules: true };
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: more, original: more }) }));
    expect(await check()).toEqual({ code: 2, outcome: 'undetermined', codes: ['flake-input-extras'] });
  });

  test('a server that goes back is refused, although what is locked was proven', async () => {
    stage.publish(2);
    expect(await check()).toMatchObject({ code: 0 });
    stage.publish(1);
    expect(await check()).toMatchObject({ code: 1, codes: ['history-downgrade'] });
    expect(await check('--allow-downgrade')).toMatchObject({ code: 0 });
  });

  test('a server that cannot be reached is undetermined', async () => {
    stage.trust({ url: `${stage.remote}-gone` });
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, gone(stage)) }));
    expect(await check()).toEqual({ code: 2, outcome: 'undetermined', codes: ['flake-input-unreachable'] });
  });
});

const gone = ({ remote }: FollowedStage) => ({
  locked: { url: `file://${remote}-gone` },
  original: { url: `file://${remote}-gone` },
});

describe('inputs that are not trusted', () => {
  test('are listed, and fail only with --strict', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1), other: GITHUB }));
    const { code, out, err } = await stage.cli('flake', 'check');
    expect(code).toBe(0);
    expect(out).toContain('pass: 1 of 2 inputs proven, 1 **UNVERIFIED**');
    expect(err).toContain('**UNVERIFIED** other (github:acme/nixpkgs): your trust file does not know it');
    expect(err).toContain('countersign trust add https://github.com/acme/nixpkgs --introduction COMMIT');
    expect((await stage.json('flake', 'check', '--strict')).json.outcome).toBe('fail');
    expect((await stage.cli('flake', 'check', '--strict')).code).toBe(1);
  });

  test('where nothing could be proven, nothing passes', async () => {
    stage.lock(nodesOf({ other: GITHUB }));
    expect((await stage.cli('flake', 'check')).code).toBe(2);
    expect(existsSync(join(stage.home, '.cache'))).toBe(false);
    stage.lock({ root: {} });
    expect((await stage.cli('flake', 'check')).code).toBe(0);
  });

  test('inputs of inputs are judged like the flake’s own', async () => {
    const deep = await stage.node(1, { locked: { narHash: NAR } });
    stage.lock({
      nixpkgs: await stage.node(1, { inputs: { deep: 'deep', 'gone astray': ['nixpkgs'] } }),
      deep,
      root: { inputs: { nixpkgs: 'nixpkgs' } },
    });
    const { code, json } = await stage.json('flake', 'check');
    expect(code).toBe(1);
    expect(json.inputs.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['nixpkgs', 'pass'],
      ['nixpkgs/deep', 'fail'],
    ]);
  });

  test('names from a lock file cannot speak to the terminal', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1), ['a\u001b[2Jb\n**fine**']: GITHUB }));
    const { err } = await stage.cli('flake', 'check');
    expect(err).toContain('a\\u{1b}[2Jb\\u{a}**fine**');
    expect(err).not.toContain('\u001b');
  });
});
