import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { HooksOptions } from './install.ts';

const HELP = `
Examples:
  countersign hooks install
  countersign hooks uninstall

pre-push               refuses to push to a trusted branch what nobody could prove afterwards (git push --no-verify: anyway)
reference-transaction  refuses to move a trusted branch, here or as fetched, to what is not proven
post-merge             warns where a merge brought what is not proven

git cannot leave one branch out of a fetch: one commit that is not proven stops a plain \`git fetch\` as a whole, and
\`countersign fetch\` brings what is. Each refusal says what to do next.

Hooks go where git looks for them (core.hooksPath, worktrees). A hook that is not ours is never changed: you are told what
to put into it. They do nothing, and cost next to nothing, for branches that no trust file names.

Exit codes: 0 done, 1 a hook of somebody else is in the way, 2 something could not be read or written, 64 usage.`;

const MOST_INPUT = 64 * 1024 * 1024;

/** `countersign hooks` and, for git alone, `countersign hook`; loaded when called. */
export function registerHooks(program: Command, io: Io, done: (code: number) => void): void {
  const hooks = program
    .command('hooks')
    .description('let git ask countersign before branches move and are pushed')
    .addHelpText('after', HELP);
  const options = (command: Command): Command =>
    command
      .option('--repository <dir>', 'the repository, or any folder in it', '.')
      .option('--shared', 'also where the folder of hooks serves other repositories')
      .option('--json', 'print what was done as JSON')
      .addHelpText('after', HELP);
  options(hooks.command('install'))
    .description('write the hooks of a repository')
    .action(async (given: HooksOptions) => {
      const { installHooks } = await import('./install.ts');
      done(await installHooks(given, io));
    });
  options(hooks.command('uninstall'))
    .description('remove the hooks that we wrote')
    .action(async (given: HooksOptions) => {
      const { uninstallHooks } = await import('./install.ts');
      done(await uninstallHooks(given, io));
    });
  program
    .command('hook', { hidden: true })
    .description('what git calls through the hooks that `countersign hooks install` writes')
    .argument('<name>')
    .argument('[args...]')
    .allowUnknownOption()
    .action(async (name: string, args: readonly string[]) => {
      const { runHook } = await import('./run.ts');
      done(await runHook(name, args, readInput, io));
    });
}

/** Everything that git tells the hook. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_INPUT) throw new Error('git told the hook more than 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
