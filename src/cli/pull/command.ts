import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { FetchOptions } from './fetch.ts';
import type { PullOptions } from './place.ts';

const MORE = `
Which repositories and branches are trusted, and from which commit on, your trust file says (\`countersign trust add\`), or
nothing else: a countersign.lock that lies in the repository itself is not asked. The remote's URL has to be one of them in any spelling; with --as URL a mirror is judged
by the entry of what it mirrors. Everything is downloaded with your own git and proven before any branch moves. Where the
newest commits are not proven yet, you get the newest one that is, and are told what the rest waits for.

Exit codes: 0 what you have now is proven, 1 fail, 2 something could not be read or told, 3 pending (with --strict, or
where nothing is proven yet), 64 usage. Everything but 0 has moved no branch, except that a pull which git refuses (1) has
still fetched.`;

const FETCH_HELP = `
Examples:
  countersign fetch                          the trusted branches of the remote, as far as they are proven
  countersign fetch upstream --branch master --tags
  countersign fetch --bundle fork.bundle     without a network
  countersign fetch --strict                 nothing at all unless the newest commit itself is proven

Moves refs/remotes/<remote>/<branch>, and with --tags brings tags of proven commits, but none that git would take for a branch
or another commit by its name. Other branches: \`git fetch\`.
${MORE}`;

const PULL_HELP = `
Examples:
  countersign pull                           the checked out branch, as far as its upstream is proven
  countersign pull --bundle fork.bundle

The same as \`countersign fetch\` for the upstream of the checked out branch, which is then moved forward to what is proven.
Never merges: where you have commits of your own on it, it says so. Submodules stay as they are.
${MORE}`;

/** `countersign fetch` and `countersign pull`, loaded when they are called. */
export function registerPull(program: Command, io: Io, done: (code: number) => void): void {
  shared(program.command('fetch'), 'bring trusted branches, as far as they are proven')
    .option('--branch <name...>', 'these branches (default: all of the remote that are trusted)')
    .addHelpText('after', FETCH_HELP)
    .action(async (remote: string | undefined, options: FetchOptions) => {
      const { fetch } = await import('./fetch.ts');
      done(await fetch(remote, options, io));
    });
  shared(program.command('pull'), 'fetch, then move the checked out branch forward to what is proven')
    .addHelpText('after', PULL_HELP)
    .action(async (remote: string | undefined, options: PullOptions) => {
      const { pull } = await import('./pull.ts');
      done(await pull(remote, options, io));
    });
}

function shared(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('[remote]', 'a remote of the repository (default: that of the checked out branch, else origin)')
    .option('--repository <dir>', 'your clone, or any folder in it', '.')
    .option('--bundle <file>', 'bring everything from this bundle; the remote only says whose it is')
    .option('--trust <file>', 'go by this trust file alone')
    .option('--as <url>', 'judge by the trust entry of this URL: the remote is a mirror of it')
    .option('--tags', 'bring tags of proven commits as well')
    .option('--strict', 'change nothing unless the newest commit itself is proven')
    .option('--complete', 'bring all that a shallow or partial clone lacks')
    .option('--allow-downgrade', 'accept an older state than was seen before, or a rewritten one')
    .option('--json', 'print what was done as JSON');
}
