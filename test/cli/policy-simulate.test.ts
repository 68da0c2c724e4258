import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFork, type Fork } from '../fork/fork.ts';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
});
afterAll(async () => {
  await fork.close();
});

interface Simulated {
  readonly code: number;
  readonly simulation: boolean;
  readonly would: string;
}

let files = 0;

async function simulate(
  base: string,
  head: string,
  what: readonly string[],
  statements: readonly string[] = [],
): Promise<Simulated> {
  const paths: string[] = [];
  for (const statement of statements) {
    files += 1;
    const path = join(fork.keys.home, `simulated-${files}.txt`);
    await writeFile(path, statement);
    paths.push(path);
  }
  const range = ['--base', base, '--head', head, '--branch', 'master', '--json'];
  const given = paths.length > 0 ? ['--statements', ...paths] : [];
  const { code, out, err } = await fork.cli('policy', 'simulate', ...range, ...given, ...what);
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as Omit<Simulated, 'code'>) };
}

const approvals = async (
  base: string,
  head: string,
  people: readonly string[],
  serial = 1,
): Promise<string[]> => Promise.all(people.map((as) => fork.review({ as, base, head, serial })));

/** What really becomes of it when the same people sign. */
const REALLY: readonly (readonly [string, readonly string[]])[] = [
  ['nobody', []],
  ['the author', ['alice']],
  ['somebody else', ['bob']],
  ['two others', ['bob', 'carol']],
  ['all', ['alice', 'bob', 'carol', 'dave']],
];

describe('a simulated approval comes out as the same approval really signed', () => {
  const foundations = [
    '{ name: everything, people: 2, approvals: 1, from: maintainers }',
    '{ name: lib, paths: ["lib/**"], approvals: 2, from: core }',
  ];

  test.each(REALLY)('by %s', async (_name, people) => {
    const base = await fork.setPolicy({ require: foundations });
    for (const path of ['pkgs/a.nix', 'lib/a.nix', '.gitattributes']) {
      const head = await fork.commit({ files: { [path]: '1\n' }, as: 'alice', on: base });
      const supposed = await simulate(base, head, people.length === 0 ? [] : ['--approve', ...people]);
      const really = await fork.verify(base, head, await approvals(base, head, people));
      expect([path, supposed.would, supposed.code]).toEqual([path, really.outcome, really.code]);
    }
  });

  test('on top of what is signed already, an objection among it', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const no = await fork.review({ as: 'bob', base, head, decision: 'reject', serial: 7 });
    expect((await simulate(base, head, ['--approve', 'carol'], [no])).would).toBe('fail');
    const change = (await simulate(base, head, ['--approve', 'bob'], [no])).would;
    const really = await fork.verify(base, head, [
      no,
      await fork.review({ as: 'bob', base, head, serial: 8 }),
    ]);
    expect([change, really.outcome]).toEqual(['pass', 'pass']);
  });

  test('behind the tip of the branch, where a merge is re-created', async () => {
    const root = await fork.setPolicy();
    const base = await fork.commit({ files: { 'pkgs/other.nix': '1\n' }, as: 'carol', on: root });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: root });
    const supposed = await simulate(base, head, ['--approve', 'bob']);
    const really = await fork.verify(base, head, await approvals(base, head, ['bob']));
    expect([supposed.would, really.outcome]).toEqual(['pass', 'pass']);
  });

  test('in observe mode it is never a pass', async () => {
    const base = await fork.setPolicy({ mode: 'observe' });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    expect(await simulate(base, head, ['--approve', 'bob'])).toMatchObject({
      would: 'undetermined',
      code: 2,
    });
  });
});

describe('a simulated adoption', () => {
  test.each([
    ['one adopts and another approves', 'adopt', ['bob'], ['carol']],
    ['the same does both', 'adopt', ['bob'], ['bob']],
    ['nobody approves', 'adopt', ['bob'], []],
    ['the policy refuses it', 'refuse', ['bob'], ['carol']],
  ] as const)('comes out as a real one: %s', async (_name, unsigned, adopters, approvers) => {
    const base = await fork.setPolicy({ unsigned });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' } });
    const supposed = await simulate(base, head, [
      '--adopt',
      ...adopters,
      ...(approvers.length > 0 ? ['--approve', ...approvers] : []),
    ]);
    const adoptions = await Promise.all(adopters.map((as) => fork.adopt({ as, base, head })));
    const really = await fork.verify(base, head, [
      ...adoptions,
      ...(await approvals(base, head, approvers, 2)),
    ]);
    expect([supposed.would, supposed.code]).toEqual([really.outcome, really.code]);
  });
});

describe('commits signed anew in a simulation', () => {
  test.each([
    ['carol', 'bob'],
    ['carol', 'carol'],
  ])('come out as commits that %s signed and %s approved', async (signer, approver) => {
    const base = await fork.setPolicy();
    const change = { files: { 'pkgs/a.nix': '1\n' }, on: base };
    const head = await fork.commit(change);
    const supposed = await simulate(base, head, ['--sign', signer, '--approve', approver]);
    const anew = await fork.commit({ ...change, as: signer });
    const really = await fork.verify(base, anew, await approvals(base, anew, [approver]));
    expect([supposed.would, supposed.code]).toEqual([really.outcome, really.code]);
  });
});

describe('a simulated merge', () => {
  test.each([
    ['{ signer-counts-as: person }', 'carol', ['bob']],
    ['{ signer-counts-as: person }', 'bob', []],
    ['{ signer-counts-as: approver }', 'bob', []],
    ['{ signer-counts-as: approver }', 'alice', []],
    ['{ conflicts: never }', 'alice', ['bob']],
  ] as const)('with %s by %s comes out as the step that it becomes', async (merges, merger, people) => {
    const root = await fork.setPolicy({ merges });
    const tips = [root, await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'dave', on: root })];
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: root });
    for (const tip of tips) {
      const what = ['--merge', merger, ...(people.length > 0 ? ['--approve', ...people] : [])];
      const supposed = await simulate(tip, head, what);
      const merge = await fork.merge(tip, head, { as: merger });
      const really = await fork.judgeStep(tip, merge, await approvals(tip, head, people));
      expect(supposed.would).toBe(really.outcome);
    }
  });

  test('is kept back by a "no" to the change, which history would not know', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const no = await fork.review({ as: 'dave', base, head, decision: 'reject' });
    expect((await simulate(base, head, ['--merge', 'carol', '--approve', 'bob'], [no])).would).toBe('fail');
  });

  test('cannot be supposed where it conflicts', async () => {
    const root = await fork.setPolicy();
    const base = await fork.commit({ files: { 'pkgs/a.nix': 'one\n' }, as: 'alice', on: root });
    const head = await fork.commit({ files: { 'pkgs/a.nix': 'two\n' }, as: 'alice', on: root });
    const { code, err } = await fork.cli(
      ...['policy', 'simulate', '--branch', 'master', '--base', base, '--head', head, '--merge', 'bob'],
    );
    expect([code, err]).toEqual([64, expect.stringContaining('conflicts')]);
  });
});

describe('nobody can take it for a verdict', () => {
  test('every line of the text says so, and none begins as a verdict does', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const range = ['policy', 'simulate', '--branch', 'master', '--base', base, '--head', head];
    for (const what of [[], ['--approve', 'bob']]) {
      const { out } = await fork.cli(...range, ...what);
      for (const line of out.trimEnd().split('\n'))
        expect(line).toMatch(/^simulat(?:ion, not a verdict|ed):/);
      expect(out).not.toContain('countersign / master');
    }
  });

  test('JSON has no outcome, but says what would be', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const supposed = await simulate(base, head, ['--approve', 'bob']);
    expect(supposed).toMatchObject({ simulation: true, would: 'pass' });
    expect(JSON.stringify(supposed)).not.toMatch(/"(?:outcome|check|conclusion)":/);
  });

  test('nobody signs who is not in the policy, or who has no key that works', async () => {
    const base = await fork.setPolicy();
    const keys = (await fork.git('ls-tree', '-r', '--name-only', base, '.countersign/keys')).split('\n');
    const bare = await fork.commit({
      files: Object.fromEntries(keys.map((key) => [key, null])),
      as: 'alice',
      on: base,
    });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    for (const who of ['mallory', 'bob']) {
      const { code, err } = await fork.cli(
        ...['policy', 'simulate', '--branch', 'master', '--base', bare, '--head', head, '--approve', who],
      );
      expect([code, err]).toEqual([64, expect.stringContaining(`\`${who}\``)]);
    }
  });
});
