import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { proveTrusted } from '../../src/cli/history/trusted.ts';
import { introduced } from '../../src/core/history/trust-state.ts';
import { digestOf } from '../../src/core/facts/opened.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { follow } from '../../src/follow.ts';
import type { Statements } from '../../src/gather/ports.ts';
import { findLedgers } from '../../src/git/ledger.ts';
import { openRepository } from '../../src/git/reader.ts';
import { policyAt } from '../../src/gather/policy-at.ts';
import { gitIn } from '../git/scratch.ts';
import { runCli, verifyAs, verifyFrom } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { withTexts } from '../histories/edits.ts';
import type { History } from '../histories/history.ts';
import { honest } from '../histories/honest.ts';
import { headStatement, useUser, writeTrust } from '../histories/user.ts';
import { NOW } from '../verdicts/make/scene.ts';

const user = useUser();
const LINEAR = honest('linear');
const ASKS = { extra: '    freshness: { days: 7, people: 2 }\n' };
const FRESH: History = { ...LINEAR, policy: ASKS };
const URL = 'https://github.com/acme/nixpkgs';
const LATER = 8 * 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

/** What this user remembers, of the one branch that they follow. */
function remembered(): { readonly commit: string; readonly ledger: string | null } {
  const folder = join(user.home, '.local/state/countersign/history');
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error('not one memory');
  const { remembered: found } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
    remembered: { state: { commit: string }; ledger: string | null };
  };
  return { commit: found.state.commit, ledger: found.ledger };
}

/** Two of the people whom the user pinned say now that this is the newest head. */
function vouch(built: Built, head: Oid): void {
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head })),
  );
}

/** Lets the words that were said so far grow old. */
function wait(): void {
  vi.setSystemTime(Date.now() + LATER);
}

function trusting(built: Built, url = URL, home = user.home): readonly string[] {
  if (url === URL) built.git(['config', 'remote.origin.url', URL]);
  return ['--trust', writeTrust(home, { url, introduction: built.at(0), heads: built })];
}

describe('an earlier head that people vouch for is never one behind what was seen (trust.md D20)', () => {
  test('`verify --newest-proven`', async () => {
    const built = user.build(FRESH);
    const trust = [...trusting(built), '--newest-proven'];
    vouch(built, built.at(3));
    expect((await verifyAs(user.home, built, [...trust, 'master'])).code).toBe(0);
    wait();
    vouch(built, built.at(2));
    const told = await verifyAs(user.home, built, [...trust, 'master']);
    expect([told.code, told.codes, told.json?.accepted]).toEqual([3, ['head-stale'], null]);
    expect(remembered().commit).toBe(built.at(3));
    expect((await verifyAs(user.home, built, [...trust, built.at(2)])).codes).toEqual(['history-downgrade']);
  });

  test('where it lies beyond what was seen, or is that itself, it is accepted and said so', async () => {
    const built = user.build(FRESH);
    const trust = [...trusting(built), '--newest-proven'];
    vouch(built, built.at(1));
    expect((await verifyAs(user.home, built, [...trust, built.at(1)])).code).toBe(0);
    const same = await verifyAs(user.home, built, [...trust, 'master']);
    expect([same.code, same.codes, same.json?.accepted]).toEqual([0, ['head-vouched-earlier'], built.at(1)]);
    vouch(built, built.at(2));
    const told = await verifyAs(user.home, built, [...trust, 'master']);
    expect([told.code, told.codes, told.json?.accepted]).toEqual([0, ['head-vouched-earlier'], built.at(2)]);
    expect(told.json?.findings[0]).toMatchObject({
      outcome: 'pass',
      data: { branch: 'master', head: built.at(3), vouched: built.at(2), need: 2, days: 7 },
    });
    expect(remembered().commit).toBe(built.at(2));
    // Without the option only the head itself will do.
    const plain = await verifyAs(user.home, built, [...trust.slice(0, 2), 'master']);
    expect([plain.code, plain.codes]).toEqual([3, ['head-stale']]);
  });

  test('`fetch` moves no branch back', async () => {
    const built = user.build(FRESH);
    const root = user.stranger();
    const [remote, clone] = [join(root, 'remote.git'), join(root, 'clone')];
    gitIn(root, ['clone', '-q', '--bare', built.dir, remote]);
    gitIn(root, ['clone', '-q', remote, clone]);
    const serve = (): Buffer => gitIn(built.dir, ['push', '-q', remote, 'countersign/ledger']);
    const fetch = async () => {
      const ran = await runCli(user.home, [
        ...['fetch', '--repository', clone, '--json'],
        ...trusting(built, remote),
      ]);
      const { branches } = JSON.parse(ran.out) as {
        branches: { accepted: string | null; findings: { code: string }[] }[];
      };
      const at = gitIn(clone, ['rev-parse', 'origin/master']).toString().trim();
      return { code: ran.code, at, codes: branches[0]?.findings.map(({ code }) => code) };
    };
    vouch(built, built.at(3));
    serve();
    expect(await fetch()).toEqual({ code: 0, at: built.at(3), codes: [] });
    wait();
    vouch(built, built.at(2));
    serve();
    expect(await fetch()).toEqual({ code: 3, at: built.at(3), codes: ['head-stale'] });
    expect(remembered().commit).toBe(built.at(3));
  });
});

describe('freshness that a policy asked for once holds from there on (row 62)', () => {
  const ON: History = {
    about: 'a project that asks for fresh heads from its first step on',
    steps: [
      { by: 'alice', policy: ASKS, approved: ['bob', 'carol'] },
      { by: 'bob', approved: ['carol'] },
    ],
  };

  test('a later policy does not switch it off for somebody who has seen nothing yet', async () => {
    const built = user.build(ON);
    const off = built.extend(built.at(2), {
      by: 'bob',
      policy: { extra: '' },
      approved: ['carol', 'dave'],
    });
    built.ledger.append(off.entries);
    const text = built.git(['cat-file', 'blob', `${off.commit}:.countersign/policy.yaml`]);
    expect(text).not.toContain('freshness');
    for (const revision of ['master', off.commit]) {
      const home = user.stranger();
      const told = await verifyAs(home, built, [...trusting(built, URL, home), revision]);
      expect([told.code, told.json?.outcome, told.codes]).toEqual([3, 'pending', ['head-stale']]);
    }
    // The same from a memory of the time when it was asked for.
    vouch(built, built.at(2));
    expect((await verifyAs(user.home, built, [...trusting(built), 'master'])).code).toBe(0);
    const told = await verifyAs(user.home, built, [...trusting(built), off.commit]);
    expect([told.code, told.codes]).toEqual([3, ['head-stale']]);
    vouch(built, off.commit);
    expect((await verifyAs(user.home, built, [...trusting(built), off.commit])).code).toBe(0);
  });
});

describe('what is remembered only grows (rows 14, 62)', () => {
  test('`--allow-downgrade` where the commit that was seen is not here', async () => {
    const built = user.build(LINEAR);
    const [short, middle] = [1, 2].map((steps) =>
      user.build({ ...LINEAR, steps: LINEAR.steps.slice(0, steps) }),
    );
    if (short === undefined || middle === undefined) throw new Error('no histories');
    await verifyFrom(user.home, built);
    const before = remembered();
    expect(before.commit).toBe(built.at(3));
    expect((await verifyFrom(user.home, short, 'master', '--allow-downgrade')).code).toBe(0);
    expect(remembered()).toEqual(before);
    const told = await verifyFrom(user.home, middle);
    expect([told.code, told.codes.includes('history-downgrade')]).toEqual([1, true]);
  });

  test.each([
    ['the newer one first', [3, 1]],
    ['the older one first', [1, 3]],
  ])('two runs at the same time, %s', async (_, order) => {
    const built = user.build(LINEAR);
    const opened = await openRepository(built.dir);
    try {
      const ledgers = (await findLedgers(opened.refs, 'origin')).map(({ id }) => id);
      const runs = [];
      for (const step of order) {
        const options = {
          ...{ opened, branch: 'master', introduction: built.at(0), policyDigest: null, project: null },
          ...{ heads: new Map(), to: built.at(step), ledgers, allowDowngrade: false, newestProven: false },
        };
        runs.push(await proveTrusted(options, ioOf(user.home)));
      }
      for (const run of runs) {
        expect(run.outcome).toBe('pass');
        await run.remember();
      }
      expect(remembered()).toEqual({ commit: built.at(3), ledger: built.ledger.tips.at(-1) });
    } finally {
      await opened.dispose();
    }
  });
});

function ioOf(home: string): Parameters<typeof proveTrusted>[1] {
  return {
    out: () => undefined,
    err: () => undefined,
    path: (given) => join(home, given),
    paint: PLAIN,
    environment: { HOME: home },
  };
}

test('who made the first step decides over the work of few steps (row 40)', async () => {
  const unsigned = Array.from({ length: 600 }, () => ({ by: null, files: {} }));
  const built = user.build({ about: 'a long line whose first step nobody signed', steps: unsigned });
  const opened = await openRepository(built.dir);
  try {
    const line = await opened.line(built.at(0), built.at(-1));
    if (line === null) throw new Error('no line');
    expect(line.steps).toHaveLength(600);
    let asked = 0;
    const statements: Statements = {
      about: () => {
        asked += 1;
        return Promise.resolve({ sources: [], earlier: [] });
      },
    };
    const trust = introduced('master', built.at(0), digestOf(await policyAt(opened, built.at(0))));
    const steps = [];
    for await (const one of follow(trust, line, statements, { now: NOW, project: null })) steps.push(one);
    expect(steps.map(({ step, trust: reached }) => [step, reached])).toEqual([[built.at(1), null]]);
    // Whatever was begun has had its turn to ask.
    await opened.repository.readCommits([built.at(-1)]);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(20);
  } finally {
    await opened.dispose();
  }
});
