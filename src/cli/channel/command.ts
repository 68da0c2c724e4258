import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { ChannelOptions, ListOptions } from './place.ts';

const UPDATE_HELP = `
Examples:
  countersign trust add countersign:github.com/acme/nixpkgs#master@…   once
  countersign channel update nixpkgs-master
  countersign channel update                  all channels that are here, or the only one there could be

Each branch that your trust file knows is a channel, called after its repository and branch (nixpkgs-master; the owner
comes before it where two would be called the same). Updating downloads the branch, proves it, writes the tree of the newest
proven commit from verified objects into a folder of its own, and then switches the link \`current\` to it in one step:
whoever uses the channel sees the old tree or the new one. The three trees used last are kept. Prints the NIX_PATH line.
Neither nix nor your git's configuration takes part.

Exit codes: 0 the channel is at the newest proven commit, 1 fail, 2 something could not be read or told, 3 pending, 64 usage.
Everything but 0 leaves the channel where it is.`;

const LIST_HELP = `
Examples:
  countersign channel list
  countersign channel list --json

Exit codes: 0 listed, 2 something could not be read, 64 usage.`;

/** `countersign channel update` and `countersign channel list`, loaded when they are called. */
export function registerChannel(program: Command, io: Io, done: (code: number) => void): void {
  const channel = program.command('channel').description('proven trees for NIX_PATH');
  channel
    .command('update')
    .description('switch a channel to the newest proven commit of its branch')
    .argument('[name]', 'the channel, such as nixpkgs-master')
    .option('--trust <file>', 'go by this trust file alone')
    .option('--allow-downgrade', 'accept an older state than was seen before, or a rewritten one')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', UPDATE_HELP)
    .action(async (name: string | undefined, options: ChannelOptions) => {
      const { updateChannel } = await import('./update.ts');
      done(await updateChannel(name, options, io));
    });
  channel
    .command('list')
    .description('the channels that are here')
    .option('--json', 'print them as JSON')
    .addHelpText('after', LIST_HELP)
    .action(async (options: ListOptions) => {
      const { listChannels } = await import('./list.ts');
      done(await listChannels(options, io));
    });
}
