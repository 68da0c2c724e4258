import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { gitIn } from '../git/scratch.ts';
import { GITHUB, nodesOf } from '../nix/locks.ts';
import { hashOf, useFollowedStage, without, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage();
let stage: FollowedStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

describe('flake update', () => {
  test('moves the input to the newest proven commit, never to the unproven tip', async () => {
    stage.publish(4);
    const { code, out, err } = await stage.cli('flake', 'update');
    expect({ code, err }).toMatchObject({ code: 0 });
    const rev = stage.built.at(2);
    expect(stage.locked()).toEqual({
      ...stage.locked(),
      rev,
      narHash: await hashOf(stage.built.dir, rev),
      revCount: 3,
      lastModified: Number(stage.built.git(['show', '-s', '--format=%ct', rev])),
    });
    expect(out).toContain('2 steps ahead of what is proven on master');
    expect(out).toContain(`${stage.lockPath} was written`);
    expect(err).toContain('has master at');
    expect(err).toContain('downloading what is not here');
    expect(readdirSync(stage.flake)).toEqual(['flake.lock']);
  });

  test('a second time there is nothing to download and nothing to write', async () => {
    stage.publish(2);
    await stage.cli('flake', 'update', 'nixpkgs');
    const before = statSync(stage.lockPath).ino;
    const { code, out, err } = await stage.cli('flake', 'update', 'nixpkgs');
    expect(code).toBe(0);
    expect(out).toContain('already at');
    expect(err).not.toContain('downloading');
    expect(statSync(stage.lockPath).ino).toBe(before);
  });

  test('keeps every other byte of the lock file, and its permissions', async () => {
    const text = stage.lockBytes().replace('"version": 7', '"version":   7');
    writeFileSync(stage.lockPath, text);
    chmodSync(stage.lockPath, 0o640);
    stage.publish(2);
    expect((await stage.cli('flake', 'update')).code).toBe(0);
    expect(stage.lockBytes()).toContain('"version":   7');
    expect(statSync(stage.lockPath).mode & 0o777).toBe(0o640);
  });

  test('says it all as JSON', async () => {
    stage.publish(4);
    const { code, json } = await stage.json('flake', 'update');
    expect(code).toBe(0);
    expect(json).toMatchObject({ written: true, unverified: [] });
    expect(json.inputs[0]).toMatchObject({
      ...{ name: 'nixpkgs', outcome: 'pass', before: stage.built.at(1), accepted: stage.built.at(2) },
      ...{ head: stage.built.at(4), ahead: 2 },
    });
  });
});

describe('a forge that serves something else changes nothing', () => {
  const untouched = async (want: number, code: string, ...args: string[]): Promise<void> => {
    const before = stage.lockBytes();
    const ran = await stage.json('flake', 'update', ...args);
    expect({ exit: ran.code, said: JSON.stringify(ran.json) }).toMatchObject({ exit: want });
    const [input] = ran.json.inputs;
    const codes = [...(input?.problems ?? []), ...(input?.findings ?? [])].map((one) => one.code);
    expect(codes).toContain(code);
    expect(input?.accepted).toBeNull();
    expect(ran.json.written).toBe(false);
    expect(stage.lockBytes()).toBe(before);
  };

  test('an old head, to somebody who has seen a newer one: rows 14 and 62', async () => {
    stage.publish(2);
    await stage.cli('flake', 'update');
    stage.publish(1);
    await untouched(1, 'history-downgrade');
  });

  test('an old head, to a machine that knows nothing but the lock file', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(2) }));
    stage.publish(1);
    await untouched(1, 'history-downgrade');
    expect((await stage.cli('flake', 'update', '--allow-downgrade')).code).toBe(0);
    expect(stage.locked()['rev']).toBe(stage.built.at(1));
  });

  test('a fork of what is locked', async () => {
    const { commit, entries } = stage.built.extend(stage.built.at(1), { by: 'alice', approved: ['bob'] });
    const { tips, entries: known } = stage.built.ledger;
    const ledger = stage.built.ledger.make([...known, ...entries], tips.at(-1) ?? null);
    stage.publish(2);
    await stage.cli('flake', 'update');
    stage.publish(commit, ledger);
    await untouched(1, 'history-fork');
  });

  test('a rewritten ledger: row 63', async () => {
    stage.publish(2);
    await stage.cli('flake', 'update');
    stage.publish(2, stage.built.ledger.tips[0] ?? null);
    await untouched(1, 'ledger-rewritten');
  });

  test('a branch that never meets the introduction', async () => {
    stage.trust({ introduction: stage.built.at(2) });
    await untouched(2, 'introduction-missing');
  });

  test('no branch, and no repository', async () => {
    stage.trust({ branch: 'release' });
    stage.lock(
      nodesOf({ nixpkgs: await stage.node(1, { original: { ref: 'release' }, locked: { ref: 'release' } }) }),
    );
    await untouched(2, 'flake-input-unreachable');
    await stage.reset();
    stage.trust({ url: `${stage.remote}-gone` });
    stage.lock(nodesOf({ nixpkgs: GITHUB }));
    const { code, err } = await stage.cli('flake', 'update');
    expect({ code, err }).toMatchObject({ code: 64 });
  });

  test('an unreviewed commit and a forged merge: the newest proven one is taken instead', async () => {
    const { built } = stage;
    let ledger = built.ledger.tips.at(-1) ?? null;
    for (const step of [
      { by: 'carol' },
      { by: 'mallory', brings: [{ by: 'alice' }], approved: ['bob'] },
      { by: null },
    ]) {
      const { commit, entries } = built.extend(built.at(2), step);
      if (entries.length > 0) ledger = built.ledger.make([...built.ledger.entries, ...entries], ledger);
      stage.publish(commit, ledger);
      const { code, json } = await stage.json('flake', 'update');
      expect(code).toBe(0);
      expect(json.inputs[0]).toMatchObject({ accepted: built.at(2), head: commit, ahead: 1 });
      expect(stage.locked()['rev']).toBe(built.at(2));
    }
  });

  test('what is locked is beyond what is proven: it stays, unless the user goes back', async () => {
    stage.publish(4);
    stage.lock(nodesOf({ nixpkgs: await stage.node(4) }));
    await untouched(3, 'history-ahead');
    expect((await stage.cli('flake', 'update', '--allow-downgrade')).code).toBe(0);
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
  });
});

describe('inputs that are not trusted', () => {
  test('are listed loudly, and never moved', async () => {
    stage.lock(
      nodesOf({
        nixpkgs: await stage.node(1),
        other: GITHUB,
        folder: {
          locked: { lastModified: 1, path: '/srv/x', type: 'path' },
          original: { path: '/srv/x', type: 'path' },
        },
        web: {
          locked: {
            lastModified: 1,
            narHash: 'sha256-x',
            type: 'tarball',
            url: 'https://u:secret@example.org/x.tgz',
          },
          original: { type: 'tarball', url: 'https://u:secret@example.org/x.tgz' },
        },
        named: { locked: GITHUB.locked, original: { id: 'nixpkgs', type: 'indirect' } },
      }),
    );
    stage.publish(2);
    const { code, err } = await stage.cli('flake', 'update');
    expect(code).toBe(0);
    expect(err).toContain('**UNVERIFIED** 4 inputs of this flake');
    for (const name of ['other', 'folder', 'web', 'named']) expect(err).toContain(`**UNVERIFIED** ${name} (`);
    expect(err).not.toContain('secret');
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
    expect(stage.locked('other')).toEqual(GITHUB.locked);
  });

  test('--strict refuses before anything is downloaded or changed', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1), other: GITHUB }));
    stage.publish(2);
    const before = stage.lockBytes();
    const { code, err } = await stage.cli('flake', 'update', '--strict');
    expect(code).toBe(1);
    expect(err).toContain('**UNVERIFIED** other (github:acme/nixpkgs)');
    expect(err).not.toContain('has master at');
    expect(stage.lockBytes()).toBe(before);
    expect(existsSync(join(stage.home, '.cache'))).toBe(false);
  });

  test('what inputs bring along is unverified too', async () => {
    const node = await stage.node(1, { inputs: { deep: 'deep', same: ['nixpkgs'] } });
    stage.lock({ nixpkgs: node, deep: GITHUB, root: { inputs: { nixpkgs: 'nixpkgs', alias: ['nixpkgs'] } } });
    stage.publish(2);
    const { code, out, err } = await stage.cli('flake', 'update');
    expect(code).toBe(0);
    expect(err).toContain('**UNVERIFIED** nixpkgs/deep (github:acme/nixpkgs)');
    expect(out).toContain('nix flake lock');
    expect((await stage.cli('flake', 'update', 'alias')).err).toContain('follows `nixpkgs`');
    expect((await stage.cli('flake', 'update', 'nixpkgs/deep')).code).toBe(64);
  });

  test('what is asked for by name has to be there, trusted and free to move', async () => {
    stage.lock(
      nodesOf({
        other: GITHUB,
        fixed: await stage.node(1, { original: { rev: stage.built.at(1) } }),
      }),
    );
    for (const [name, said] of [
      ['none', 'locks no input'],
      ['other', 'unverified and was not moved'],
      ['fixed', 'itself names the revision'],
    ] as const) {
      const { code, err } = await stage.cli('flake', 'update', name);
      expect({ code, err }).toMatchObject({ code: 64 });
      expect(err).toContain(said);
    }
    expect((await stage.cli('flake', 'update')).code).toBe(64);
  });
});

describe('several inputs', () => {
  test('those that are proven move; with --strict all or none', async () => {
    gitIn(stage.built.dir, ['push', '--quiet', stage.remote, `${stage.built.at(1)}:refs/heads/old`]);
    stage.trust({}, { branch: 'old' });
    const old = await stage.node(1, { locked: { ref: 'old' }, original: { ref: 'old' } });
    stage.lock(nodesOf({ nixpkgs: await stage.node(1), old }));
    stage.publish(2);
    const before = stage.lockBytes();
    const strict = await stage.cli('flake', 'update', '--strict');
    // The policy speaks of `master` alone.
    expect(strict.code).toBe(2);
    expect(strict.out).toContain('all inputs or none');
    expect(stage.lockBytes()).toBe(before);
    const { code, json } = await stage.json('flake', 'update');
    expect(code).toBe(2);
    expect(json.inputs.map(({ name, accepted }) => [name, accepted])).toEqual([
      ['nixpkgs', stage.built.at(2)],
      ['old', null],
    ]);
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
  });

  test('two branches of one repository and no word about which: nothing is guessed', async () => {
    stage.trust({}, { branch: 'old' });
    const locked = without((await stage.node(1)).locked, 'ref');
    stage.lock(nodesOf({ nixpkgs: { locked, original: { type: 'git', url: `file://${stage.remote}` } } }));
    const { code, json } = await stage.json('flake', 'update');
    expect(code).toBe(2);
    expect(json.inputs[0]?.problems[0]).toMatchObject({ code: 'flake-input-ambiguous' });
  });
});

describe('a lock file that cannot be believed or used', () => {
  test('locks another place than was asked for', async () => {
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { original: { url: 'file:///srv/other' } }) }));
    stage.publish(2);
    const { code, json } = await stage.json('flake', 'update');
    expect(code).toBe(1);
    expect(json.written).toBe(false);
    expect(json.inputs[0]?.problems.map((one) => one.code)).toEqual(['flake-input-disagrees']);
  });

  test('has another hash for the very revision that is proven: it is put right, and said', async () => {
    const wrong = { narHash: `sha256-${'A'.repeat(43)}=` };
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: wrong }) }));
    const { code, out } = await stage.cli('flake', 'update');
    expect(code).toBe(0);
    expect(out).toContain('flake-nar-hash-replaced');
    expect(stage.locked()['narHash']).toBe(await hashOf(stage.built.dir, stage.built.at(1)));
  });

  test('submodules make another tree', async () => {
    const more = { submodules: true };
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: more, original: more }) }));
    const before = stage.lockBytes();
    const { code, out } = await stage.cli('flake', 'update');
    expect(code).toBe(2);
    expect(out).toContain('flake-input-extras');
    expect(stage.lockBytes()).toBe(before);
  });

  test('`dir` is no other tree', async () => {
    const more = { dir: 'sub' };
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: more, original: more }) }));
    stage.publish(2);
    expect((await stage.cli('flake', 'update')).code).toBe(0);
    expect(stage.locked()).toMatchObject({ dir: 'sub', rev: stage.built.at(2) });
  });

  test('is missing, a link, a folder, or no lock file', async () => {
    expect((await stage.cli('flake', 'update', '--flake', '..')).code).toBe(64);
    const linked = join(stage.home, 'linked');
    mkdirSync(linked);
    symlinkSync(stage.lockPath, join(linked, 'flake.lock'));
    const { code, err } = await stage.cli('flake', 'update', '--flake', linked);
    expect({ code, err }).toMatchObject({ code: 2 });
    expect(err).toContain('symbolic link');
    mkdirSync(join(stage.home, 'folder/flake.lock'), { recursive: true });
    expect((await stage.cli('flake', 'update', '--flake', '../folder')).code).toBe(2);
    writeFileSync(stage.lockPath, '{"version": 7}');
    expect((await stage.cli('flake', 'update')).code).toBe(2);
    expect(readFileSync(stage.lockPath, 'utf8')).toBe('{"version": 7}');
  });
});
