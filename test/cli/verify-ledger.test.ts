import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { openLedgers } from '../../src/cli/verify-ledger.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

/** Reads the ledgers as `countersign verify` of a range does; `meanwhile` happens once their state was read. */
async function look(meanwhile: () => void = () => undefined): Promise<void> {
  const opened = await openRepository(stage.clone);
  const { objects } = opened;
  const slow: OpenRepository = {
    ...opened,
    objects: {
      ...objects,
      readInfo: (ids) => {
        meanwhile();
        return objects.readInfo(ids);
      },
    },
  };
  const say = (): void => undefined;
  const io: Io = { out: say, err: say, path: String, paint: PLAIN, environment: process.env };
  try {
    const ledgers = openLedgers(slow, stage.built.at(1), io);
    await ledgers.about({ branch: 'master', heads: [], commits: [], earlier: [] });
    expect(ledgers.notes()).toEqual([]);
  } finally {
    await opened.dispose();
  }
}

const place = (): string => join(stage.home, '.local/state/countersign/ledgers');
const tip = (): unknown => {
  const names = readdirSync(place());
  expect(names).toHaveLength(1);
  return (JSON.parse(readFileSync(join(place(), names[0] ?? ''), 'utf8')) as { readonly tip: unknown }).tip;
};

test('the newest ledger that was seen is remembered, and a newer one that another process saw meanwhile stays', async () => {
  const [first, second, third] = stage.built.ledger.tips;
  await look();
  expect(tip()).toBe(first);
  await stage.publish(2, second);
  await stage.must(['fetch', '--quiet']);
  await look(() => {
    const [name = ''] = readdirSync(place());
    const path = join(place(), name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(first ?? '?', third ?? '?'));
  });
  expect(third).not.toBe(second);
  expect(tip()).toBe(third);
});

test('nobody else: what was fetched since is remembered', async () => {
  const [, second] = stage.built.ledger.tips;
  await look();
  await stage.publish(2, second);
  await stage.must(['fetch', '--quiet']);
  await look();
  expect(tip()).toBe(second);
});
