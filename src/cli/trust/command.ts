import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AddOptions } from './add.ts';
import type { ForgetOptions } from './forget.ts';
import type { ListOptions } from './list.ts';
import type { PinOptions } from './pin.ts';
import type { RemoveOptions } from './remove.ts';

const ADD_HELP = `
Examples:
  countersign trust add countersign:github.com/acme/nixpkgs#master@COMMIT,sha256:DIGEST
  countersign trust add git@github.com:acme/nixpkgs countersign:github.com/acme/nixpkgs#master@COMMIT,sha256:DIGEST
  countersign trust add https://github.com/acme/nixpkgs --introduction COMMIT --branch master stable
  countersign trust add --lock countersign:…           for everybody who works on this project

The string is what \`countersign introduce\` prints and a project publishes. Everything rests on it: compare it with what
the project says in another place. A bare commit names no branch: without --branch it is the one that the policy at that
commit has, where that can be read in a clone (this folder, or --repository) and is only one. A user name, password or token in a URL is never stored. docs/trust-files.md says more.

Exit codes: 0 written or there already, 1 another introduction is trusted (--replace), 2 unreadable, 64 usage.`;

const LIST_HELP = `
Examples:
  countersign trust list
  countersign trust list --trust company.yaml --json

Shows your own file and the countersign.lock of the project around this folder, with what was proven last and when.
Exit codes: 0 listed, 2 something could not be read, 64 usage.`;

const REMOVE_HELP = `
Example:
  countersign trust remove https://github.com/acme/nixpkgs --branch stable

Takes the entry out of the file. What was proven is still remembered, should you add it again: \`trust forget\` drops that.
Exit codes: 0 removed, 1 it is not in that file, 2 unreadable, 64 usage.`;

const FORGET_HELP = `
Example:
  countersign trust forget https://github.com/acme/nixpkgs

Drops the memory of the newest commit that was proven. Until the next proof, an older one would be accepted again: do it
where the project has gone back for a good reason, or where the memory cannot be read.
Exit codes: 0 forgotten or nothing there, 1 there is no such entry, 2 unreadable, 64 usage.`;

const PIN_HELP = `
Example:
  countersign trust pin https://github.com/acme/nixpkgs --repository ~/src/nixpkgs

Writes the keys of the people who govern the policy, as the introduction lists them, under \`heads\`: where the policy asks
for \`freshness\`, they are who may say what the newest commit is. Pins the policy's digest too where it was not given.
Exit codes: 0 pinned, 1 others are pinned (--replace) or the policy is not the one that is trusted, 2 unreadable, 64 usage.`;

const JSON_OUT = ['--json', 'print JSON'] as const;
const FILE = ['--file <file>', 'change this file (default: your own)'] as const;
const LOCK = ['--lock', 'change the countersign.lock of the project around this folder'] as const;
const TRUST = ['--trust <file>', 'read this file alone'] as const;

/** `countersign trust …`. The commands are loaded when called. */
export function registerTrust(program: Command, io: Io, done: (code: number) => void): void {
  const trust = program
    .command('trust')
    .description('say which repositories you trust, from which commit on');
  trust
    .command('add')
    .description('trust a branch of a repository from its introduction on')
    .argument('<url|introduction...>', 'where the repository is, and introduction strings')
    .option('--introduction <commit>', 'the commit to trust it from, whole, or an introduction string')
    .option('--branch <name...>', 'the branch (default: the one that the introduction names)')
    .option(
      '--repository <dir>',
      'a clone to read the policy at a bare commit in (default: the current folder)',
    )
    .option(...FILE)
    .option(...LOCK)
    .option('--replace', 'also where another introduction is trusted already')
    .option(...JSON_OUT)
    .addHelpText('after', ADD_HELP)
    .action(async (given: readonly string[], options: AddOptions) => {
      const { addTrust } = await import('./add.ts');
      done(await addTrust(given, options, io));
    });
  trust
    .command('list')
    .description('show what is trusted, and what was proven last')
    .option(...TRUST)
    .option(...JSON_OUT)
    .addHelpText('after', LIST_HELP)
    .action(async (options: ListOptions) => {
      const { listTrust } = await import('./list.ts');
      done(await listTrust(options, io));
    });
  trust
    .command('remove')
    .description('trust a repository no longer')
    .argument('<url>', 'where the repository is')
    .option('--branch <name...>', 'these branches only')
    .option(...FILE)
    .option(...LOCK)
    .option(...JSON_OUT)
    .addHelpText('after', REMOVE_HELP)
    .action(async (url: string, options: RemoveOptions) => {
      const { removeTrust } = await import('./remove.ts');
      done(await removeTrust(url, options, io));
    });
  trust
    .command('forget')
    .description('drop the memory of what was proven')
    .argument('<url>', 'where the repository is')
    .option('--branch <name...>', 'these branches only')
    .option(...TRUST)
    .option(...JSON_OUT)
    .addHelpText('after', FORGET_HELP)
    .action(async (url: string, options: ForgetOptions) => {
      const { forgetTrust } = await import('./forget.ts');
      done(await forgetTrust(url, options, io));
    });
  trust
    .command('pin')
    .description('pin the keys of those who may say what the newest commit is')
    .argument('<url>', 'where the repository is')
    .option(
      '--repository <dir>',
      'a clone of it, or any folder in it (default: it is downloaded as for flakes)',
    )
    .option('--branch <name>', 'the branch, where several are trusted')
    .option(...TRUST)
    .option('--replace', 'also where others are pinned already')
    .option(...JSON_OUT)
    .addHelpText('after', PIN_HELP)
    .action(async (url: string, options: PinOptions) => {
      const { pinTrust } = await import('./pin.ts');
      done(await pinTrust(url, options, io));
    });
}
