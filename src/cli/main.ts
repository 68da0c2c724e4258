import { Command, CommanderError } from 'commander';
import { showInvisible } from '../core/report/clean.ts';
import { registerArchive } from './archive/command.ts';
import { registerInit } from './init/command.ts';
import { registerIntroduce } from './introduce/command.ts';
import { registerTrust } from './trust/command.ts';
import { registerPull } from './pull/command.ts';
import { registerHooks } from './hooks/command.ts';
import { registerBundle } from './bundle/command.ts';
import { registerNix } from './nix/command.ts';
import { registerFlake } from './flake/command.ts';
import { registerChannel } from './channel/command.ts';
import { EXIT, processIo, type Io } from './io.ts';
import { registerKeys } from './keys/command.ts';
import { beginLog } from './log/begin.ts';
import type { LogOptions } from './log/command.ts';
import { registerPolicy } from './policy/command.ts';
import { registerReview } from './review/command.ts';
import type { AdoptionOptions, ReviewOptions } from './statement-review.ts';
import { registerVerify } from './verify-command.ts';
import { programVersion } from './version.ts';

const LOG_HELP = `
Examples:
  countersign log                                 every commit of HEAD, newest first
  countersign log origin/master..HEAD             what a change brings
  countersign log --all --json > signatures.json  one JSON object a line
  countersign log --keys ~/keys -n 20             by certificates and .pub files of your own

Says of each commit which key signed it, whose key that is and what speaks against it, in the order of \`git log\`. It
judges nothing: \`countersign verify\` does. People are named by the policy of origin's default branch, else of HEAD,
which may be the listed commits' own word: \`--policy REV\` names a policy that you trust. In a folder of keys a file's name without its extension is the name.

Status: good, bad, unknown-key, unsupported, malformed, unsigned. It is cryptography alone: a good signature may be a
stranger's. Whose it is, and whether the key may speak for them now, is in person and findings (docs/log.md).

Exit codes: 0 listed, 2 something could not be read (what was listed before stays), 64 usage.`;

const REVIEW_HELP = `
Example:
  countersign statement review --base origin/master --head HEAD --branch master --as alice > review.txt
  gpg --armor --detach-sign review.txt && cat review.txt review.txt.asc
or with an SSH key:
  ssh-keygen -Y sign -n countersign@v1 -f ~/.ssh/id_ed25519 review.txt && cat review.txt review.txt.sig

Prints the text to sign, and nothing else, on standard output. Post text and signature as a comment on the pull request,
in a code block, or give them to \`countersign verify --statements\`.`;

const ADOPT_HELP = `
Example:
  countersign statement adopt --base origin/master --head HEAD --branch master --as alice > adopt.txt

Signed and posted like a review. Who adopts answers for the commits as their author does, and approves them no more.`;

const START_HELP = `
Example:
  APP_ID=12345 PRIVATE_KEY_PATH=key.pem WEBHOOK_SECRET=… COUNTERSIGN_DATA=/var/lib/countersign countersign start

docs/running.md says what each variable means and how to register the app.`;

/** Runs one command line and gives its exit code. Commands are loaded when called: starting up is part of every use. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.usage;
  const program = buildProgram(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    // A defect, or a world so broken that no command foresaw it: never a pass.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`countersign: ${shownLines(text)}\n`);
    return EXIT.undetermined;
  }
}

function buildProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('countersign')
    .description('proves who wrote and who reviewed every change of a repository')
    .version(programVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      // It repeats what was typed or pasted.
      outputError: (text, write) => {
        write(shownLines(text));
      },
    })
    .showHelpAfterError('(add --help for usage and an example)');

  registerVerify(program, io, done);
  program
    .command('log')
    .description('show who signed each commit, like git log --show-signature')
    .argument('[revision...]', 'REV, ^REV, A..B or A...B (default: HEAD)')
    .option('--all', 'the commits of all refs')
    .option('--repository <dir>', 'the repository, or any folder in it', '.')
    .option('--keys <dir>', 'name people by the certificates and .pub files in this folder')
    .option('--policy <rev>', 'name people by the policy at this commit')
    .option('-n, --max-count <number>', 'at most so many commits')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', LOG_HELP)
    .action(async (revisions: readonly string[], options: LogOptions) => {
      const begun = beginLog(revisions, options, io);
      const { log } = await import('./log/command.ts');
      done(await log(revisions, options, io, begun));
    });

  registerPolicy(program, io, done);
  registerKeys(program, io, done);
  registerInit(program, io, done);
  registerReview(program, io, done);
  registerArchive(program, io, done);
  registerChannel(program, io, done);
  registerFlake(program, io, done);
  registerNix(program, io, done);
  registerBundle(program, io, done);
  registerHooks(program, io, done);
  registerPull(program, io, done);
  registerTrust(program, io, done);
  registerIntroduce(program, io, done);

  const statement = program.command('statement').description('print texts for people to sign');
  statement
    .command('review')
    .description('print a review of a change, to be signed')
    .option('--repository <dir>', 'the repository, or any folder in it', '.')
    .requiredOption('--base <rev>', 'the tip of the branch that the change is for')
    .requiredOption('--head <rev>', 'the head of the change')
    .option('--branch <name>', 'that branch (default: what --base names)')
    .requiredOption('--as <person>', 'your name in the policy')
    .option('--decision <decision>', 'approve, reject or withdraw', 'approve')
    .option(
      '--serial <number>',
      'above your last one on this head (default: above all that this machine knows of)',
    )
    .option('--note <text...>', 'something to say with it')
    .addHelpText('after', REVIEW_HELP)
    .action(async (options: ReviewOptions) => {
      const { printReview } = await import('./statement-review.ts');
      done(await printReview(options, io));
    });
  statement
    .command('adopt')
    .description('print an adoption of the commits of a change, to be signed')
    .option('--repository <dir>', 'the repository, or any folder in it', '.')
    .requiredOption('--base <rev>', 'the tip of the branch that the change is for')
    .requiredOption('--head <rev>', 'the head of the change')
    .option('--branch <name>', 'that branch (default: what --base names)')
    .requiredOption('--as <person>', 'your name in the policy')
    .option(
      '--serial <number>',
      'above your last one on this head (default: above all that this machine knows of)',
    )
    .option('--note <text...>', 'something to say with it')
    .addHelpText('after', ADOPT_HELP)
    .action(async (options: AdoptionOptions) => {
      const { printAdoption } = await import('./statement-review.ts');
      done(await printAdoption(options, io));
    });

  program
    .command('start')
    .description('run the GitHub App')
    .addHelpText('after', START_HELP)
    .action(async () => {
      const { start } = await import('./start.ts');
      done(await start(io.environment, io));
    });
  return program;
}

/** Text of several lines that names what somebody gave, with everything invisible spelled out but the ends of lines. */
function shownLines(text: string): string {
  return text.split('\n').map(showInvisible).join('\n');
}

/** The process itself: what `bin/countersign.js` calls in an installed package. */
export async function run(): Promise<void> {
  // `start` stops its own work; every other command leaves nothing behind that `exit` does not clear away.
  if (process.argv[2] !== 'start') {
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  }
  process.exitCode = await main(process.argv.slice(2), processIo());
}

if (import.meta.main) void run();
