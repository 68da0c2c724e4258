import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usePullStage } from '../cli/pull-stage.ts';

const use = usePullStage();
const OWN = 'refs/heads/countersign/ledger';
const THEIRS = 'refs/remotes/origin/countersign/ledger';

test("a branch of the user's own does not hide that the served ledger was rewritten (row 63)", async () => {
  const { stage } = use;
  await stage.reset();
  const { ledger } = stage.built;
  const rememberedLedger = (): string | null => {
    const folder = join(stage.home, '.local/state/countersign/history');
    const [name = ''] = readdirSync(folder);
    const memory = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      remembered: { ledger: string | null };
    };
    return memory.remembered.ledger;
  };
  const refused = async (): Promise<void> => {
    const { code, json } = await stage.json('fetch');
    const codes = json.branches.flatMap(({ findings }) => findings.map((one) => one.code));
    expect([code, codes]).toEqual([1, ['ledger-rewritten']]);
    expect(json.branches[0]?.accepted).toBeNull();
    expect(rememberedLedger()).toBe(full);
  };
  const full = ledger.tips.at(-1) ?? null;
  if (full === null) throw new Error('no ledger');
  await stage.publish(2);
  expect((await stage.cli('fetch')).code).toBe(0);
  expect(rememberedLedger()).toBe(full);

  // `archive` and `review` make such a branch.
  await stage.must(['update-ref', OWN, full]);
  await stage.publish(2, ledger.make(ledger.entries.slice(0, 2), null));
  await refused();
  await refused();
  for (const ref of [OWN, THEIRS]) await stage.must(['update-ref', '-d', ref]);
  await refused();

  // A server that has it again is believed again.
  await stage.publish(2);
  expect((await stage.cli('fetch')).code).toBe(0);
});
