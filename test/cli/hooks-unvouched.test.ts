import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { judgeRef } from '../../src/cli/hooks/judge-ref.ts';
import type { Io } from '../../src/cli/io.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { openRepository } from '../../src/git/reader.ts';
import { openTrust } from '../../src/trust/find.ts';
import { buildHistory, type Built } from '../histories/build.ts';
import { headStatement, writeTrust } from '../histories/user.ts';
import { usePullStage, type PullStage } from './pull-stage.ts';

/**
 * A policy that wants people to say what the newest head is (trust.md D20). Nobody can vouch for a head before it is there,
 * so a ref may move to what every step proves; nothing of that is remembered, so the ref itself only goes forward.
 */
const use = usePullStage();
let stage: PullStage;
let built: Built;
beforeAll(() => {
  built = buildHistory({
    about: 'a branch whose newest head people vouch for',
    policy: { extra: '    freshness: { days: 7, people: 2 }\n' },
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'bob', approved: ['carol'] },
      { by: 'carol', approved: ['dave'] },
      { by: 'dave' },
    ],
  });
});
afterAll(() => {
  built.remove();
});
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  await publish(1);
  rmSync(stage.clone, { recursive: true });
  await stage.must(['clone', '--quiet', stage.remote, stage.clone], { cwd: stage.home });
  pin('alice', 'carol');
  expect((await stage.cli('hooks', 'install')).code).toBe(0);
});

const TRACKED = 'refs/remotes/origin/master';
const at = (step: number): Oid => built.at(step);
const tip = (): Oid => built.ledger.tips.at(-1) ?? at(0);
const historyFolder = (): string => join(stage.home, '.local/state/countersign/history');
const memories = (): readonly string[] => (existsSync(historyFolder()) ? readdirSync(historyFolder()) : []);

/** Lets the server have master at a step, and a ledger. */
async function publish(step: number, ledger: Oid = tip()): Promise<void> {
  const refs = [`${at(step)}:refs/heads/master`, `${ledger}:refs/heads/countersign/ledger`];
  await stage.must(['push', '--quiet', '--force', stage.remote, ...refs], { cwd: built.dir });
}

/** The ledger in which two of those pinned say that this is the newest head. */
function vouched(step: number): Oid {
  const more = ['alice', 'carol'].map((as) => {
    const text = headStatement(built, { as, head: at(step) });
    return { kind: 'other', step: 0, by: '', text } as const;
  });
  return built.ledger.make([...built.ledger.entries, ...more], tip());
}

/** The person's trust file, with those who may say what the newest head is; nobody: without. */
function pin(...people: readonly string[]): void {
  const entry = { url: stage.remote, introduction: at(0) };
  const file = writeTrust(stage.home, people.length === 0 ? entry : { ...entry, heads: built }, people);
  const own = join(stage.home, '.config/countersign/trust.yaml');
  mkdirSync(dirname(own), { recursive: true });
  renameSync(file, own);
}

interface Judged {
  readonly passes: boolean;
  readonly accepted: boolean;
  /** What speaks against it. */
  readonly codes: readonly string[];
}

/** What the rule says of a commit, with what the server has now being here. */
async function judge(step: number, own: boolean, ledger: Oid = tip()): Promise<Judged> {
  await stage.must(['fetch', '--quiet', built.dir, at(step), ledger]);
  const say = (): void => undefined;
  const io: Io = { out: say, err: say, path: String, paint: PLAIN, environment: process.env };
  const trust = await openTrust({ file: null, folder: null, environment: process.env });
  const [entry] = trust.entries;
  if (entry === undefined) throw new Error('nothing is trusted');
  const opened = await openRepository(stage.clone);
  try {
    const { passes, trusted } = await judgeRef(opened, { entry, to: at(step), ledgers: [ledger], own }, io);
    if (trusted.accepted !== null) await trusted.remember();
    const codes = trusted.findings.filter(({ outcome }) => outcome !== 'pass').map(({ code }) => code);
    return { passes, accepted: trusted.accepted !== null, codes };
  } finally {
    await opened.dispose();
  }
}

describe('the rule for a head that is proven and not accepted', () => {
  test('one that nobody vouches for yet may be there, and is not remembered', async () => {
    expect(await judge(2, false)).toEqual({ passes: true, accepted: false, codes: ['head-stale'] });
    pin();
    expect(await judge(2, false)).toEqual({ passes: true, accepted: false, codes: ['freshness-unpinned'] });
    expect(memories()).toEqual([]);
  });

  test('of a branch of one’s own nobody is asked to vouch', async () => {
    expect(await judge(2, true)).toEqual({ passes: true, accepted: true, codes: [] });
  });

  test('one that is vouched for is accepted and remembered', async () => {
    expect(await judge(2, false, vouched(2))).toEqual({ passes: true, accepted: true, codes: [] });
    expect(memories()).toHaveLength(1);
  });

  test('one with a step that does not hold may not, whoever vouches for it', async () => {
    for (const own of [false, true]) {
      expect(await judge(4, own, vouched(4))).toMatchObject({ passes: false, accepted: false });
    }
  });

  test('nor one behind what was seen, unless it is a branch of one’s own', async () => {
    const ledger = vouched(3);
    await judge(3, false, ledger);
    const back = await judge(2, false, ledger);
    expect(back).toEqual({ passes: false, accepted: false, codes: ['history-downgrade'] });
    expect(await judge(2, true, ledger)).toMatchObject({ passes: true, accepted: true });
  });

  test('nor one that comes with a ledger that lost something', async () => {
    await judge(2, false, vouched(2));
    const served = await judge(3, false);
    expect(served).toEqual({ passes: false, accepted: false, codes: ['ledger-rewritten'] });
    expect(await judge(3, true)).toMatchObject({ passes: true, accepted: true });
  });

  test('nor any at all while the memory makes no sense, not even one’s own', async () => {
    await judge(2, false, vouched(2));
    const [name = ''] = memories();
    writeFileSync(join(historyFolder(), name), 'nonsense');
    for (const own of [false, true]) {
      const judged = await judge(3, own, vouched(3));
      expect(judged).toEqual({ passes: false, accepted: false, codes: ['memory-damaged'] });
    }
  });
});

describe('a remote-tracking branch whose head nobody vouches for', () => {
  test('goes forward with plain git, and back never', async () => {
    await publish(2);
    expect(await stage.git(['fetch', '--quiet'])).toMatchObject({ code: 0, err: '' });
    await publish(3);
    expect((await stage.git(['fetch', '--quiet'])).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(at(3));
    expect(memories()).toEqual([]);
    await publish(2);
    const back = await stage.git(['fetch', '--quiet', '--force']);
    expect(back.code).not.toBe(0);
    expect(back.err).toContain('nothing is remembered of it, so that it goes forward alone');
    expect((await stage.refs()).get(TRACKED)).toBe(at(3));
  });

  test('is made where there is none yet, and stays where a step does not hold', async () => {
    await stage.must(['update-ref', '-d', TRACKED]);
    await publish(2);
    expect((await stage.git(['fetch', '--quiet'])).code).toBe(0);
    await publish(4);
    const refused = await stage.git(['fetch', '--quiet']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('does not move to what is not proven');
    expect((await stage.refs()).get(TRACKED)).toBe(at(2));
  });
});
