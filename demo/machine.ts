import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Somebody's own computer: a home folder with nothing in it, git, and the command line as an installed program. */
export interface Machine {
  /** Their work tree. */
  readonly folder: string;
  /** Throws where git fails. */
  git(...args: string[]): Promise<string>;
  countersign(...args: string[]): Promise<Ran>;
}

const PROGRAM = resolve(import.meta.dirname, '../src/cli/main.ts');

/**
 * Programs start in `folder`, which is the home as well. They see nothing of whoever plays the demo but `PATH`, so that
 * nobody's own configuration, keys or trust file has a part in it.
 */
export function openMachine(
  name: string,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Machine {
  const email = `${name}@example.org`;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    ...environment,
  };
  const run = async (command: string, args: readonly string[]): Promise<Ran> => {
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number>((done, failed) => {
      child.once('error', failed);
      child.once('close', (code) => {
        done(code ?? -1);
      });
    });
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, err };
  };
  return {
    folder,
    async git(...args) {
      const { code, out, err } = await run('git', args);
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${err}`);
      return out.trimEnd();
    },
    countersign: (...args) =>
      run(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args]),
  };
}
