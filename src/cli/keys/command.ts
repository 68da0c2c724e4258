import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AddOptions } from './add.ts';
import type { ExportOptions } from './export.ts';
import type { ImportOptions } from './import.ts';
import type { ListOptions } from './list.ts';
import type { RemoveOptions } from './remove.ts';

const LIST_HELP = `
Example:
  countersign keys list

Warnings come 60 and 14 days before a key expires. A key that only a \`revoke\` statement has stopped is not marked, since
the policy does not say so: \`countersign verify\` and \`review\` do, with the ledger. Exit codes: 0 listed, 1 the policy has errors, 2 unreadable, 64 usage.`;

const ADD_HELP = `
Examples:
  countersign keys add alice alice.asc > possession.txt      # prints what alice is to sign: send it to her
  gpg --armor --detach-sign --local-user FINGERPRINT possession.txt      # alice does, and sends possession.txt.asc back
  countersign keys add alice alice.asc --proof possession.txt.asc

  countersign keys add bob ~/.ssh/id_ed25519.pub --sign      # the key is on this machine: both at once

FILE is an OpenPGP certificate (gpg --armor --export FINGERPRINT) or an SSH .pub file, - for standard input. A certificate
whose key is pinned already is brought up to date: that is how a prolonged key comes in, and it needs no proof.
Exit codes: 0 done, 1 refused, 2 unreadable, 3 the owner's signature is missing, 64 usage. docs/keys.md says more.`;

const REMOVE_HELP = `
Example:
  countersign keys remove alice 6B61ECD76088748C70590D55E90A401336C8AAA9

KEY is a fingerprint, or its first 16 digits or more, with or without openpgp: or ssh: before it. Exit codes: 0 done, 1 refused, 2 unreadable, 64 usage.`;

const EXPORT_HELP = `
Examples:
  countersign keys export -o ~/.config/git/allowed_signers-nixpkgs
  git config gpg.ssh.allowedSignersFile ~/.config/git/allowed_signers-nixpkgs
  countersign keys export --format openpgp | gpg --import

A file that an earlier export wrote is replaced; any other is kept, unless --force is given.
Exit codes: 0 done, 1 refused or the policy has errors, 2 unreadable, 64 usage.`;

const IMPORT_HELP = `
Example:
  countersign keys import ~/.config/git/allowed_signers --dry-run

A line's principal is a name of the policy, or an e-mail address whose part before the @ is one. What is skipped is named
with the reason. An import proves nobody's possession: \`keys add\` does.
Exit codes: 0 done, 1 refused, 2 unreadable, 64 usage.`;

const POLICY: readonly [string, string] = [
  '--policy <file>',
  'the policy (default: .countersign/policy.yaml of the repository around this folder)',
];
const DRY_RUN: readonly [string, string] = ['--dry-run', 'check everything and write nothing'];
const JSON_OUT: readonly [string, string] = ['--json', 'print the result as JSON'];

/** The commands that show and change whose keys count; each is loaded when it is called. */
export function registerKeys(program: Command, io: Io, done: (code: number) => void): void {
  const keys = program.command('keys').description('show and change whose keys count');
  keys
    .command('list')
    .description('show every pinned key: whose it is, how long it lasts, what is wrong with it')
    .option(...POLICY)
    .option(...JSON_OUT)
    .addHelpText('after', LIST_HELP)
    .action(async (options: ListOptions) => {
      const { listKeys } = await import('./list.ts');
      done(await listKeys(options, io));
    });
  keys
    .command('add')
    .description('pin a key whose owner proves that they hold it, or bring a newer certificate')
    .argument('<person>', 'a name of the policy, or a new one')
    .argument('<file>', 'the public key')
    .option('--proof <file>', 'the signature over the text that this command prints (- for standard input)')
    .option('--sign', 'sign that text with your own gpg or ssh-keygen')
    .option('--presence <what>', 'for a hardware SSH key: none, touch or verified')
    .option(...POLICY)
    .option(...DRY_RUN)
    .option(...JSON_OUT)
    .addHelpText('after', ADD_HELP)
    .action(async (person: string, file: string, options: AddOptions) => {
      const { addKey } = await import('./add.ts');
      done(await addKey(person, file, options, io));
    });
  keys
    .command('remove')
    .description('take a key away from a person')
    .argument('<person>', 'a name of the policy')
    .argument('<key>', 'its fingerprint')
    .option(...POLICY)
    .option(...DRY_RUN)
    .option(...JSON_OUT)
    .addHelpText('after', REMOVE_HELP)
    .action(async (person: string, key: string, options: RemoveOptions) => {
      const { removeKey } = await import('./remove.ts');
      done(await removeKey(person, key, options, io));
    });
  keys
    .command('export')
    .description('print the keys for git, ssh-keygen or gpg')
    .option('--format <format>', 'allowed-signers or openpgp', 'allowed-signers')
    .option('-o, --output <file>', 'write a file instead of standard output')
    .option('--force', 'replace that file even if no export wrote it')
    .option(...POLICY)
    .addHelpText('after', EXPORT_HELP)
    .action(async (options: ExportOptions) => {
      const { exportKeys } = await import('./export.ts');
      done(await exportKeys(options, io));
    });
  keys
    .command('import')
    .description('add the SSH keys of people whom the policy knows')
    .argument('<file>', 'a file of allowed signers (- for standard input)')
    .option('--format <format>', 'allowed-signers', 'allowed-signers')
    .option(...POLICY)
    .option(...DRY_RUN)
    .option(...JSON_OUT)
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, options: ImportOptions) => {
      const { importKeys } = await import('./import.ts');
      done(await importKeys(file, options, io));
    });
}
