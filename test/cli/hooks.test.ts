import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
let program: string;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  program = join(stage.home, '../bin/countersign');
  expect((await stage.cli('hooks', 'install')).code).toBe(0);
});
afterEach(() => {
  if (existsSync(`${program}.real`)) renameSync(`${program}.real`, program);
});

const TRACKED = 'refs/remotes/origin/master';

/** From now on every start of the program is counted. */
function count(): () => readonly string[] {
  const calls = join(stage.home, 'calls');
  rmSync(calls, { force: true });
  if (!existsSync(`${program}.real`)) renameSync(program, `${program}.real`);
  writeFileSync(program, `#!/bin/sh\necho "$2" >> '${calls}'\nexec '${program}.real' "$@"\n`);
  chmodSync(program, 0o755);
  return () => (existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : []);
}

describe('reference-transaction', () => {
  test('plain git cannot move a remote-tracking branch to what is not proven', async () => {
    await stage.publish(4);
    const { code, err } = await stage.git(['fetch']);
    expect(code).not.toBe(0);
    expect(err).toContain(`${TRACKED} is a trusted branch, and does not move to what is not proven`);
    expect(err).toContain('2 steps ahead of what is proven');
    expect(err).toContain('`countersign fetch` brings');
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(1));
    expect((await stage.cli('fetch')).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    expect((await stage.git(['-c', 'core.hooksPath=/dev/null', 'fetch'])).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(4));
  });

  test('plain git moves it to what is proven, and what was seen then cannot be taken back', async () => {
    await stage.publish(2);
    expect((await stage.git(['fetch', '--quiet'])).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    await stage.publish(1);
    const { code, err } = await stage.git(['fetch', '--quiet', '--force']);
    expect(code).not.toBe(0);
    expect(err).toContain('is older than');
  });

  test('nor the branch of that name here; a branch of another name is free', async () => {
    const before = await stage.id('HEAD');
    const refused = await stage.git(['commit', '--allow-empty', '--message=mine']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('refs/heads/master is a trusted branch');
    expect(refused.err).toContain('git switch --create NAME');
    expect(await stage.id('HEAD')).toBe(before);
    await stage.must(['switch', '--quiet', '--create', 'mine', '--track', 'origin/master']);
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    await stage.must(['branch', '--quiet', 'x/master']);
    await stage.must(['update-ref', 'refs/remotes/elsewhere/master', 'HEAD']);
    // What git makes nothing of is no remote, and stands in nobody's way.
    await stage.must(['config', 'remote.nowhere.fetch', '+refs/heads/*:refs/remotes/nowhere/*']);
    await stage.must(['config', 'remote.-odd.url', stage.remote]);
    await stage.must(['update-ref', 'refs/remotes/nowhere/master', 'HEAD']);
  });

  test('a branch here may go back, and be deleted', async () => {
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(await stage.git(['reset', '--quiet', '--hard', stage.built.at(1)])).toMatchObject({
      code: 0,
      err: '',
    });
    await stage.must(['checkout', '--quiet', '--detach']);
    expect((await stage.git(['branch', '-D', 'master'])).code).toBe(0);
    expect((await stage.git(['symbolic-ref', 'refs/heads/master', 'refs/heads/other'])).code).toBe(0);
  });

  test('our own fetch and pull do not ask themselves', async () => {
    await stage.publish(2);
    const calls = count();
    expect((await stage.cli('fetch')).code).toBe(0);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(calls()).toEqual([]);
  });

  test('nothing is started for what concerns no trusted branch', async () => {
    const calls = count();
    await stage.must(['switch', '--quiet', '--create', 'mine']);
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    await stage.must(['tag', 'master']);
    await stage.must(['update-ref', 'refs/countersign/master', 'HEAD']);
    await stage.must(['update-ref', 'refs/remotes/origin/not-master', 'HEAD']);
    await stage.must(['push', '--quiet', 'origin', 'mine']);
    await stage.must(['merge', '--quiet', '--no-ff', '--message=m', 'HEAD~1']);
    expect(calls()).toEqual([]);
  });

  test('a trust file that changes is noticed at once, in whichever way it is put there', async () => {
    stage.trust([{ branch: 'stable' }]);
    const calls = count();
    await stage.must(['update-ref', 'refs/heads/stable', stage.built.at(1)]).then(
      () => expect.unreachable('an unproven branch was made'),
      () => undefined,
    );
    expect(calls()).toEqual(['branches', 'reference-transaction']);
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    expect(calls()).toHaveLength(2);
    rmSync(join(stage.home, '.config/countersign/trust.yaml'));
    await stage.must(['update-ref', 'refs/heads/stable', stage.built.at(1)]);
    expect(calls()).toEqual(['branches', 'reference-transaction', 'branches']);
  });

  test('a lock in the work tree, which anybody may have pushed there, is not asked', async () => {
    writeFileSync(join(stage.clone, 'countersign.lock'), 'version: 9\n');
    await stage.must(['branch', 'mine']);
    const refused = await stage.git(['commit', '--allow-empty', '--message=mine']);
    expect(refused.err).toContain('refs/heads/master is a trusted branch');
  });

  test('without the program, what concerns a trusted branch is refused, and it says why', async () => {
    renameSync(program, `${program}.real`);
    const refused = await stage.git(['commit', '--allow-empty', '--message=mine']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('needs the program countersign, which is not in PATH');
    await stage.must(['branch', 'mine']);
  });

  test('wherever the repository is said to be', async () => {
    const tree = join(stage.home, `elsewhere-${Date.now()}`);
    mkdirSync(tree);
    const there = [`--git-dir=${stage.clone}/.git`, `--work-tree=${tree}`];
    const commit = ['commit', '--quiet', '--allow-empty', '--message=mine'];
    const refused = await stage.git([...there, ...commit], { cwd: tree });
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('refs/heads/master is a trusted branch');
    await stage.must(['checkout', '--quiet', '-b', 'mine']);
    await stage.must([...there, ...commit], { cwd: tree });
  });

  test('what others push into a repository with hooks is asked about as well', async () => {
    const { built } = stage;
    const bare = join(stage.home, `served-${Date.now()}.git`);
    await stage.must(['clone', '--quiet', '--bare', stage.remote, bare]);
    expect((await stage.cli('hooks', 'install', '--repository', bare)).code).toBe(0);
    const push = (what: string) => stage.git(['push', '--quiet', bare, what], { cwd: built.dir });
    expect((await push(`${built.at(3)}:refs/heads/master`)).code).not.toBe(0);
    expect((await push(`${built.at(3)}:refs/heads/topic`)).code).toBe(0);
    expect((await push('refs/heads/countersign/ledger')).code).toBe(0);
    expect((await push(`${built.at(2)}:refs/heads/master`)).code).toBe(0);
    expect((await stage.refs(bare)).get('refs/heads/master')).toBe(built.at(2));
  });

  test('a trust file with errors lets nothing through', async () => {
    writeFileSync(join(stage.home, '.config/countersign/trust.yaml'), 'version: 9\n');
    const refused = await stage.git(['branch', 'mine']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('trust.yaml');
  });
});

describe('pre-push', () => {
  test('refuses what nobody could prove, and says how git is told otherwise', async () => {
    await stage.must(['switch', '--quiet', '--create', 'mine']);
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    const refused = await stage.git(['push', 'origin', 'mine:master']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('master on origin would not be provable any more');
    expect(refused.err).toContain('git push --no-verify');
    expect((await stage.refs(stage.remote)).get('refs/heads/master')).toBe(stage.built.at(1));
    expect((await stage.git(['push', 'origin', 'mine'])).code).toBe(0);
  });

  test('lets through what is proven by the ledger as it is there now', async () => {
    const { built } = stage;
    await stage.must(['fetch', '--quiet', built.dir, built.at(2)]);
    const refused = await stage.git(['push', 'origin', `${built.at(2)}:refs/heads/master`]);
    expect(refused.code).not.toBe(0);
    await stage.must(['push', '--quiet', stage.remote, 'refs/heads/countersign/ledger'], { cwd: built.dir });
    expect((await stage.git(['push', 'origin', `${built.at(2)}:refs/heads/master`])).code).toBe(0);
    expect((await stage.refs(stage.remote)).get('refs/heads/master')).toBe(built.at(2));
  });

  test('refuses to take steps back that are there, and to delete the branch', async () => {
    const { built } = stage;
    await stage.publish(2);
    await stage.cli('fetch');
    const back = await stage.git(['push', '--force', 'origin', `${built.at(1)}:refs/heads/master`]);
    expect(back.code).not.toBe(0);
    expect(back.err).toContain('is not among the first parents of');
    expect((await stage.git(['push', 'origin', ':master'])).err).toContain('would be deleted');
    expect((await stage.refs(stage.remote)).get('refs/heads/master')).toBe(built.at(2));
  });

  test('knows the repository by any URL, and says nothing of others', async () => {
    await stage.must(['switch', '--quiet', '--create', 'mine']);
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    for (const url of [`file://${stage.remote}`, '../remote.git']) {
      const { code, err } = await stage.git(['push', url, 'mine:master']);
      expect(code).not.toBe(0);
      expect(err).toContain('would not be provable');
    }
    const other = join(stage.home, `other-${Date.now()}.git`);
    await stage.must(['init', '--quiet', '--bare', other]);
    expect((await stage.git(['push', other, 'mine:master'])).code).toBe(0);
  });
});

describe('post-merge', () => {
  test('warns where a merge brought what is not proven', async () => {
    await stage.must(['config', 'alias.unguarded', '!rm .git/hooks/reference-transaction']);
    await stage.must(['unguarded']);
    await stage.publish(3);
    const { code, err } = await stage.git(['pull', '--quiet', '--ff-only']);
    expect(code).toBe(0);
    expect(err).toContain('WARNING: master has come to');
    expect(err).toContain('git reset --keep ORIG_HEAD');
  });

  test('says nothing of what is proven', async () => {
    await stage.publish(2);
    const { code, err } = await stage.git(['pull', '--quiet', '--ff-only']);
    expect([code, err]).toEqual([0, '']);
  });
});

/** What the trust file says, as a project's own. */
