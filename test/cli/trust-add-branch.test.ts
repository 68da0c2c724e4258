import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIntroduction } from '../../src/core/history/introduction.ts';
import { parseTrust } from '../../src/trust/parse.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { COMMIT, DIGEST, oid } from '../trust/texts.ts';
import { useTrustStage, type Result } from './trust-stage.ts';

const stage = useTrustStage();
const URL = 'https://github.com/acme/nixpkgs';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  // What the forge calls its default, and what is checked out, is somebody else's choice.
  await fork.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/evil');
});
afterAll(async () => {
  await fork.close();
});

const at = (match: string): Promise<string> => fork.setPolicy({ match });
const add = (commit: string, ...args: string[]): Promise<Result> =>
  stage.run('add', URL, '--introduction', commit, ...args);

async function branches(): Promise<readonly string[]> {
  const text = await stage.read(stage.own).catch(() => null);
  const parsed = text === null ? null : parseTrust(Buffer.from(text), stage.own);
  return parsed?.ok === true ? parsed.entries.map(({ branch }) => branch) : [];
}

describe('trust add without --branch', () => {
  test('takes the only branch of the policy at the commit, and says so', async () => {
    const commit = await at('[stable]');
    const { code, out, err } = await add(commit, '--repository', fork.dir);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`trusted: branch \`stable\` of \`${URL}\`, from \`${commit}\` on\n`);
    expect(out).toContain('  `stable` is the only branch of the policy at that commit\n');
    expect(await branches()).toEqual(['stable']);
    const again = JSON.parse((await add(commit, '--repository', fork.dir, '--json')).out) as unknown;
    expect(again).toMatchObject({
      entries: [{ branch: 'stable', branchFrom: 'policy', change: 'unchanged' }],
    });
  });

  test('reads it in the folder that it runs in', async () => {
    const commit = await at('[stable]');
    await fork.git('clone', '--quiet', '--no-checkout', '.', `${stage.project}/clone`);
    const run = await stage.runIn('clone', 'add', URL, '--introduction', commit);
    expect(run.code).toBe(0);
    expect(await branches()).toEqual(['stable']);
  });

  test.each([
    ['several', '[master, next]', '`master` and `next`', '--branch master'],
    ['a name and a pattern', '["release-*", main]', '`release-*` and `main`', '--branch main'],
    ['a pattern alone', '["release-*"]', 'has `release-*`', '--branch NAME'],
  ])('where the policy has %s, asks which', async (_, match, names, option) => {
    const { code, err } = await add(await at(match), '--repository', fork.dir);
    expect(code).toBe(64);
    expect(err).toContain(names);
    expect(err).toContain(option);
    expect(await branches()).toEqual([]);
  });

  test('where the policy cannot be read, asks which', async () => {
    const bare = await fork.commit({
      files: { 'pkgs/x.nix': 'x', '.countersign/policy.yaml': null },
      as: 'alice',
    });
    const broken = await fork.commit({ files: { '.countersign/policy.yaml': 'version: 1\n' }, as: 'alice' });
    for (const [commit, words] of [
      [bare, 'there is no policy at'],
      [broken, 'has errors: line 1: '],
    ] as const) {
      const { code, err } = await add(commit, '--repository', fork.dir);
      expect(code).toBe(64);
      expect(err).toContain(words);
    }
    expect((await add(COMMIT)).err).toContain('--repository DIR');
    expect((await add(COMMIT)).code).toBe(64);
    expect(await branches()).toEqual([]);
  });

  test('a clone that was named has to have the commit', async () => {
    expect(await add(COMMIT, '--repository', fork.dir)).toMatchObject({ code: 2, out: '' });
    expect(await add('a'.repeat(64), '--repository', fork.dir)).toMatchObject({ code: 2, out: '' });
    expect(await add(COMMIT, '--repository', stage.home)).toMatchObject({ code: 2, out: '' });
    expect(await branches()).toEqual([]);
  });

  test('--branch goes before what the policy says', async () => {
    const commit = await at('[stable]');
    expect((await add(commit, '--repository', fork.dir, '--branch', 'other')).code).toBe(0);
    expect(await branches()).toEqual(['other']);
  });
});

test('--introduction takes the whole string, which names the branch', async () => {
  const about = { project: 'github.com/acme/nixpkgs', branch: 'next', commit: oid('c0ffee'), policy: DIGEST };
  const text = encodeIntroduction(about);
  expect((await add(text, '--branch', 'next')).code).toBe(64);
  expect((await stage.run('add', URL, text, '--introduction', text)).code).toBe(64);
  expect((await add(text)).code).toBe(0);
  expect(await branches()).toEqual(['next']);
});
