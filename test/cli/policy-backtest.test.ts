import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { ledgerFile, ledgerPaths } from '../../src/core/statement/ledger.ts';
import { parseStatements } from '../../src/core/statement/statement.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { policyFiles } from '../fork/policy.ts';

interface Tested {
  readonly tested: number;
  readonly passes: number;
  readonly blocked: number;
  readonly unjudged: number;
  readonly causes: readonly { readonly cause: string; readonly steps: number; readonly alone: number }[];
  readonly asked: readonly { readonly person: string; readonly steps: number }[];
  readonly steps: readonly {
    readonly commit: string;
    readonly fate: string;
    readonly codes: readonly string[];
  }[];
}

/** A branch of five steps after its policy: reviewed, not reviewed, unsigned, merged by a second person, of the policy. */
let fork: Fork;
let reviewed: string;
let history: string[];
let file: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'ssh' });
  const root = await fork.setPolicy({ mode: 'observe' });
  const one = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', message: 'reviewed' });
  reviewed = await fork.review({ as: 'bob', base: root, head: one });
  const two = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'alice', message: 'not reviewed' });
  const three = await fork.commit({ files: { 'pkgs/c.nix': '1\n' }, message: 'unsigned' });
  const side = await fork.commit({ files: { 'pkgs/d.nix': '1\n' }, as: 'alice', on: three });
  const four = await fork.merge(three, side, { as: 'bob' });
  const five = await fork.setPolicy(
    { mode: 'observe', governance: '{ people: 2, from: admins }' },
    { on: four },
  );
  history = [five, four, three, two, one];
  await fork.git('branch', '--force', 'master', five);
  await fork.git('checkout', '--quiet', '--force', 'master');
  file = join(fork.keys.home, 'reviewed.txt');
  await writeFile(file, reviewed);
});
afterAll(async () => {
  await fork.close();
});

async function backtest(...args: string[]): Promise<Tested> {
  const { code, out, err } = await fork.cli('policy', 'backtest', '--branch', 'master', '--json', ...args);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Tested;
}

describe('policy backtest', () => {
  test('judges every step by the policy before it, as if it were enforced', async () => {
    const tested = await backtest('--statements', file);
    expect(tested.steps.map(({ commit }) => commit)).toEqual(history);
    expect(tested.steps.map(({ fate }) => fate)).toEqual([
      'blocked',
      'blocked',
      'blocked',
      'blocked',
      'passes',
    ]);
    expect(tested).toMatchObject({ tested: 5, passes: 1, blocked: 4, unjudged: 0 });
    expect(tested.steps.map(({ codes }) => codes)).toEqual([
      ['people-missing', 'approvals-missing', 'governance-missing'],
      ['approvals-missing'],
      ['commit-unsigned', 'people-missing', 'approvals-missing'],
      ['people-missing', 'approvals-missing'],
      [],
    ]);
  });

  test('says by which causes, and who would have been asked', async () => {
    const { causes, asked } = await backtest('--statements', file);
    expect(causes[0]).toEqual({ cause: 'a missing second person', steps: 4, alone: 2 });
    expect(causes.map(({ steps }) => steps)).toEqual([4, 1, 1]);
    expect(asked.find(({ person }) => person === 'carol')).toEqual({ person: 'carol', steps: 4 });
    // Of what she signed herself she could have approved nothing.
    expect(asked.find(({ person }) => person === 'alice')?.steps).toBeLessThan(4);
  });

  test('agrees with the judgement of each step', async () => {
    const tested = await backtest('--statements', file);
    for (const [index, { commit, fate }] of tested.steps.entries()) {
      const parent = history[index + 1] ?? (await fork.git('rev-parse', `${commit}^`));
      const verdict = await fork.judgeStep(parent, commit, [reviewed]);
      expect(fate === 'passes').toBe(verdict.enforced === 'pass');
    }
  });

  test('without the statement the first step is blocked as well', async () => {
    expect(await backtest()).toMatchObject({ passes: 0, blocked: 5 });
  });

  test('finds in the ledger what was signed', async () => {
    const [signed] = extractStatements({ from: 'reviewed', text: reviewed }).signed;
    if (signed === undefined) throw new Error('no statement');
    const parsed = parseStatements(signed.text);
    if (!parsed.ok) throw new Error('no statement');
    const entry = ledgerFile(signed);
    const tip = await fork.git('rev-parse', 'HEAD');
    await fork.git('checkout', '--quiet', '--force', '--orphan', 'countersign/ledger');
    await fork.git('rm', '-r', '--force', '--quiet', '.');
    await fork.commit({
      files: Object.fromEntries(
        ledgerPaths(entry, parsed.statements).map((path) => [path, Buffer.from(entry).toString('utf8')]),
      ),
    });
    await fork.git('checkout', '--quiet', '--force', 'master');
    expect(await backtest()).toMatchObject({ passes: 1, blocked: 4 });
    await fork.git('branch', '--delete', '--force', 'countersign/ledger');
    expect(await fork.git('rev-parse', 'HEAD')).toBe(tip);
  });

  test('stops at --last, newest first', async () => {
    const tested = await backtest('--last', '2');
    expect(tested.steps.map(({ commit }) => commit)).toEqual(history.slice(0, 2));
  });

  test('tries out another policy on every step, from a revision and from a file', async () => {
    await fork.git('checkout', '--quiet', '--force', '--detach', 'master');
    const lenient = await fork.commit({
      files: policyFiles(fork.people, {
        merges: '{ signer-counts-as: approver }',
        match: '[master, none]',
        require: ['{ name: everything, people: 1, approvals: 1, from: maintainers }'],
      }),
      as: 'alice',
    });
    // With several branches enrolled a merger may not be the only approver: the policy has an error, and judges nothing.
    const refused = await fork.cli('policy', 'backtest', '--branch', 'master', '--policy', lenient);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('policy-no-approval')]);
    const options = { merges: '{ signer-counts-as: approver }', unsigned: 'adopt' } as const;
    const better = await fork.commit({ files: policyFiles(fork.people, options), as: 'alice' });
    const byRevision = await backtest('--policy', better, '--statements', file);
    expect(byRevision.steps.map(({ fate }) => fate)).toEqual([
      'blocked',
      'passes',
      'blocked',
      'blocked',
      'passes',
    ]);
    await fork.git('checkout', '--quiet', '--force', better);
    const byFile = await backtest('--policy', '.countersign/policy.yaml', '--statements', file);
    expect(byFile).toEqual(byRevision);
    await fork.git('checkout', '--quiet', '--force', 'master');
  });

  test('sums it up in one line, for an admin to decide by', async () => {
    const { out } = await fork.cli('policy', 'backtest', '--branch', 'master', '--statements', file);
    expect(out.split('\n')[0]).toBe(
      '4 of 5 steps of `master` would have been blocked, 4 for a missing second person',
    );
    expect(out).toContain('reviewed');
  });

  test('refuses what makes no sense, by the usual exit codes', async () => {
    for (const [args, code] of [
      [['--last', '0'], 64],
      [['--last', 'x'], 64],
      [['--branch', 'nowhere'], 64],
      [['--policy', 'nowhere'], 2],
      [['--policy', 'nowhere.yaml'], 2],
    ] as const) {
      const { code: got } = await fork.cli('policy', 'backtest', '--branch', 'master', ...args);
      expect([args, got]).toEqual([args, code]);
    }
  });
});
