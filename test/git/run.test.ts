import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configEnvironment, gitEnvironment } from '../../src/git/environment.ts';
import { withLock } from '../../src/git/lock.ts';
import { runGit, runGitOk, scrub } from '../../src/git/run.ts';
import { encodeAlternates } from '../../src/git/workspace.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cs-run-test-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('runGit', () => {
  test('exit codes are answers; runGitOk wants 0', async () => {
    const options = { gitDir: null, cwd: root };
    expect((await runGit(['hash-object', '--stdin'], { ...options, input: 'x' })).code).toBe(0);
    const failing = await runGit(['no-such-command'], options);
    expect(failing.code).toBe(1);
    expect(failing.stderr).toContain('no-such-command');
    await expect(runGitOk(['no-such-command'], options)).rejects.toMatchObject({ code: 'git-failed' });
  });

  test('answers are bounded', async () => {
    const options = { gitDir: null, cwd: root, input: 'x'.repeat(1000) };
    const args = ['stripspace'];
    expect((await runGit(args, { ...options, maxBytes: 1001 })).stdout).toHaveLength(1001);
    await expect(runGit(args, { ...options, maxBytes: 1000 })).rejects.toMatchObject({
      code: 'list-cut',
      passing: false,
    });
  });

  test('a git that does not end is ended, with what it started', async () => {
    // The alias comes through our own environment: a git that starts a process which starts another one.
    const env = configEnvironment([['alias.sleep', `!sh -c 'sleep 987.25; true'; true`]]);
    await expect(runGit(['sleep'], { gitDir: null, cwd: root, env, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('0.3 s') as string,
    });
    const stop = new AbortController();
    const cancelled = runGit(['sleep'], { gitDir: null, cwd: root, env, signal: stop.signal });
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({
      message: expect.stringContaining('cancelled') as string,
    });
    await expect(
      runGit(['sleep'], { gitDir: null, cwd: root, env, signal: stop.signal }),
    ).rejects.toMatchObject({
      code: 'git-failed',
    });
    for (let round = 0; round < 100 && sleepers() > 0; round += 1) await sleep(20);
    expect(sleepers()).toBe(0);
  });

  test('a git that cannot be started', async () => {
    const env = { PATH: root };
    await expect(runGit(['version'], { gitDir: null, cwd: root, env })).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('could not be started') as string,
    });
  });

  test('the environment is an allow-list', async () => {
    process.env['GIT_SSH_COMMAND'] = 'false';
    process.env['GIT_EXTERNAL_DIFF'] = 'false';
    try {
      const env = configEnvironment([['alias.env', '!env']]);
      const { stdout } = await runGit(['env'], { gitDir: null, cwd: root, env });
      const names = Buffer.from(stdout)
        .toString()
        .split('\n')
        .map((line) => line.split('=')[0] ?? '');
      // What git and the shell add for an alias themselves.
      const added = ['GIT_PREFIX', 'PWD', 'OLDPWD', 'SHLVL', '_', '', 'GIT_EXEC_PATH', 'GIT_PAGER'];
      const allowed = new Set([...Object.keys(gitEnvironment(env)), ...added]);
      expect(names.filter((name) => !allowed.has(name))).toEqual([]);
      expect(names).toContain('GIT_CONFIG_NOSYSTEM');
    } finally {
      delete process.env['GIT_SSH_COMMAND'];
      delete process.env['GIT_EXTERNAL_DIFF'];
    }
  });
});

describe('scrub', () => {
  test.each([
    ['a token', 'the token s3cret is s3cret', 'the token *** is ***'],
    ['credentials in a URL', 'https://u:p@host/x', 'https://***@host/x'],
    ['terminal sequences', 'a\u001b[31mred\u202e', 'a?[31mred?'],
    ['line breaks', 'one\n\ntwo\n', 'one; two'],
  ])('%s', (_, before, after) => {
    expect(scrub(before, ['s3cret'])).toBe(after);
  });

  test('is short', () => {
    expect(scrub('x'.repeat(100_000), [])).toHaveLength(2001);
  });
});

describe('encodeAlternates', () => {
  test('absolute paths, one a line', () => {
    expect(encodeAlternates(['/a b/"c"', '/#d'])).toBe('/a b/"c"\n/#d\n');
    expect(() => encodeAlternates(['relative'])).toThrow('not absolute');
  });

  test('never more lines than paths', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (names) => {
        const paths = names.map((name) => `/${name}`);
        let encoded: string;
        try {
          encoded = encodeAlternates(paths);
        } catch (error) {
          expect(error).toMatchObject({ code: 'repository-untrusted' });
          return;
        }
        expect(encoded.split('\n').slice(0, -1)).toEqual(paths);
      }),
    );
    expect(() => encodeAlternates(['/a\n/etc'])).toThrow('line break');
    expect(() => encodeAlternates(['/a\uFFFD'])).toThrow('not UTF-8');
  });
});

describe('withLock', () => {
  const times = { beatMs: 20, staleMs: 2000, waitMs: 20_000 };

  test('one at a time, and nothing stays', async () => {
    const path = join(root, 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(10);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => withLock(path, work, times)));
    expect(most).toBe(1);
    await expect(withLock(path, () => Promise.reject(new Error('inside')), times)).rejects.toThrow('inside');
    expect(readdirSync(root)).toEqual([]);
  });

  test('a lock that nobody keeps alive is broken', async () => {
    const path = join(root, 'lock');
    mkdirSync(path);
    const old = new Date(Date.now() - 10_000);
    utimesSync(path, old, old);
    expect(await withLock(path, () => Promise.resolve('in'), times)).toBe('in');
    expect(readdirSync(root)).toEqual([]);
  });

  test('a lock that is alive is waited for, not for ever', async () => {
    const path = join(root, 'lock');
    mkdirSync(path);
    await expect(
      withLock(path, () => Promise.resolve('in'), { ...times, staleMs: 60_000, waitMs: 100 }),
    ).rejects.toMatchObject({ code: 'git-failed', passing: true });
    expect(readdirSync(root)).toEqual(['lock']);
  });

  test('whoever held it before and was silent too long leaves it to whoever holds it by then', async () => {
    const path = join(root, 'lock');
    const [inside, woken] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const suspended = withLock(
      path,
      () => {
        inside.resolve('in');
        return woken.promise;
      },
      { ...times, beatMs: 60_000 },
    );
    await inside.promise;
    const old = new Date(Date.now() - 10_000);
    utimesSync(path, old, old);
    const second = async (): Promise<void> => {
      woken.resolve('done');
      expect(await suspended).toBe('done');
      expect(readdirSync(root)).toEqual(['lock']);
      const third = withLock(path, () => Promise.resolve('in'), { ...times, staleMs: 60_000, waitMs: 50 });
      await expect(third).rejects.toMatchObject({ code: 'git-failed' });
    };
    await withLock(path, second, times);
    expect(readdirSync(root)).toEqual([]);
  });

  test('it fails where there is no place for it', async () => {
    await expect(withLock(join(root, 'none/lock'), () => Promise.resolve(), times)).rejects.toThrow('ENOENT');
  });
});

function sleepers(): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1') === 'sleep\x00987.25\x00';
    } catch {
      return false;
    }
  }).length;
}
