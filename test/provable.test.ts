import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import type { Oid } from '../src/core/object/id.ts';
import { openRepository } from '../src/git/reader.ts';
import { findProvable, type LedgerStatements, type Provable, type ProvableOptions } from '../src/provable.ts';
import { openFork, type Fork } from './fork/fork.ts';
import { gitIn, oid } from './git/scratch.ts';

let fork: Fork;
let enrolled: string;
let first: { head: string; merge: string; review: string };
let second: { head: string; merge: string; review: string };
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  const before = await fork.commit({ files: { a: 'before the policy' } });
  enrolled = await fork.setPolicy({}, { on: before });
  first = await land(enrolled, 'one');
  second = await land(first.merge, 'two');
});
afterAll(async () => {
  await fork.close();
});

async function land(base: string, name: string): Promise<typeof first> {
  const head = await fork.commit({ files: { [name]: name }, as: 'alice', on: base });
  const review = await fork.review({ as: 'bob', base, head });
  return { head, merge: await fork.merge(base, head, { as: 'alice' }), review };
}

/** A ledger that holds these statements, under whatever is asked. */
function holding(state: string, ...texts: string[]): LedgerStatements & { readonly asked: Oid[][] } {
  const asked: Oid[][] = [];
  return {
    asked,
    stateOf: () => state,
    read: (heads) => {
      asked.push([...heads]);
      return Promise.resolve(texts.map((text, index) => ({ from: `text ${index}`, text })));
    },
  };
}

async function find(
  ledgers: readonly LedgerStatements[],
  options: Partial<ProvableOptions> & { readonly dir?: string } = {},
): Promise<Provable> {
  const opened = await openRepository(options.dir ?? fork.dir);
  try {
    const about = { branch: 'master', tip: oid(second.merge), now: Math.floor(Date.now() / 1000) };
    return await findProvable(opened.repository, ledgers, { ...about, ...options });
  } finally {
    await opened.dispose();
  }
}

describe('steps that the ledger proves', () => {
  test('are judged by its statements alone, newest first, back to where the branch was enrolled', async () => {
    expect(await find([])).toEqual({ looked: 2, missing: [second.merge, first.merge], unknown: [] });
    expect(await find([holding('', first.review)])).toEqual({
      looked: 2,
      missing: [second.merge],
      unknown: [],
    });
    const both = [holding('', first.review), holding('', second.review)];
    expect(await find(both)).toEqual({ looked: 2, missing: [], unknown: [] });
  });

  test('are asked for by every commit that they bring', async () => {
    const ledger = holding('');
    await find([ledger], { last: 1 });
    expect(ledger.asked.map((heads) => heads.sort())).toEqual([[second.merge, second.head].sort()]);
  });

  test('no more than so many are looked at, and none of a branch that is not enrolled', async () => {
    expect(await find([], { last: 1 })).toEqual({ looked: 1, missing: [second.merge], unknown: [] });
    expect(await find([], { branch: 'other' })).toEqual({ looked: 0, missing: [], unknown: [] });
    expect(await find([], { tip: oid(enrolled) })).toEqual({ looked: 0, missing: [], unknown: [] });
  });

  test('are judged again only where a ledger says something else of them', async () => {
    const memory = new Map<string, boolean>();
    const ledger = holding('one state', first.review);
    const found = await find([ledger], { memory });
    expect(ledger.asked).toHaveLength(2);
    expect(await find([ledger], { memory })).toEqual(found);
    expect(ledger.asked).toHaveLength(2);
    const grown = holding('another state', first.review, second.review);
    expect((await find([grown], { memory })).missing).toEqual([]);
    expect(grown.asked).toHaveLength(2);
  });

  test('are unknown where the clone was cut', async () => {
    const dir = join(fork.keys.home, 'shallow');
    await fork.git('branch', '--force', 'tip', second.merge);
    gitIn(fork.keys.home, ['clone', '-q', '--depth=1', '--branch=tip', `file://${fork.dir}`, dir]);
    expect(await find([], { dir })).toEqual({ looked: 1, missing: [], unknown: [second.merge] });
  });
});
