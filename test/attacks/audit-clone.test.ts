import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCheckout } from '../../src/git/worktree.ts';
import { usePullStage, type PullStage } from '../cli/pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

describe('a folder that somebody packed, with its .git', () => {
  let hostile: string;
  let ran: string;
  beforeEach(async () => {
    hostile = join(stage.home, `hostile-${Math.random()}`);
    ran = `${hostile}.ran`;
    await stage.must(['init', '--quiet', '--initial-branch=master', hostile], { cwd: stage.home });
    const settings = [
      ['core.repositoryFormatVersion', '1'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.url', stage.home],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.uploadPack', `touch '${ran}'; false`],
    ];
    for (const setting of settings) await stage.must(['config', ...setting], { cwd: hostile });
    writeFileSync(join(hostile, '.git/refs/heads/master'), `${'1'.repeat(40)}\n`);
  });

  test('runs its program when plain git looks for what it lacks: the folder is as bad as it is meant to be', async () => {
    await stage.git(['rev-parse', 'HEAD^{commit}'], { cwd: hostile });
    expect(existsSync(ran)).toBe(true);
  });

  test('runs nothing while a bundle is proven in it', async () => {
    const file = join(stage.home, `b-${Math.random()}.bundle`);
    expect((await stage.cli('bundle', 'create', file)).code).toBe(0);
    const proven = await stage.cli('bundle', 'verify', file, '--repository', hostile);
    expect([proven.code, existsSync(ran)]).toEqual([0, false]);
    stage.trust([{}, { url: 'https://example.org/acme/nixpkgs' }]);
    const unclear = await stage.cli('bundle', 'verify', file, '--repository', hostile);
    expect(unclear.err).toContain('several entries');
    expect(existsSync(ran)).toBe(false);
  });

  test.each([
    'bundle create x.bundle',
    'hooks install',
    'fetch',
    'pull',
    'verify',
    'introduce',
    'fetcher-snippet HEAD',
  ])('nor does it for any question that is asked of it: %s', async (command) => {
    const { code } = await stage.cli(...command.split(' '), '--repository', hostile);
    expect(existsSync(ran)).toBe(false);
    if (command !== 'hooks install') expect(code).not.toBe(0);
  });

  test('nor where a hook asks what is checked out', async () => {
    const found = await readCheckout(hostile);
    expect(found).toEqual({ top: hostile, branch: 'master', commit: '1'.repeat(40) });
    expect(existsSync(ran)).toBe(false);
  });
});

describe('a clone that has replaced objects (git-replace(1))', () => {
  /** The second step, whose content git is told to replace by that of the unproven fourth one. */
  async function replace(): Promise<void> {
    await stage.publish(2);
    const { built } = stage;
    const tree = (step: number): string => `${built.at(step)}^{tree}`;
    await stage.must(['fetch', '--quiet', built.dir, built.at(4)]);
    await stage.must(['replace', await stage.id(tree(2)), await stage.id(tree(4))]);
  }
  const later = (): string => join(stage.clone, 'pkgs/step-4.nix');

  test('is not pulled into: what is checked out would be other than what is proven', async () => {
    await replace();
    const before = await stage.id('HEAD');
    const { code, err } = await stage.cli('pull');
    expect(code).toBe(2);
    expect(err).toContain('this repository replaces objects (`git replace --list` names 1)');
    expect(err).toContain('`git replace --delete ID` drops one');
    expect([await stage.id('HEAD'), existsSync(later())]).toEqual([before, false]);
  });

  test('is pulled into once they are without effect, and has what is proven', async () => {
    await replace();
    await stage.must(['config', 'core.useReplaceRefs', 'false']);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(existsSync(later())).toBe(false);
    expect(readFileSync(join(stage.clone, 'pkgs/step-2.nix'), 'utf8')).toBe('2\n');
    expect(await stage.must(['status', '--porcelain'])).toBe('');
  });

  test('with hooks, plain git does not come there either', async () => {
    await replace();
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    const refused = await stage.git(['pull', '--quiet', '--ff-only']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('this repository replaces objects');
    expect((await stage.refs()).get('refs/remotes/origin/master')).toBe(stage.built.at(1));
    await stage.must(['--no-replace-objects', 'pull', '--quiet', '--ff-only']);
    expect([await stage.id('HEAD'), existsSync(later())]).toEqual([stage.built.at(2), false]);
  });
});
