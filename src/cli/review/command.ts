import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AdoptOptions } from './adopt.ts';
import type { OverruleOptions } from './overrule.ts';
import type { RatifyOptions } from './ratify.ts';
import type { RepairOptions } from './repair.ts';
import type { ReviewOptions } from './review.ts';
import type { RevokeOptions } from './revoke.ts';
import type { WithdrawOptions } from './withdraw.ts';

const CODES =
  'Exit codes: 0 done, 1 refused or moved meanwhile, 2 unreadable or not posted, 3 signed before but only here, 64 usage,\n130 stopped.';

const REVIEW_HELP = `
Examples:
  countersign review                      every open pull request that waits for you, one after the other
  countersign review 17 23                these two
  countersign review 17 --approve --yes   without a terminal, or a question
  countersign review topic --base origin/master --print     no GitHub at all: prints what you sign

Shows what is missing and why, opens the difference in your pager (after a push: what changed since you last signed), asks,
and signs all that you decided with one signature, the way your git signs; changes of protected paths one by one. What you
sign is shown, and posted as a comment. The token is taken from GITHUB_TOKEN, else from \`gh auth token\`.
${CODES} docs/reviewing.md says more.`;

const ADOPT_HELP = `
Examples:
  countersign adopt 17 --yes                 all commits that #17 brings
  countersign adopt 17 --base 9c1d2e3f40     those after this one

Who adopts answers for the commits as their author does, and is no approver of them. ${CODES}`;

const WITHDRAW_HELP = `
Example:
  countersign withdraw 17 --yes

Takes back your approval, your adoption or your "no". ${CODES}`;

const REPAIR_HELP = `
Examples:
  countersign repair 9c1d2e3f40              what this landed step lacks
  countersign repair 9c1d2e3f40 --approve --yes

What is signed counts whenever it is signed, and is posted on the pull request that landed the commit. Without a decision
and a terminal it only says what is missing; then the exit code is that of the step. ${CODES}`;

const RATIFY_HELP = `
Example:
  countersign ratify 9c1d2e3f40 --reason 'pushed past the check in an outage, looked at afterwards' --yes

${CODES}`;

const OVERRULE_HELP = `
Example:
  countersign overrule bob 17 --reason 'bob has left the project' --yes

It takes the governance quorum; who overruled what, and why, is shown from then on. ${CODES}`;

const REVOKE_HELP = `
Examples:
  countersign revoke SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU --reason 'laptop stolen' --yes
  countersign revoke bob 6B61ECD76088748C --reason 'bob asked for it by phone' --yes

Stops a key on all branches for what has not landed. It is written into the branch countersign/ledger with your own git.
Take the key out of the policy as well: \`countersign keys remove\`. ${CODES}`;

/** The commands by which people sign, each loaded when it is called. */
export function registerReview(program: Command, io: Io, done: (code: number) => void): void {
  const command = (name: string, description: string, help: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--repository <dir>', 'your clone, or any folder in it', '.')
      .option('--remote <name>', 'the remote of the project (default: origin, or the only one)')
      .option('--branch <name>', 'the branch that it is for (default: the default branch of origin)')
      .option('--as <person>', 'your name in the policy (default: whose key your git signs with)')
      .option('--api <url>', 'where the API of the forge is (default: GITHUB_API_URL, or by the remote)')
      .option('--no-fetch', 'take what is here')
      .option('--print', 'print what is signed, and post nothing')
      .option('--yes', 'sign without asking once more')
      .option('--json', 'print what was signed as JSON')
      .addHelpText('after', help);

  command('review', 'look at changes and sign what you think of them', REVIEW_HELP)
    .argument('[change...]', 'pull requests or revisions (default: all that waits for you)')
    .option('--all', 'every open pull request that waits for you')
    .option('--base <rev>', 'for a revision: the tip of the branch')
    .option('--approve', 'sign an approval')
    .option('--reject', 'sign a "no"; say why with --note')
    .option('--withdraw', 'take back what you signed')
    .option('--note <text...>', 'something to say with it')
    .action(async (wanted: readonly string[], options: ReviewOptions) => {
      const { review } = await import('./review.ts');
      done(await review(wanted, options, io));
    });
  command('adopt', 'take over commits that nobody on the roster signed', ADOPT_HELP)
    .argument('[change]', 'a pull request or a revision', 'HEAD')
    .option('--base <rev>', 'adopt only what comes after this commit')
    .option('--note <text...>', 'something to say with it')
    .action(async (wanted: string, options: AdoptOptions) => {
      const { adopt } = await import('./adopt.ts');
      done(await adopt(wanted, options, io));
    });
  command('withdraw', 'take back what you signed about a change', WITHDRAW_HELP)
    .argument('[change]', 'a pull request or a revision', 'HEAD')
    .option('--base <rev>', 'for a revision: the tip of the branch')
    .option('--note <text...>', 'something to say with it')
    .action(async (wanted: string, options: WithdrawOptions) => {
      const { withdraw } = await import('./withdraw.ts');
      done(await withdraw(wanted, options, io));
    });
  command('repair', 'say what a landed commit lacks, and sign what of it is yours', REPAIR_HELP)
    .argument('<commit>', 'a commit on the first-parent line of the branch')
    .option('--adopt', 'adopt its commits')
    .option('--approve', 'approve it')
    .option('--note <text...>', 'something to say with it')
    .action(async (commit: string, options: RepairOptions) => {
      const { repair } = await import('./repair.ts');
      done(await repair(commit, options, io));
    });
  command('ratify', 'as governance, take a landed commit upon yourselves', RATIFY_HELP)
    .argument('<commit>', 'a commit on the first-parent line of the branch')
    .option('--reason <text>', 'why')
    .action(async (commit: string, options: RatifyOptions) => {
      const { ratify } = await import('./ratify.ts');
      done(await ratify(commit, options, io));
    });
  command('overrule', 'as governance, set a signed "no" aside', OVERRULE_HELP)
    .argument('[person-and-change...]', 'whose "no", and to which pull request or revision')
    .option('--base <rev>', 'for a revision: the tip of the branch')
    .option('--statements <file...>', 'files with the signed "no", where it was not posted')
    .option('--reason <text>', 'why')
    .action(async (wanted: readonly string[], options: OverruleOptions) => {
      const { overrule } = await import('./overrule.ts');
      done(await overrule(wanted, options, io));
    });
  command('revoke', 'stop a key of yours, or as governance that of anybody', REVOKE_HELP)
    .argument('<person-and-key...>', 'its fingerprint, after its owner where that is unclear')
    .option('--base <rev>', 'the commit whose policy has the key')
    .option('--reason <text>', 'why')
    .action(async (wanted: readonly string[], options: RevokeOptions) => {
      const { revoke } = await import('./revoke.ts');
      done(await revoke(wanted, options, io));
    });
}
