import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { usePullStage, type PullStage } from './pull-stage.ts';

/** What a hook tells people to do has to be possible in plain git at that very point: it is done here. */
const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  expect((await stage.cli('hooks', 'install')).code).toBe(0);
});
afterEach(() => {
  vi.stubEnv('XDG_STATE_HOME', '');
});

const TRACKED = 'refs/remotes/origin/master';

/** The command between backticks that begins so, as words. */
function commandIn(text: string, beginning: string): readonly string[] {
  const found = [...text.matchAll(/`([^`]+)`/g)].find(([, command = '']) => command.startsWith(beginning));
  if (found?.[1] === undefined) throw new Error(`no \`${beginning}\` in: ${text}`);
  return found[1].split(' ').slice(1);
}

describe('a fetch that is refused', () => {
  test('is refused as a whole, which is said; two other ways bring what they say', async () => {
    const { built } = stage;
    const other = [stage.remote, `${built.at(0)}:refs/heads/other`];
    await stage.must(['push', '--quiet', ...other], { cwd: built.dir });
    await stage.publish(4);
    const before = await stage.refs();
    const { code, err } = await stage.git(['fetch']);
    expect(code).not.toBe(0);
    expect(await stage.refs()).toEqual(before);
    expect(err).toContain('git stops the whole fetch for this');
    expect(err).not.toMatch(/->|[0-9a-f]{11}/);
    const [fetch = '', ...args] = commandIn(err, 'countersign fetch');
    expect((await stage.cli(fetch, ...args)).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(built.at(2));
    const one = commandIn(err, 'git fetch').map((word) => word.replace('BRANCH', 'other'));
    await stage.must(one);
    expect((await stage.refs()).get('refs/remotes/origin/other')).toBe(built.at(0));
  });

  test('names the remote where that is not origin, and the program whose option is meant', async () => {
    await stage.must(['remote', 'rename', 'origin', 'up/stream']);
    await stage.publish(2);
    await stage.must(['fetch', '--quiet', 'up/stream']);
    await stage.publish(1);
    const { err } = await stage.git(['fetch', '--force', 'up/stream']);
    expect(commandIn(err, 'countersign fetch u')).toEqual(['fetch', 'up/stream']);
    expect(err).toContain('`countersign fetch --allow-downgrade`');
    expect(err).not.toContain('`--allow-downgrade`');
  });

  test('without a place to remember, what is proven comes with a warning, and never goes back', async () => {
    const nowhere = join(stage.home, `nowhere-${Date.now()}`);
    // Nobody makes anything there, not even root.
    symlinkSync('/sys', nowhere);
    vi.stubEnv('XDG_STATE_HOME', nowhere);
    await stage.publish(2);
    const came = await stage.git(['fetch']);
    expect(came.code).toBe(0);
    expect(came.err).toContain('[memory-not-kept]');
    expect(came.err).toContain(nowhere);
    expect(came.err).toContain('XDG_STATE_HOME');
    await stage.publish(1);
    const back = await stage.git(['fetch', '--force']);
    expect(back.code).not.toBe(0);
    expect(back.err).toContain('it goes forward alone');
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });
});

describe('a branch of one own', () => {
  const topic = async (): Promise<void> => {
    await stage.must(['switch', '--quiet', '--create', 'topic']);
    writeFileSync(join(stage.clone, 'mine'), 'mine\n');
    await stage.must(['add', 'mine']);
    await stage.must(['commit', '--quiet', '--message=mine']);
    await stage.must(['switch', '--quiet', 'master']);
  };
  const isClean = async (): Promise<void> => {
    expect(await stage.must(['status', '--porcelain'])).toBe('');
    expect(await stage.id('HEAD')).toBe(stage.built.at(1));
  };

  test('a refused merge leaves MERGE_HEAD: what ends it is said, and then one can go elsewhere', async () => {
    await topic();
    const { code, err } = await stage.git(['merge', '--no-ff', '--message=m', 'topic']);
    expect(code).not.toBe(0);
    expect((await stage.git(['switch', '--create', 'elsewhere'])).code).not.toBe(0);
    await stage.must(commandIn(err, 'git merge'));
    await isClean();
    const [, create = ''] = commandIn(err, 'git switch');
    await stage.must(['switch', '--quiet', create, 'elsewhere']);
    await stage.must(['merge', '--quiet', '--no-ff', '--message=m', 'topic']);
  });

  test('a refused fast-forward has changed the work tree: what takes that back is said', async () => {
    await topic();
    writeFileSync(join(stage.clone, 'README'), 'not committed yet\n');
    const { code, err } = await stage.git(['merge', 'topic']);
    expect(code).not.toBe(0);
    expect(await stage.must(['status', '--porcelain'])).toContain('A  mine');
    await stage.must(commandIn(err, 'git read-tree'));
    // What was not committed stays.
    expect(await stage.must(['status', '--porcelain'])).toBe(' M README');
    expect(await stage.id('HEAD')).toBe(stage.built.at(1));
  });

  test('a refused rebase is undone as said', async () => {
    await topic();
    const { code, err } = await stage.git(['rebase', '--quiet', 'topic']);
    expect(code).not.toBe(0);
    await stage.must(commandIn(err, 'git rebase'));
    await isClean();
    expect(await stage.must(['symbolic-ref', 'HEAD'])).toBe('refs/heads/master');
  });

  test('so is a refused cherry-pick', async () => {
    await topic();
    const { code, err } = await stage.git(['cherry-pick', 'topic']);
    expect(code).not.toBe(0);
    await stage.must(commandIn(err, 'git cherry-pick'));
    await isClean();
  });

  test('a refused commit goes elsewhere with what was staged', async () => {
    writeFileSync(join(stage.clone, 'mine'), 'mine\n');
    await stage.must(['add', 'mine']);
    const { err } = await stage.git(['commit', '--message=mine']);
    expect(err).not.toContain('git merge --abort');
    await stage.must(commandIn(err, 'git switch').map((word) => (word === 'NAME' ? 'elsewhere' : word)));
    await stage.must(['commit', '--quiet', '--message=mine']);
  });

  test('what is pushed here is told to go to another branch', async () => {
    const bare = join(stage.home, `served-${Date.now()}.git`);
    await stage.must(['clone', '--quiet', '--bare', stage.remote, bare]);
    expect((await stage.cli('hooks', 'install', '--repository', bare)).code).toBe(0);
    const push = ['push', bare, `${stage.built.at(3)}:refs/heads/master`];
    const { code, err } = await stage.git(push, { cwd: stage.built.dir });
    expect(code).not.toBe(0);
    expect(err).toContain('push to a branch of another name');
    expect(err).not.toContain('git switch');
  });
});

test('a refused push says which push would do', async () => {
  await stage.must(['switch', '--quiet', '--create', 'mine']);
  await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
  const { code, err } = await stage.git(['push', 'origin', 'mine:master']);
  expect(code).not.toBe(0);
  expect(err).not.toMatch(/->/);
  await stage.must(commandIn(err, 'git push origin').map((word) => word.replace('NAME', 'proposed')));
  expect((await stage.refs(stage.remote)).get('refs/heads/proposed')).toBe(await stage.id('HEAD'));
});

test('a merge that cannot be refused any more is taken back in the order that is said', async () => {
  await stage.publish(3);
  const unguarded = ['-c', 'alias.x=!rm .git/hooks/reference-transaction', 'x'];
  await stage.must(unguarded);
  const { err } = await stage.git(['pull', '--quiet', '--ff-only']);
  await stage.must(commandIn(err, 'git reset'));
  expect(await stage.id('HEAD')).toBe(stage.built.at(1));
  const [pull = ''] = commandIn(err, 'countersign pull');
  expect((await stage.cli(pull)).code).toBe(0);
  expect(await stage.id('HEAD')).toBe(stage.built.at(2));
});
