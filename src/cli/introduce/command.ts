import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { HeadOptions } from './head.ts';
import type { IntroduceOptions } from './introduce.ts';

const INTRODUCE_HELP = `
Examples:
  countersign introduce                          of the newest commit of the default branch
  countersign introduce --branch stable --commit v26.11
  countersign introduce --sign                   sign that trust may begin there; for members of governance

Prints one string with project, branch, commit and the digest of the policy there: publish it where your users trust you
already. They give it to \`countersign trust add\`. Only the string goes to standard output. What follows the commit is judged
by its policy: where that only observes nothing could ever be proven, and the commit is refused. It is refused too where it
does not itself pass by the policy at its first parent; where none that enforces lies there, you are told that this was not
checked. --print takes either all the same. With --sign nothing but the statement is made, and put into the ledger.

Exit codes: 0 done, 1 refused, 2 unreadable or not written, 64 usage, 130 stopped. docs/verifying.md says more.`;

const HEAD_HELP = `
Examples:
  countersign head                        the newest commit of the default branch, fetched first
  countersign head --branch stable --yes  without a question, for a timer

Signs that a commit is the newest of the branch as of now, and puts that into the ledger. Where the policy has \`freshness\`,
users update only to a commit that enough of the people whom they pinned called the newest a short time ago, so that nobody
can hold an old state before them. It is no review. The branch is proven first, from where your trust file says or from
--introduction, and refused where it fails; where neither says it, you are told that nothing was proven. A head that does
not contain what you saw before is refused too; --commit names one all the same.

Exit codes: 0 done, 1 refused, 2 unreadable or not written, 64 usage, 130 stopped. docs/statements.md says more.`;

/** `countersign introduce` and `countersign head`, each loaded when it is called. */
export function registerIntroduce(program: Command, io: Io, done: (code: number) => void): void {
  const command = (name: string, description: string, help: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--repository <dir>', 'your clone, or any folder in it', '.')
      .option('--remote <name>', 'the remote of the project (default: origin, or the only one)')
      .option('--branch <name>', 'the branch (default: the default branch of origin)')
      .option('--commit <rev>', 'a commit on its first-parent line (default: the newest)')
      .option('--as <person>', 'your name in the policy (default: whose key your git signs with)')
      .option('--print', 'print what is signed, and put it nowhere')
      .option('--yes', 'sign without asking once more')
      .option('--json', 'print what was found or signed as JSON')
      .addHelpText('after', help);

  command('introduce', 'print where trust in a branch begins, for users to pin', INTRODUCE_HELP)
    .option('--sign', 'sign that it was meant, with your own key')
    .action(async (options: IntroduceOptions) => {
      const { introduce } = await import('./introduce.ts');
      done(await introduce(options, io));
    });
  command('head', 'sign what the newest commit of a branch is', HEAD_HELP)
    .option('--no-fetch', 'take what is here')
    .option('--introduction <commit>', 'prove the branch from this commit on, whatever the trust file says')
    .option('--trust <file>', 'go by this trust file alone')
    .action(async (options: HeadOptions) => {
      const { head } = await import('./head.ts');
      done(await head(options, io));
    });
}
