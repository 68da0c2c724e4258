import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openRepository } from '../../src/git/reader.ts';
import type { OpenRepository } from '../../src/git/reader.ts';
import { makeScratch, oid, scratchAt } from './scratch.ts';
import type { Scratch } from './scratch.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function scratch(options: Parameters<typeof makeScratch>[0] = {}): Scratch {
  const made = makeScratch(options);
  cleanups.push(() => {
    made.remove();
  });
  return made;
}

async function open(directory: string): Promise<OpenRepository> {
  const opened = await openRepository(directory);
  cleanups.push(() => opened.dispose());
  return opened;
}

describe('opening', () => {
  test.each(['sha1', 'sha256'] as const)('a %s repository: names, commits, contents', async (format) => {
    const repo = scratch({ format });
    repo.write('a', 'one\n');
    const first = repo.commit('first');
    repo.git(['tag', '-a', '-m', 'tag', 'v1']);
    repo.git(['tag', '-a', '-m', 'tag of a tag', 'v1-again', 'v1']);
    repo.write('a', 'two\n');
    const second = repo.commit('second');

    const opened = await open(repo.dir);
    expect(opened.format).toBe(format);
    expect(opened.shallow).toBe(false);
    expect(await opened.resolve('HEAD')).toBe(second);
    expect(await opened.resolve('HEAD~1')).toBe(first);
    expect(await opened.resolve('v1-again')).toBe(first);
    expect(await opened.resolve('HEAD^{tree}')).toBeNull();
    expect(await opened.resolve('nonesuch')).toBeNull();
    expect(await opened.resolve('--all')).toBeNull();
    expect(await opened.resolve('a\0b')).toBeNull();

    const raws = await opened.repository.readCommits([second, first]);
    expect(raws.map((raw) => Buffer.from(raw))).toEqual(
      [second, first].map((id) => repo.gitBytes(['cat-file', 'commit', id])),
    );
    expect(await opened.repository.listCommits(first, second, 10)).toEqual([second]);
    expect(await opened.repository.mergeBases(first, second)).toEqual([first]);
    expect(await opened.repository.firstParents(first, second, 10)).toEqual([second]);
    const diff = await opened.repository.diffTrees(repo.id('HEAD~1^{tree}'), repo.id('HEAD^{tree}'), 10);
    expect(diff.files).toHaveLength(1);
    const merged = await opened.repository.mergeCommits(first, second, []);
    expect(merged).toEqual({ clean: true, tree: repo.id('HEAD^{tree}') });
  });

  test('from a subdirectory, a worktree, a bare clone, and a clone that borrows with a relative path', async () => {
    const repo = scratch({ name: 'with "quote" # and ü' });
    repo.write('deep/er/a', 'one\n');
    const id = repo.commit('first');
    repo.git(['worktree', 'add', '-q', '--detach', join(repo.root, 'work tree')]);
    repo.git(['clone', '-q', '--bare', repo.dir, join(repo.root, 'bare.git')]);
    repo.git(['clone', '-q', '--shared', repo.dir, join(repo.root, 'shared')]);
    writeFileSync(
      join(repo.root, 'shared/.git/objects/info/alternates'),
      `# note\n../../../${repo.dir.slice(repo.root.length + 1)}/.git/objects\n`,
    );
    repo.git(['clone', '-q', '--shared', join(repo.root, 'shared'), join(repo.root, 'twice')]);
    for (const place of [
      join(repo.dir, 'deep/er'),
      join(repo.dir, '.git'),
      'work tree',
      'bare.git',
      'shared',
      'twice',
    ]) {
      const opened = await open(place.startsWith('/') ? place : join(repo.root, place));
      expect(await opened.resolve('HEAD'), place).toBe(id);
      expect(await opened.repository.readCommits([id]), place).toHaveLength(1);
    }
  });

  test('leaves nothing behind, and nothing in the judged repository', async () => {
    const repo = scratch();
    repo.write('a', 'one\n');
    const a = repo.commit('a');
    repo.git(['checkout', '-q', '-b', 'side']);
    repo.write('b', 'side\n');
    const b = repo.commit('b');
    repo.git(['checkout', '-q', '-b', 'other', a]);
    repo.write('c', 'other\n');
    const c = repo.commit('c');
    const objects = repo.git(['count-objects', '-v']);
    const temporary = join(repo.root, 'tmp');
    mkdirSync(temporary);
    const saved = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    const opened = await openRepository(repo.dir).finally(() => {
      if (saved === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = saved;
    });
    expect(readdirSync(temporary)).toHaveLength(1);
    const merged = await opened.repository.mergeCommits(b, c, []);
    expect(merged.clean).toBe(true);
    await opened.dispose();
    await opened.dispose();
    expect(repo.git(['count-objects', '-v'])).toBe(objects);
    expect(existsSync(join(repo.dir, '.git/index.lock'))).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('refusing', () => {
  test('no repository, no directory, an empty repository', async () => {
    const repo = scratch();
    await expect(openRepository(repo.root)).rejects.toMatchObject({ code: 'git-failed', passing: false });
    await expect(openRepository(join(repo.root, 'none'))).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('is not a directory') as string,
    });
    const opened = await open(repo.dir);
    expect(await opened.resolve('HEAD')).toBeNull();
    expect(await opened.refs.currentBranch()).toBe('master');
    expect(await opened.refs.findBranch('master')).toBeNull();
  });

  test('a path with a line break', async () => {
    const repo = scratch({ name: 'line\nbreak' });
    await expect(openRepository(repo.dir)).rejects.toMatchObject({
      code: 'repository-untrusted',
      message: expect.stringContaining('line break') as string,
    });
  });

  test.runIf(process.geteuid?.() === 0)(
    'a store that belongs to another user, directly or borrowed',
    async () => {
      const repo = scratch();
      repo.write('a', 'one\n');
      repo.commit('a');
      repo.git(['clone', '-q', '--shared', repo.dir, join(repo.root, 'shared')]);
      chmodSync(repo.root, 0o755);
      chownSync(join(repo.dir, '.git/objects'), 4321, 4321);
      for (const place of [repo.dir, join(repo.root, 'shared')]) {
        await expect(openRepository(place)).rejects.toMatchObject({
          code: 'repository-untrusted',
          passing: false,
          message: expect.stringContaining('4321') as string,
        });
      }
      chownSync(join(repo.dir, '.git'), 4321, 4321);
      chownSync(repo.dir, 4321, 4321);
      await expect(openRepository(repo.dir)).rejects.toMatchObject({ code: 'repository-untrusted' });
    },
  );
});

describe('names', () => {
  test('the current branch, the default branch, branches of our own before those of origin', async () => {
    const upstream = scratch();
    upstream.write('a', 'one\n');
    const a = upstream.commit('a');
    upstream.git(['branch', 'release-1']);
    upstream.git(['clone', '-q', upstream.dir, join(upstream.root, 'clone')]);
    const clone = scratchAt(upstream.root, join(upstream.root, 'clone'));
    clone.git(['checkout', '-q', '-b', 'topic/one']);
    clone.write('a', 'two\n');
    const b = clone.commit('b');
    const { refs } = await open(clone.dir);
    expect(await refs.currentBranch()).toBe('topic/one');
    expect(await refs.defaultBranch()).toBe('master');
    expect(await refs.findBranch('topic/one')).toEqual({ ref: 'refs/heads/topic/one', id: b });
    expect(await refs.findBranch('master')).toEqual({ ref: 'refs/heads/master', id: a });
    expect(await refs.findBranch('release-1')).toEqual({ ref: 'refs/remotes/origin/release-1', id: a });
    for (const name of [
      'topic',
      'topic/*',
      '*',
      '',
      '-x',
      'a..b',
      'HEAD~1',
      '../heads/master',
      'x.lock',
      '@{-1}',
      'a\nb',
    ])
      expect(await refs.findBranch(name), name).toBeNull();
    clone.git(['checkout', '-q', '--detach']);
    clone.git(['remote', 'set-head', 'origin', '--delete']);
    expect(await refs.currentBranch()).toBeNull();
    expect(await refs.defaultBranch()).toBeNull();
  });
});

describe('a hostile repository (attacks 46, 57)', () => {
  test('replace refs, grafts, shallow file, configuration, attributes, hooks and environment change nothing', async () => {
    const repo = scratch();
    repo.write('a', 'one\n');
    const a = repo.commit('a');
    repo.write('a', 'two\n');
    const b = repo.commit('b');
    repo.write('a', 'three\n');
    const c = repo.commit('c');
    const treeOfC = repo.id('HEAD^{tree}');
    repo.write('evil', 'evil\n');
    const evil = repo.commit('evil');
    repo.git(['reset', '-q', '--hard', c]);
    repo.git(['replace', c, evil]);
    mkdirSync(join(repo.dir, '.git/info'), { recursive: true });
    writeFileSync(join(repo.dir, '.git/info/grafts'), `${c} ${a}\n`);
    const trap = join(repo.root, 'trapped');
    for (const [key, value] of [
      ['core.fsmonitor', `touch ${trap}`],
      ['core.hooksPath', join(repo.dir, 'hooks')],
      ['core.pager', `touch ${trap}`],
      ['core.sshCommand', `touch ${trap}`],
      ['core.alternateRefsCommand', `touch ${trap}`],
      ['diff.external', `touch ${trap}`],
      ['merge.evil.driver', `touch ${trap}`],
      ['merge.default', 'evil'],
      ['remote.origin.url', `ext::touch ${trap}`],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.partialclonefilter', 'blob:none'],
      ['protocol.ext.allow', 'always'],
      ['alias.rev-parse', `!touch ${trap}`],
    ] as const)
      repo.git(['config', key, value]);
    repo.write('hooks/post-checkout', `#!/bin/sh\ntouch ${trap}\n`);
    chmodSync(join(repo.dir, 'hooks/post-checkout'), 0o755);
    writeFileSync(join(repo.dir, '.git/info/attributes'), '* merge=evil filter=evil diff=evil\n');

    const saved = { ...process.env };
    process.env['GIT_DIR'] = join(repo.root, 'nowhere');
    process.env['GIT_CONFIG_PARAMETERS'] = "'core.commitGraph=true'";
    process.env['GIT_TRACE'] = trap;
    try {
      const opened = await open(repo.dir);
      const { repository } = opened;
      expect(await opened.resolve('HEAD')).toBe(c);
      expect(await opened.resolve('HEAD~1')).toBe(b);
      const [raw] = await repository.readCommits([c]);
      expect(Buffer.from(raw ?? []).toString()).toContain(`parent ${b}\n`);
      expect(await repository.listCommits(a, c, 10)).toEqual([c, b]);
      expect(await repository.firstParents(a, c, 10)).toEqual([b, c]);
      expect(await repository.isReachable(b, c)).toBe(true);
      expect(await opened.resolve('0'.repeat(39) + '1')).toBeNull();
      await expect(repository.readCommits([oid('0'.repeat(39) + '1')])).rejects.toMatchObject({
        code: 'object-missing',
      });
      expect(await repository.mergeCommits(b, c, [])).toEqual({ clean: true, tree: treeOfC });
    } finally {
      process.env = saved;
    }
    expect(existsSync(trap)).toBe(false);
  });
});
