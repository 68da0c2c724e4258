import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import { gitIn } from '../git/scratch.ts';
import { headStatement, writeTrust } from '../histories/user.ts';
import { nodesOf } from '../nix/locks.ts';
import { useFollowedStage, type FollowedStage } from './followed-stage.ts';

describe('a policy that asks for people who know the newest head (trust.md D20)', () => {
  const use = useFollowedStage({
    policy: { extra: '    freshness: { days: 7, people: 2 }\n' },
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'bob', approved: ['carol'] },
    ],
  });
  let stage: FollowedStage;
  beforeEach(async () => {
    ({ stage } = use);
    await stage.reset();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the server have master at step 2, with what these people said so long ago (in days) of a head. */
  function publish(age: number, head: Oid, people: readonly string[] = ['alice', 'carol']): void {
    const { built } = stage;
    const texts = people.map((as) => headStatement(built, { as, head, age: age * 86_400 + 60 }));
    const more = texts.map((text) => ({ kind: 'other', step: 0, by: '', text }) as const);
    const tip = built.ledger.tips.at(-1) ?? null;
    stage.publish(2, built.ledger.make([...built.ledger.entries, ...more], tip));
  }
  const update = async () => {
    const { built, remote } = stage;
    const trust = writeTrust(stage.home, { url: remote, introduction: built.at(0), heads: built });
    return stage.json('flake', 'update', '--trust', trust);
  };

  test('said lately: the input moves', async () => {
    publish(1, stage.built.at(2));
    expect((await update()).code).toBe(0);
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
  });

  test('said too long ago, by too few, or of nobody pinned: nothing changes', async () => {
    const before = stage.lockBytes();
    const codes = (ran: Awaited<ReturnType<typeof update>>) =>
      ran.json.inputs[0]?.problems.map((one) => one.code);
    publish(8, stage.built.at(2));
    const old = await update();
    expect([old.code, codes(old)]).toEqual([3, ['head-stale']]);
    publish(1, stage.built.at(2), ['alice']);
    const few = await update();
    expect([few.code, codes(few)]).toEqual([3, ['head-stale']]);
    const unpinned = await stage.json('flake', 'update');
    expect([unpinned.code, codes(unpinned)]).toEqual([2, ['freshness-unpinned']]);
    expect(stage.lockBytes()).toBe(before);
    expect((await stage.json('flake', 'check')).code).toBe(2);
  });

  test('said of the commit before: that one it is', async () => {
    publish(1, stage.built.at(1));
    const { code, json } = await update();
    expect(code).toBe(0);
    expect(json.inputs[0]).toMatchObject({ accepted: stage.built.at(1), head: stage.built.at(2) });
    expect(json.inputs[0]?.findings.map((one) => one.code)).toEqual(['head-vouched-earlier']);
  });

  test('said of the commit before, but the newer one was seen: not even an older flake goes there', async () => {
    const { built } = stage;
    const saidOf = (head: Oid) =>
      ['alice', 'carol'].map((as) => {
        const text = headStatement(built, { as, head });
        return { kind: 'other', step: 0, by: '', text } as const;
      });
    const first = [...built.ledger.entries, ...saidOf(built.at(2))];
    const tip = built.ledger.make(first, built.ledger.tips.at(-1) ?? null);
    stage.publish(2, tip);
    expect((await update()).code).toBe(0);
    vi.setSystemTime(Date.now() + 8 * 86_400_000);
    stage.publish(2, built.ledger.make([...first, ...saidOf(built.at(1))], tip));
    stage.lock(nodesOf({ nixpkgs: await stage.node(0) }));
    const before = stage.lockBytes();
    const { code, json } = await update();
    expect([code, json.inputs[0]?.problems.map((one) => one.code)]).toEqual([3, ['head-stale']]);
    expect(stage.lockBytes()).toBe(before);
  });
});

describe('a cache that somebody swapped: row 57', () => {
  const use = useFollowedStage();

  test('an object with other bytes is no tree of ours, and nothing changes', async () => {
    const { stage } = use;
    await stage.reset();
    expect((await stage.cli('flake', 'check')).code).toBe(0);
    const followed = join(stage.home, '.cache/countersign/followed');
    const gitDir = join(followed, readdirSync(followed)[0] ?? '', 'sha1.git');
    const packs = join(gitDir, 'objects/pack');
    const pack = readFileSync(join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? ''));
    rmSync(packs, { recursive: true });
    mkdirSync(packs);
    gitIn(gitDir, ['unpack-objects', '-q'], pack);
    expect((await stage.cli('flake', 'check')).code).toBe(0);
    const blob = objectId('blob', Buffer.from('"one"\n'), 'sha1');
    const path = join(gitDir, 'objects', blob.slice(0, 2), blob.slice(2));
    rmSync(path);
    writeFileSync(path, deflateSync(Buffer.from('blob 6\0"two"\n')));
    const before = stage.lockBytes();
    for (const command of ['check', 'update']) {
      const { code, json } = await stage.json('flake', command);
      expect(code).toBe(2);
      expect(json.inputs[0]?.problems[0]?.code).toBe('flake-input-unreachable');
      expect(json.inputs[0]?.problems[0]?.message).toContain('do not have that id');
    }
    expect(stage.lockBytes()).toBe(before);
    const channel = await stage.cli('channel', 'update');
    expect(channel.code).toBe(2);
    expect(readdirSync(join(stage.home, '.local/share/countersign/channels/nixpkgs-master'))).toEqual([
      'channel.json',
    ]);
  });
});
