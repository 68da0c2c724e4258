import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git, tryGit } from './git/run.ts';
import type { GitResult } from './git/run.ts';

/** A person's checkout, to make commits in and to push from. */
export interface WorkTree {
  directory: string;
  /** Runs git here; throws when it fails. */
  git(...args: string[]): Promise<string>;
  /** Runs git here and answers, whatever the exit code. */
  tryGit(...args: string[]): Promise<GitResult>;
  /** Writes files (null: removes them) and commits them; gives the commit. */
  commit(message: string, files: Record<string, string | null>): Promise<string>;
  remove(): Promise<void>;
}

/** Makes an empty work tree on the branch `master`, or a clone when it is given a URL. */
export async function createWorkTree(login: string, cloneFrom?: string): Promise<WorkTree> {
  const directory = await mkdtemp(join(tmpdir(), 'wt-'));
  await git(
    directory,
    cloneFrom === undefined ? ['init', '--quiet', '-b', 'master'] : ['clone', '--quiet', cloneFrom, '.'],
  );
  await git(directory, ['config', 'user.name', login]);
  await git(directory, ['config', 'user.email', `${login}@example.org`]);
  const run = (...args: string[]): Promise<string> => git(directory, args);
  return {
    directory,
    git: run,
    tryGit: (...args) => tryGit(directory, args),
    async commit(message, files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        if (content === null) await rm(join(directory, path));
        else await writeFile(join(directory, path), content);
      }
      await run('add', '--all');
      await run('commit', '--quiet', '--allow-empty', '-m', message);
      return await run('rev-parse', 'HEAD');
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
