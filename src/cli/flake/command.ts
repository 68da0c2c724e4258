import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { FlakeOptions } from './place.ts';

const MORE = `
Which repositories are trusted, and from which commit on, your trust file says (\`countersign trust add\`), or
countersign.lock beside the flake. Everything is downloaded from the URL in the trust file into a repository of our own,
over https, ssh or from a folder, without your git's configuration. nix is not needed.

Inputs that the trust file does not know are **UNVERIFIED**, and so are folders, tarballs behind a URL and what inputs bring
along: they are listed, and nothing is proven of them. With --strict they are refused.

Exit codes: 0 pass, 1 fail, 2 something could not be read or told, 3 pending (nothing wrong, signatures missing), 64 usage.`;

const UPDATE_HELP = `
Examples:
  countersign flake update                  every input of the flake that is trusted
  countersign flake update nixpkgs          this one
  countersign flake update --strict         nothing at all, unless all inputs are trusted and proven

Moves each input to the newest commit that is proven, and says what the commits after it wait for. flake.lock is written
once all is proven and hashed, whole or not at all; else it stays as it is, byte for byte. Where an input has inputs of its
own, run \`nix flake lock\` afterwards. A flake without flake.lock: \`nix flake lock\` first, which takes the newest commit there is,
then this with --allow-downgrade, which goes back to what is proven.
${MORE}`;

const CHECK_HELP = `
Examples:
  countersign flake check
  countersign flake check --strict --json   in CI

For each input that is trusted: the locked revision is a proven step of its branch (an older one passes, and it is said how
old it is), and narHash is the hash of exactly its tree. Whether flake.lock fits flake.nix, nix itself checks with
\`--no-update-lock-file\`.
${MORE}`;

/** `countersign flake update` and `countersign flake check`, loaded when they are called. */
export function registerFlake(program: Command, io: Io, done: (code: number) => void): void {
  const flake = program.command('flake').description("prove a flake's inputs before nix uses them");
  shared(flake.command('update'), 'move locked inputs to the newest commits that are proven')
    .argument('[input...]', "names of the flake's own inputs (default: all that are trusted)")
    .addHelpText('after', UPDATE_HELP)
    .action(async (inputs: string[], options: FlakeOptions) => {
      const { updateFlake } = await import('./update.ts');
      done(await updateFlake(inputs, options, io));
    });
  shared(flake.command('check'), 'prove what is locked')
    .addHelpText('after', CHECK_HELP)
    .action(async (options: FlakeOptions) => {
      const { checkFlake } = await import('./check.ts');
      done(await checkFlake(options, io));
    });
}

function shared(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--flake <dir>', 'the folder of flake.nix and flake.lock', '.')
    .option('--trust <file>', 'go by this trust file alone')
    .option('--strict', 'refuse inputs that are not trusted')
    .option('--allow-downgrade', 'accept an older state than was seen before, or a rewritten one')
    .option('--json', 'print what was found as JSON');
}
