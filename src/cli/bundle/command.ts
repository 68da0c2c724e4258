import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { CreateOptions } from './create.ts';
import type { VerifyBundleOptions } from './verify.ts';

const CREATE_HELP = `
Examples:
  countersign bundle create fork.bundle
  countersign bundle create month.bundle --branch master --since v26.10

Holds the branch and the ledger, all that it takes to prove the branch: for mirrors, and for places without a network. With
--since it builds on what the receiver has already. It proves nothing by itself: who gets it verifies it by an introduction
that came another way.

Exit codes: 0 written, 2 something could not be read or written, 64 usage.`;

const VERIFY_HELP = `
Examples:
  countersign bundle verify fork.bundle
  countersign bundle verify month.bundle --repository ~/nixpkgs

Proves what a bundle holds by your own trust file. Nothing is brought into any repository: \`countersign pull --bundle FILE\`
does that, and proves it again. A bundle that builds on what you have needs the repository that has it.

Exit codes: 0 its branch is proven up to its newest commit, 1 fail, 2 something could not be read or told, 3 pending, 64 usage.`;

/** `countersign bundle`, loaded when it is called. */
export function registerBundle(program: Command, io: Io, done: (code: number) => void): void {
  const bundle = program
    .command('bundle')
    .description('carry a branch with its proof where there is no network');
  bundle
    .command('create')
    .description('write a branch and the ledger into one file')
    .argument('<file>', 'the file to write')
    .option('--repository <dir>', 'your clone, or any folder in it', '.')
    .option('--remote <name>', 'take the branch and the ledger as last fetched from this remote', 'origin')
    .option('--branch <name>', 'the branch (default: the default branch of origin, else the one checked out)')
    .option('--since <rev...>', 'leave out what is reachable from these, since the receiver has it')
    .option('--force', 'take the place of a file that is there')
    .option('--trust <file>', 'the trust file to take the introduction from')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', CREATE_HELP)
    .action(async (file: string, options: CreateOptions) => {
      const { createBundle } = await import('./create.ts');
      done(await createBundle(file, options, io));
    });
  bundle
    .command('verify')
    .description('prove what a bundle holds, by your own trust file')
    .argument('<file>', 'the bundle')
    .option(
      '--repository <dir>',
      'the clone that it builds on, where it is not complete (default: the one around)',
    )
    .option('--url <url>', 'judge by the trust entry of this URL')
    .option('--branch <name>', 'the branch to prove, where it has several')
    .option('--trust <file>', 'go by this trust file alone')
    .option('--allow-downgrade', 'accept an older state than was seen before, or a rewritten one')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', VERIFY_HELP)
    .action(async (file: string, options: VerifyBundleOptions) => {
      const { verifyBundle } = await import('./verify.ts');
      done(await verifyBundle(file, options, io));
    });
}
