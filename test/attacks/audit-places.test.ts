import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { usePullStage, type PullStage } from '../cli/pull-stage.ts';

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

describe('a current folder that was removed', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gone-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  test.each(['verify', 'pull', 'trust list', 'policy lint'])(
    '%s says so in one sentence',
    async (command) => {
      const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
      const args = ['-c', script, 'sh', process.execPath, '--disable-warning=ExperimentalWarning', program];
      const child = spawn('sh', [...args, ...command.split(' ')], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = new Promise((done) => child.on('close', done));
      const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      expect([code, out, err]).toEqual([
        2,
        '',
        'countersign: the current folder is not there any more: go to another one\n',
      ]);
    },
  );
});

describe('a place that is none', () => {
  const use = usePullStage();
  let stage: PullStage;
  beforeEach(async () => {
    ({ stage } = use);
    await stage.reset();
  });
  afterEach(() => {
    vi.stubEnv('XDG_STATE_HOME', '');
  });

  test('a pipe that nobody writes to is no bundle', async () => {
    const pipe = join(stage.home, `pipe-${Math.random()}`);
    execFileSync('mkfifo', [pipe]);
    for (const command of [
      ['bundle', 'verify', pipe],
      ['fetch', '--bundle', pipe],
    ]) {
      const { code, err } = await stage.cli(...command);
      expect(code).toBe(2);
      expect(err).toContain('it is not a regular file');
    }
  });

  test.skipIf(!existsSync('/proc/self'))(
    'a state folder where nothing can be made is one that remembers nothing',
    async () => {
      vi.stubEnv('XDG_STATE_HOME', '/proc/countersign');
      await stage.must(['fetch', '--quiet']);
      const { code, out } = await stage.cli('verify', 'origin/master');
      expect(out).toContain('memory-not-kept');
      expect(code).toBe(0);
      expect((await stage.cli('pull')).code).toBe(0);
    },
  );
});
