import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { InitOptions } from './init.ts';

const HELP = `
Examples:
  countersign init                                     asks for everything
  countersign init --as alice --person bob=bob.asc --person carol='ssh-ed25519 AAAA…' --branch master

Writes .countersign/policy.yaml in observe mode, and the OpenPGP certificates beside it; never over a policy that is there.
KEY is a file, the line of an SSH key, or the fingerprint of a key in your gpg.
Exit codes: 0 written, 1 refused, 2 unreadable, 64 usage, 130 stopped.`;

/** `countersign init`, loaded when it is called. */
export function registerInit(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('init')
    .description('write a first policy for a repository')
    .option('--repository <dir>', 'the repository, or any folder in it', '.')
    .option('--project <name>', 'host and path, as github.com/acme/nixpkgs (default: by the remote)')
    .option('--as <name>', 'your name, for the key that your git signs with')
    .option('--person <name=key...>', 'somebody, and their public key')
    .option('--branch <name...>', 'the branches that it is for (default: the default branch)')
    .option('--quorum <number>', 'how many people stand behind every change (default: 2)')
    .option('--governance <number>', 'how many stand behind a change of the policy')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (options: InitOptions) => {
      const { init } = await import('./init.ts');
      done(await init(options, io));
    });
}
