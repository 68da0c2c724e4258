import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { ArchiveOptions } from './archive.ts';

const HELP = `
Examples:
  countersign archive                           the last 30 pull requests in which something happened
  countersign archive --pulls 17 23             these alone
  countersign archive --statements review.txt   from a file; nothing is asked of GitHub
  countersign archive --accept-rewrite          a rewritten ledger as it is now, with what your clone still has of it

Copies signed statements into the branch countersign/ledger of the remote, with your own git and your right to push there.
Kept is what is signed by a key of the roster at the tip of the branch that it is about; earlier rosters are not asked. The
token for reading pull requests is taken from GITHUB_TOKEN, else from \`gh auth token\`. docs/ledger.md says more.

Exit codes: 0 done, 1 the ledger was rewritten and nothing was written, 2 something could not be read or written, 64 usage.`;

/** `countersign archive`, loaded when it is called. */
export function registerArchive(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('archive')
    .description('copy signed statements from pull requests and files into the ledger')
    .option('--repository <dir>', 'your clone of the repository, or any folder in it', '.')
    .option('--remote <name>', 'the remote that has the ledger', 'origin')
    .option(
      '--branch <name>',
      'the branch whose policy knows the project (default: the default branch of the remote)',
    )
    .option('--pulls <number...>', 'collect from these pull requests')
    .option('--last <number>', 'collect from so many pull requests, the last touched first')
    .option('--statements <file...>', 'collect from files')
    .option(
      '--accept-rewrite',
      'go on from a ledger that was rewritten, and put back what was lost; alone it collects nothing else',
    )
    .option('--dry-run', 'say what would be added, and write nothing')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ArchiveOptions) => {
      const { archive } = await import('./archive.ts');
      done(await archive(options, io));
    });
}
