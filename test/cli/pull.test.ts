import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

describe('pull', () => {
  test('moves branch, index and work tree forward to what is proven', async () => {
    await stage.publish(4);
    const { code, json } = await stage.json('pull');
    expect(code).toBe(0);
    expect(json.branches[0]).toMatchObject({ accepted: stage.built.at(2), ahead: 2 });
    expect(json.local).toMatchObject({ kind: 'moved', branch: 'master' });
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(await stage.must(['status', '--porcelain'])).toBe('');
    expect(readFileSync(join(stage.clone, 'pkgs/step-2.nix'), 'utf8')).toBe('2\n');
    const again = await stage.cli('pull');
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain('`master` is up to date');
    expect(again.out).toContain('2 steps ahead of what is proven');
    // All of it is here, though no ref leads to what is not proven.
    expect(again.err).toContain('has master at');
    expect(again.err).not.toContain('downloading');
  });

  test('shows ids and arrows as `verify` does', async () => {
    await stage.publish(4);
    const { out, err } = await stage.cli('pull');
    const [from, to] = [stage.built.at(1), stage.built.at(2)].map((id) => id.slice(0, 10));
    expect(out).toContain(`\`master\`: ${from} → ${to}, 1 step\n`);
    expect(out).toContain(`refs/remotes/origin/master ${from} → ${to}\n`);
    expect(out + err).not.toMatch(/->|[0-9a-f]{11}/);
  });

  test('in JSON findings have their words, as those of `verify` have', async () => {
    await stage.publish(2);
    await stage.cli('pull');
    await stage.publish(1);
    const { json } = await stage.json('pull');
    const [found] = json.branches[0]?.findings ?? [];
    expect(found).toEqual({
      code: 'history-downgrade',
      outcome: 'fail',
      message: expect.stringContaining('is older than') as unknown,
      remedy: [expect.stringContaining('--allow-downgrade')],
      help: expect.stringMatching(/findings\.md#history-downgrade$/) as unknown,
      data: expect.objectContaining({ branch: 'master' }) as unknown,
    });
    await stage.publish(3);
    const ahead = (await stage.json('fetch', '--strict')).json.branches[0]?.findings ?? [];
    expect(ahead.map(({ code }) => code)).toContain('people-missing');
    expect(ahead[0]).toMatchObject({ commit: stage.built.at(3) });
  });

  test('proves before it changes anything', async () => {
    await stage.publish(2);
    await stage.cli('pull');
    const before = await stage.refs();
    await stage.publish(1);
    const { code, out } = await stage.cli('pull');
    expect(code).toBe(1);
    expect(out).toContain('history-downgrade');
    expect(out).toContain('`master` stays where it is');
    expect(await stage.refs()).toEqual(before);
  });

  test('follows the upstream of a branch of another name', async () => {
    await stage.must(['branch', '--move', 'master', 'mine']);
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('refs/heads/mine')).toBe(stage.built.at(2));
  });

  test('starts a branch that has no commit yet', async () => {
    const empty = join(stage.home, `empty-${Date.now()}`);
    await stage.must(['init', '--quiet', '--initial-branch=master', empty], { cwd: stage.home });
    await stage.must(['remote', 'add', 'origin', stage.remote], { cwd: empty });
    await stage.publish(2);
    expect((await stage.cli('pull', '--repository', empty)).code).toBe(0);
    expect(await stage.id('HEAD', empty)).toBe(stage.built.at(2));
    expect(readFileSync(join(empty, 'pkgs/step-1.nix'), 'utf8')).toBe('1\n');
  });
});

describe('a work tree that is not clean', () => {
  test('changes that are not in the way stay', async () => {
    writeFileSync(join(stage.clone, 'README'), 'mine\n');
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(await stage.must(['status', '--porcelain'])).toBe(' M README');
  });

  test('changes that would be lost stop it, and what is proven is fetched all the same', async () => {
    mkdirSync(join(stage.clone, 'pkgs'), { recursive: true });
    writeFileSync(join(stage.clone, 'pkgs/step-2.nix'), 'mine\n');
    await stage.publish(2);
    const { code, out } = await stage.cli('pull');
    expect(code).toBe(1);
    expect(out).toContain('git refuses');
    expect(out).toContain('git merge --ff-only refs/remotes/origin/master');
    // What git said keeps its lines, and none of them is joined to a sentence of ours.
    expect(out).toMatch(/^ +pkgs\/step-2\.nix$/m);
    expect(out).not.toContain(';');
    expect(await stage.id('HEAD')).toBe(stage.built.at(1));
    expect((await stage.refs()).get('refs/remotes/origin/master')).toBe(stage.built.at(2));
    expect(readFileSync(join(stage.clone, 'pkgs/step-2.nix'), 'utf8')).toBe('mine\n');
  });
});

describe('a branch that cannot simply move forward', () => {
  test('a detached HEAD is left alone, before anybody is asked', async () => {
    await stage.must(['checkout', '--quiet', '--detach']);
    const { code, err } = await stage.cli('pull');
    expect(code).toBe(64);
    expect(err).toContain('countersign fetch');
    expect(err).not.toContain('has master at');
  });

  test('a repository without a work tree has nothing to pull into', async () => {
    const { code, err } = await stage.cli('pull', '--repository', stage.remote);
    expect(code).toBe(64);
    expect(err).toContain('no work tree');
  });

  test('commits of one own on another line: it says how to go on, and merges nothing', async () => {
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    const own = await stage.id('HEAD');
    await stage.publish(2);
    const { code, out } = await stage.cli('pull');
    expect(code).toBe(1);
    expect(out).toContain('git rebase refs/remotes/origin/master');
    expect(await stage.id('HEAD')).toBe(own);
  });

  test('commits of one own on top of what is proven stay', async () => {
    await stage.publish(2);
    await stage.cli('pull');
    await stage.must(['commit', '--quiet', '--allow-empty', '--message=mine']);
    const own = await stage.id('HEAD');
    const { code, out } = await stage.cli('pull');
    expect(code).toBe(0);
    expect(out).toContain('your own');
    expect(await stage.id('HEAD')).toBe(own);
  });

  test('what plain git brought unproven is named', async () => {
    await stage.publish(4);
    await stage.must(['pull', '--quiet', '--ff-only']);
    const { code, out } = await stage.cli('pull');
    expect(code).toBe(1);
    expect(out).toContain('which came from there');
    expect(out).toContain('git reset --keep refs/remotes/origin/master');
    expect(await stage.id('HEAD')).toBe(stage.built.at(4));
  });

  test("the person's settings for merges and submodules have no say in it", async () => {
    for (const [name, value] of [
      ['merge.ff', 'false'],
      ['merge.autoStash', 'true'],
      ['branch.master.mergeOptions', '--no-ff --squash'],
      ['pull.rebase', 'true'],
      ['submodule.recurse', 'true'],
    ]) {
      await stage.must(['config', name ?? '', value ?? '']);
    }
    await stage.publish(2);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
  });

  test('a submodule stays at the commit that is checked out in it', async () => {
    const { built } = stage;
    const module = join(stage.home, `module-${Date.now()}`);
    await stage.must(['init', '--quiet', module], { cwd: stage.home });
    const commits: string[] = [];
    for (const message of ['one', 'two']) {
      await stage.must(['commit', '--quiet', '--allow-empty', '--message', message], { cwd: module });
      commits.push(await stage.id('HEAD', module));
    }
    const [one = '', two = ''] = commits;
    const files = {
      '.gitmodules': `[submodule "sub"]\n\tpath = sub\n\turl = ${module}\n`,
      sub: { submodule: one },
    };
    const first = built.extend(built.at(2), { by: 'alice', files, approved: ['bob', 'carol', 'dave'] });
    const next = { by: 'alice', files: { sub: { submodule: two } }, approved: ['bob', 'carol'] };
    const second = built.extend(first.commit, next);
    const { entries, tips } = built.ledger;
    const ledger = built.ledger.make([...entries, ...first.entries, ...second.entries], tips.at(-1) ?? null);
    await stage.publish(first.commit, ledger);
    expect((await stage.cli('pull')).code).toBe(0);
    await stage.must(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init']);
    await stage.must(['config', 'submodule.recurse', 'true']);
    await stage.publish(second.commit, ledger);
    expect((await stage.cli('pull')).code).toBe(0);
    expect(await stage.id('HEAD')).toBe(second.commit);
    expect(await stage.id('HEAD', join(stage.clone, 'sub'))).toBe(one);
  });
});
