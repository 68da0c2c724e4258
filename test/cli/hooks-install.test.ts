import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { hookText, HOOKS } from '../../src/cli/hooks/scripts.ts';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

const hooksIn = (folder: string): string[] => HOOKS.map((name) => join(folder, name));

describe('hooks install', () => {
  test('writes them once, brings old ones up to date, and takes them away again', async () => {
    const folder = join(stage.clone, '.git/hooks');
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    for (const path of hooksIn(folder)) expect(statSync(path).mode & 0o777).toBe(0o755);
    expect((await stage.cli('hooks', 'install')).out).toContain('was there already');
    const old = hookText('pre-push').split('\n').slice(0, 2).join('\n');
    writeFileSync(join(folder, 'pre-push'), `${old}\nexit 0\n`);
    expect((await stage.cli('hooks', 'install')).out).toContain('pre-push: brought up to date');
    expect(readFileSync(join(folder, 'pre-push'), 'utf8')).toBe(hookText('pre-push'));
    expect((await stage.cli('hooks', 'uninstall')).code).toBe(0);
    for (const path of hooksIn(folder)) expect(existsSync(path)).toBe(false);
    expect((await stage.cli('hooks', 'uninstall')).out).toContain('is not there');
  });

  test.each(['file', 'link', 'folder'])("never touches somebody else's hook, a %s", async (kind) => {
    const path = join(stage.clone, '.git/hooks/pre-push');
    mkdirSync(join(path, '..'), { recursive: true });
    const other = join(stage.home, 'other-hook');
    writeFileSync(other, '#!/bin/sh\nexit 0\n');
    if (kind === 'file') writeFileSync(path, '#!/bin/sh\nexit 0\n');
    else if (kind === 'link') symlinkSync(other, path);
    else mkdirSync(path);
    const { code, out } = await stage.cli('hooks', 'install');
    expect(code).toBe(1);
    expect(out).toContain('pre-push: is a hook of somebody else');
    expect(out).toContain('countersign hook pre-push -- "$@" || exit 1');
    expect(existsSync(join(path, '../reference-transaction'))).toBe(true);
    expect((await stage.cli('hooks', 'uninstall')).code).toBe(0);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(other, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });

  test('the lines that it says work in a hook that reads its lines itself', async () => {
    const path = join(stage.clone, '.git/hooks/pre-push');
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '#!/bin/sh\n');
    const { out } = await stage.cli('hooks', 'install');
    const added = out.split('\n').filter((line) => line.startsWith('  '));
    writeFileSync(path, ['#!/bin/sh', ...added, `printf '%s\\n' "$lines" > "$HOME/seen"`, ''].join('\n'));
    chmodSync(path, 0o755);
    await stage.must(['push', '--quiet', 'origin', `${stage.built.at(1)}:refs/heads/other`]);
    expect(readFileSync(join(stage.home, 'seen'), 'utf8')).toContain('refs/heads/other');
    const refused = await stage.git(['push', 'origin', ':refs/heads/master']);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('a branch that others trust would be deleted');
  });

  test('goes where core.hooksPath says, and asks where that serves other repositories', async () => {
    await stage.must(['config', 'core.hooksPath', '.githooks']);
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    for (const path of hooksIn(join(stage.clone, '.githooks'))) expect(existsSync(path)).toBe(true);
    await stage.must(['config', '--unset', 'core.hooksPath']);
    const everywhere = join(stage.home, 'all-hooks');
    await stage.must(['config', '--global', 'core.hooksPath', everywhere]);
    const { code, err } = await stage.cli('hooks', 'install');
    expect(code).toBe(64);
    expect(err).toContain('--shared');
    expect(existsSync(everywhere)).toBe(false);
    expect((await stage.cli('hooks', 'install', '--shared')).code).toBe(0);
    for (const path of hooksIn(everywhere)) expect(existsSync(path)).toBe(true);
  });

  test('serves all worktrees of a repository, from any folder in one', async () => {
    const tree = join(stage.home, `tree-${Date.now()}`);
    await stage.must(['worktree', 'add', '--quiet', '-b', 'beside', tree]);
    mkdirSync(join(tree, 'below'), { recursive: true });
    expect((await stage.cli('hooks', 'install', '--repository', join(tree, 'below'))).code).toBe(0);
    for (const path of hooksIn(join(stage.clone, '.git/hooks'))) expect(existsSync(path)).toBe(true);
    await stage.publish(3);
    const { code, err } = await stage.git(['fetch', '--quiet'], { cwd: tree });
    expect(code).not.toBe(0);
    expect(err).toContain('refs/remotes/origin/master is a trusted branch');
  });

  test('outside of a repository there is nothing to do', async () => {
    expect((await stage.cli('hooks', 'install', '--repository', stage.home)).code).toBe(2);
  });
});
