import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { must, openKeys, run, type Keys } from '../keys/keys.ts';

/** A person's machine: keys, a repository, a git configuration of their own that the test writes. */
export interface Machine {
  readonly keys: () => Keys;
  readonly directory: () => string;
  /** Replaces the person's git configuration; names such as `gpg.format`. */
  readonly configure: (settings: Readonly<Record<string, string>>) => Promise<void>;
  /** Starts an ssh agent that ends with the test, and gives it these private keys. */
  readonly startAgent: (...paths: readonly string[]) => Promise<void>;
  /** A program in a file of its own. */
  readonly program: (name: string, script: string) => Promise<string>;
}

export function machine(): Machine {
  const saved = { ...process.env };
  const ends: (() => Promise<void>)[] = [];
  let keys: Keys | undefined;
  const home = (): Keys => {
    if (keys === undefined) throw new Error('asked before the test began');
    return keys;
  };
  const directory = (): string => join(home().home, 'work');
  beforeAll(async () => {
    keys = await openKeys();
    must('git', await run('git', ['init', '--quiet', directory()]));
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    process.env = { ...saved };
  });
  afterAll(() => keys?.close());
  return {
    keys: home,
    directory,
    async configure(settings) {
      const path = join(home().home, 'gitconfig');
      await writeFile(path, '');
      for (const [name, value] of Object.entries(settings)) {
        must('git', await run('git', ['config', '--file', path, '--add', name, value]));
      }
      process.env['GIT_CONFIG_GLOBAL'] = path;
      process.env['GIT_CONFIG_NOSYSTEM'] = '1';
      process.env['GNUPGHOME'] = home().home;
      delete process.env['SSH_AUTH_SOCK'];
    },
    async startAgent(...paths) {
      const socket = join(home().home, `agent-${ends.length}-${paths.length}`);
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(agent, 'exit');
      ends.push(async () => {
        agent.kill();
        await ended;
      });
      await once(agent.stdout, 'data');
      process.env['SSH_AUTH_SOCK'] = socket;
      for (const path of paths) must('ssh-add', await run('ssh-add', ['-q', path]));
    },
    async program(name, script) {
      const folder = join(home().home, 'programs');
      await mkdir(folder, { recursive: true });
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return path;
    },
  };
}
