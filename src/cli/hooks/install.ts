import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { makeFolders } from '../../disk/make-folders.ts';
import { Unreadable } from '../../gather/ports.ts';
import { findHooksPlace, type HooksPlace } from '../../git/hooks-place.ts';
import { fileProblem } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { UsageError } from '../revisions.ts';
import { writeGuard } from './guard.ts';
import { HOOKS, hookText, isOurs, linesToAdd, type HookName } from './scripts.ts';

export interface HooksOptions {
  readonly repository: string;
  /** Also into a folder that serves other repositories as well. */
  readonly shared?: boolean;
  readonly json?: boolean;
}

type State = 'installed' | 'replaced' | 'there' | 'foreign' | 'removed' | 'absent';

interface Done {
  readonly hook: HookName;
  readonly path: string;
  readonly state: State;
}

const LARGEST_HOOK = 1024 * 1024;

/** `countersign hooks install`: writes each hook that is not somebody else's. */
export function installHooks(options: HooksOptions, io: Io): Promise<number> {
  return answering('hooks install', io, async () => {
    const directory = io.path(options.repository);
    const place = await placeOf(directory, options);
    await makeFolders(place.folder).catch(cannotWrite(place.folder));
    const done: Done[] = [];
    for (const hook of HOOKS) done.push(await install(join(place.folder, hook), hook));
    await writeGuard(directory, io);
    return report('install', done, place, options, io);
  });
}

/** `countersign hooks uninstall`: removes those that are ours. */
export function uninstallHooks(options: HooksOptions, io: Io): Promise<number> {
  return answering('hooks uninstall', io, async () => {
    const place = await placeOf(io.path(options.repository), options);
    const done: Done[] = [];
    for (const hook of HOOKS) {
      const path = join(place.folder, hook);
      const found = await look(path);
      if (found === 'ours' || found === 'ours, older') await rm(path).catch(cannotWrite(path));
      done.push({
        hook,
        path,
        state: found === 'none' ? 'absent' : found === 'foreign' ? 'foreign' : 'removed',
      });
    }
    return report('uninstall', done, place, options, io);
  });
}

/** A folder named by the person's or the system's configuration has the hooks of all their repositories. */
async function placeOf(directory: string, { shared }: HooksOptions): Promise<HooksPlace> {
  const place = await findHooksPlace(directory);
  const scope = place.configured?.scope ?? 'local';
  if (shared !== true && scope !== 'local' && scope !== 'worktree') {
    throw new UsageError(
      `\`core.hooksPath\` of your ${scope} configuration says that hooks lie in \`${place.folder}\`, for other repositories too: --shared means that`,
    );
  }
  return place;
}

async function install(path: string, hook: HookName): Promise<Done> {
  const found = await look(path, hookText(hook));
  if (found === 'ours') return { hook, path, state: 'there' };
  if (found === 'foreign') return { hook, path, state: 'foreign' };
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, hookText(hook), { flag: 'wx', mode: 0o755 });
    await chmod(aside, 0o755);
    if (found === 'ours, older') await rename(aside, path);
    // Unlike renaming, linking never takes the place of a file that has come meanwhile.
    else await link(aside, path);
    return { hook, path, state: found === 'none' ? 'installed' : 'replaced' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return { hook, path, state: 'foreign' };
    }
    return cannotWrite(path)(error);
  } finally {
    await rm(aside, { force: true });
  }
}

async function look(path: string, text?: string): Promise<'none' | 'ours' | 'ours, older' | 'foreign'> {
  try {
    const info = await lstat(path);
    if (!info.isFile() || info.size > LARGEST_HOOK) return 'foreign';
    const found = await readFile(path, 'utf8');
    if (!isOurs(found)) return 'foreign';
    return found === (text ?? found) && (info.mode & 0o111) !== 0 ? 'ours' : 'ours, older';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'none';
    throw new Unreadable('file-unreadable', `the hook \`${path}\` cannot be read: ${fileProblem(error)}`, {
      passing: false,
      cause: error,
    });
  }
}

function cannotWrite(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new Unreadable('file-unreadable', `\`${path}\` cannot be written: ${fileProblem(cause)}`, {
      passing: false,
      cause,
    });
  };
}

const WORDS: Readonly<Record<State, string>> = {
  installed: 'installed',
  replaced: 'brought up to date',
  there: 'was there already',
  foreign: 'is a hook of somebody else, and was left as it is',
  removed: 'removed',
  absent: 'is not there',
};

function report(
  command: 'install' | 'uninstall',
  done: readonly Done[],
  { folder, configured }: HooksPlace,
  { json }: HooksOptions,
  io: Io,
): number {
  const foreign = done.filter(({ state }) => state === 'foreign');
  const missing = command === 'install' && foreign.length > 0;
  if (json === true) {
    io.out(`${jsonText({ folder, hooks: done })}\n`);
    return missing ? EXIT.fail : EXIT.pass;
  }
  for (const { hook, path, state } of done)
    io.out(`${hook}: ${cleanSentence(WORDS[state])} (${clean(path)})\n`);
  if (missing) {
    for (const { hook } of foreign) {
      io.out(`\nto have it in your own ${hook}, put this at its beginning:\n`);
      for (const line of linesToAdd(hook)) io.out(`  ${line}\n`);
    }
  }
  if (configured !== null)
    io.out(`git looks there because core.hooksPath (${clean(configured.scope)}) says so\n`);
  return missing ? EXIT.fail : EXIT.pass;
}
