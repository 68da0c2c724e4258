import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { catalogue } from '../../src/core/verdict/finding.ts';
import { NAR, nodesOf } from '../nix/locks.ts';
import { useFollowedStage, without, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage();
let stage: FollowedStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

/** Nobody makes anything there, not even root. */
function unwritable(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync('/sys', path);
}

describe('what is said of inputs', () => {
  test('comes from the catalogue: with its words, what to do and where it is explained', async () => {
    const node = await stage.node(1, { locked: { narHash: NAR, lastModified: 0 } });
    stage.lock(nodesOf({ nixpkgs: node, none: { ...node, locked: without(node.locked, 'rev') } }));
    const { json } = await stage.json('flake', 'check');
    const problems = json.inputs.flatMap((one) => one.problems);
    expect(problems.map(({ code }) => code)).toEqual(['flake-nar-hash-differs', 'flake-rev-missing']);
    for (const found of problems) {
      expect(Object.keys(catalogue)).toContain(found.code);
      expect(found).toMatchObject({
        outcome: 'fail',
        message: expect.stringMatching(/\S/) as unknown,
        remedy: [expect.stringContaining('countersign flake update')],
        help: expect.stringContaining(`docs/findings.md#${found.code}`) as unknown,
        data: expect.anything() as unknown,
      });
    }
    const { out } = await stage.cli('flake', 'check');
    expect(out).toContain('[flake-nar-hash-differs]\n    → find out who wrote the lock file');
  });

  test('the document of findings has every code that wrappers may say, the other one only those', () => {
    const read = (name: string): string =>
      readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');
    const codes = Object.keys(catalogue);
    const explained = [...read('findings.md').matchAll(/^### (\S+)$/gm)].map(([, code]) => code);
    const ofWrappers = codes.filter((code) => code.startsWith('flake-'));
    expect(ofWrappers.length).toBeGreaterThan(12);
    for (const code of [...ofWrappers, 'history-ahead']) expect(explained).toContain(code);
    for (const [, code = ''] of read('verifying.md').matchAll(/`((?:flake|history|head|ledger)-[a-z-]+)`/g))
      expect(codes).toContain(code);
  });

  test('shows ids and arrows as `verify` does', async () => {
    stage.publish(4);
    const updated = await stage.cli('flake', 'update');
    const [from, to] = [stage.built.at(1), stage.built.at(2)].map((id) => id.slice(0, 10));
    expect(updated.out).toContain(`${from} → ${to}`);
    stage.lock(nodesOf({ nixpkgs: await stage.node(4) }));
    const checked = await stage.cli('flake', 'check');
    const listed = await stage.cli('channel', 'update');
    const channels = await stage.cli('channel', 'list');
    const all = [updated, checked, listed, channels].map(({ out, err }) => out + err).join('');
    expect(all).toContain(`(new) → ${to}`);
    expect(all).not.toMatch(/->|[0-9a-f]{11}/);
  });

  test('what is locked beyond what is proven', async () => {
    stage.publish(4);
    stage.lock(nodesOf({ nixpkgs: await stage.node(4) }));
    const { code, json } = await stage.json('flake', 'update');
    expect(code).toBe(3);
    expect(json.inputs[0]?.problems).toMatchObject([
      {
        code: 'history-ahead',
        outcome: 'pending',
        data: { used: stage.built.at(4), proven: stage.built.at(2) },
      },
    ]);
  });
});

describe('an input of another branch than the one that is trusted', () => {
  test('both are named, and how each would do', async () => {
    const asked = { ref: 'stable' };
    stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: asked, original: asked }) }));
    const { code, err } = await stage.cli('flake', 'check');
    expect(code).toBe(2);
    expect(err).toContain(
      'your trust file knows `master` of its repository, not `stable`, which is asked for',
    );
    expect(err).toContain('--introduction COMMIT --branch stable\n');
    stage.trust();
    const unknown = await stage.cli('flake', 'check');
    expect(unknown.err).toContain('your trust file does not know its repository');
  });

  test('where none is asked for, the one that was assumed is named once anything is wrong', async () => {
    const node = await stage.node(1);
    const plain = { ...node, locked: without(node.locked, 'ref'), original: without(node.original, 'ref') };
    stage.lock(nodesOf({ nixpkgs: plain }));
    const right = await stage.json('flake', 'check');
    expect(right.json.inputs[0]).toMatchObject({ outcome: 'pass', problems: [] });
    const aside = stage.built.extend(stage.built.at(0), { by: 'alice' });
    stage.lock(nodesOf({ nixpkgs: { ...plain, locked: { ...plain.locked, rev: aside.commit } } }));
    for (const [what, first] of [
      ['check', 'flake-rev-unknown'],
      ['update', 'history-downgrade'],
    ] as const) {
      const { json } = await stage.json('flake', what);
      expect(json.inputs[0]?.problems.map(({ code }) => code)).toEqual([first, 'flake-branch-assumed']);
      expect(json.inputs[0]?.problems[1]?.message).toContain('judged as `master`');
    }
  });
});

describe('a home that cannot be written', () => {
  test('without a cache nothing can be proven: which folder, what for and what to do', async () => {
    unwritable(join(stage.home, '.cache'));
    for (const args of [
      ['flake', 'check'],
      ['flake', 'update'],
      ['channel', 'update'],
    ]) {
      const { code, out, err } = await stage.cli(...args);
      expect([code, err]).toEqual([2, expect.any(String)]);
      expect(out).toContain(`${join(stage.home, '.cache/countersign')}\` cannot be written`);
      expect(out).toContain('downloaded there and proven before');
      expect(out).toContain('XDG_CACHE_HOME');
    }
  });

  test('a cache that is there and cannot be locked is no crash', async () => {
    stage.publish(2);
    await stage.cli('flake', 'check');
    const cache = join(stage.home, '.cache/countersign');
    unwritable(cache);
    const { code, out } = await stage.cli('flake', 'check');
    expect(code).toBe(2);
    expect(out).toContain(`\`${cache}\` cannot be written`);
  });

  test('without a memory the lock file is one: it is updated and checked, and said each time', async () => {
    unwritable(join(stage.home, '.local/state'));
    stage.publish(2);
    for (const what of ['update', 'check']) {
      const ran = await stage.json('flake', what);
      expect(ran.code).toBe(0);
      const [input] = ran.json.inputs;
      expect(input?.accepted).toBe(stage.built.at(2));
      expect(input?.problems.map(({ code, outcome }) => [code, outcome])).toEqual([
        ['memory-not-kept', 'pass'],
      ]);
      expect(input?.problems[0]?.message).toContain(join(stage.home, '.local/state/countersign'));
    }
    const { out } = await stage.cli('flake', 'check');
    expect(out).toContain('    → make that folder writable, or let XDG_STATE_HOME name one');
    stage.publish(1);
    const back = await stage.json('flake', 'update');
    expect(back.code).toBe(1);
    expect(back.json.inputs[0]?.problems.map(({ code }) => code)).toEqual(['history-downgrade']);
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
  });

  test('so is the link of a channel', async () => {
    unwritable(join(stage.home, '.local/state'));
    stage.publish(2);
    const ran = await stage.json('channel', 'update');
    expect(ran.code).toBe(0);
    expect(ran.json.channels[0]?.findings).toMatchObject([{ code: 'memory-not-kept', outcome: 'pass' }]);
    stage.publish(1);
    const back = await stage.json('channel', 'update');
    expect(back.code).toBe(1);
    expect(back.json.channels[0]?.findings).toMatchObject([
      { code: 'history-downgrade', message: expect.stringContaining('which is used now') as unknown },
    ]);
  });

  test('without a place for trees a channel says which, what for and what to do', async () => {
    unwritable(join(stage.home, '.local/share'));
    const { code, out } = await stage.cli('channel', 'update');
    expect(code).toBe(2);
    expect(out).toContain(join(stage.home, '.local/share/countersign/channels'));
    expect(out).toContain('the trees of channels lie there');
    expect(out).toContain('XDG_DATA_HOME');
  });
});

test('a flake that has no lock file yet is told how to get one', async () => {
  rmSync(stage.lockPath);
  for (const what of ['update', 'check']) {
    const { code, err } = await stage.cli('flake', what);
    expect(code).toBe(64);
    expect(err).toContain('`nix flake lock`');
  }
});
