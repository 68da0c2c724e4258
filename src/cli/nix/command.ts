import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { SnippetOptions } from './fetcher-snippet.ts';

const HELP = `
Examples:
  countersign fetcher-snippet                         HEAD of this clone, from where origin is
  countersign fetcher-snippet v26.05 --branch master --url https://github.com/acme/nixpkgs
  countersign fetcher-snippet --newest-proven > nixpkgs.nix
  countersign fetcher-snippet --nix-version 2.18      without what that nix does not know

Proves the revision first, from the entry for URL in your trust file (countersign trust add) or from --introduction, and
prints an expression of the Nix language that fetches exactly its tree: rev and narHash, computed here from git objects,
and verifyCommit with the keys that the policy at the revision lets sign. Without either nothing is proven: it is
printed under a banner, or with --strict not at all.

narHash alone decides what nix takes. verifyCommit is one signature of one key, no review, and nix does not ask for it
once it has the tree; it needs nix 2.19 and \`experimental-features = verified-fetches\`. OpenPGP and plain ECDSA keys
cannot be given to nix.

Exit codes: 0 printed, 1 refused, 2 undetermined, 3 pending (nothing wrong, signatures missing), 64 usage.`;

/** `countersign fetcher-snippet`, loaded when it is called. */
export function registerNix(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('fetcher-snippet')
    .description('print fetchGit or fetchTree for a proven revision, with its hash and keys')
    .argument('[revision]', 'the commit or tag to fetch', 'HEAD')
    .option('--repository <dir>', 'a clone of the repository, or any folder in it', '.')
    .option('--url <url>', 'where nix shall fetch from (default: where origin is)')
    .option('--branch <name>', 'the branch that it is on (default: of the trust entry, else of origin)')
    .option('--introduction <commit>', 'prove it from this commit on, whatever the trust file says')
    .option('--trust <file>', 'this trust file alone')
    .option('--newest-proven', 'where the revision is not proven, take the newest commit that is')
    .option('--allow-downgrade', 'take a revision older than the highest seen, or one of a fork')
    .option('--strict', 'print nothing that is not proven')
    .option('--form <form>', 'fetchGit or fetchTree', 'fetchGit')
    .option('--nix-version <version>', 'the nix that will read it, such as 2.18 (default: the newest)')
    .option('--json', 'print the expression and what it says as JSON')
    .addHelpText('after', HELP)
    .action(async (revision: string, options: SnippetOptions) => {
      const { fetcherSnippet } = await import('./fetcher-snippet.ts');
      done(await fetcherSnippet(revision, options, io));
    });
}
