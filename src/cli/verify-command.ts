import type { Command } from 'commander';
import type { VerifyHistoryOptions } from './history/verify.ts';
import { cleanSentence } from '../core/report/clean.ts';
import { Unreadable } from '../gather/ports.ts';
import { beginHistory } from './history/begin.ts';
import { EXIT, type Io } from './io.ts';
import type { VerifyOptions } from './verify.ts';

const HELP = `
Examples:
  countersign verify                                 HEAD, from where your trust file says (countersign trust add)
  countersign verify v26.11 --introduction 9c1d2e…   up to a tag or commit, from a commit that you trust
  countersign verify origin/master --newest-proven   as far as it is proven
  countersign verify --policy my.yaml --keys keys/ --introduction HEAD~100
                                                     every step by your policy, where a repository has none
  countersign verify --branch master --base origin/master --head HEAD --statements review.txt.signed
                                                     what a change would bring, before it is merged

With a revision, an introduction or a trust file: proves every step of the branch since the introduction, from git data
alone, each by the policy at its own first parent (docs/verifying.md). What was proven is remembered, so that the next time
only new steps are judged; going back behind it is refused.

With --base or --head: judges what \`head\` would bring to \`base\` by the policy that lies at \`base\`. With neither, and no
trust file that knows this repository: HEAD against the default branch of origin.

A statements file holds one or more statements, each followed by its armored signature. Those in the branch
countersign/ledger, here and as last fetched from origin, count as well; --no-ledger leaves them out (docs/ledger.md).
docs/findings.md explains every code, docs/slsa.md what \`--format slsa-vsa\` prints.

Exit codes: 0 pass, 1 fail, 2 undetermined, 3 pending (nothing wrong, signatures missing), 64 usage.`;

type Options = Omit<VerifyOptions, 'head'> & VerifyHistoryOptions & { readonly head?: string };

/** `countersign verify`: one name for the two questions that a person has, about a history and about a change. */
export function registerVerify(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('verify')
    .description('prove the history of a branch since an introduction, or judge what a change would bring')
    .argument('[revision]', 'prove the history up to this commit or tag (default: HEAD)')
    .option('--repository <dir>', 'the repository, or any folder in it', '.')
    .option(
      '--introduction <commit>',
      'where trust begins: a commit, or the whole string that a project publishes',
    )
    .option('--trust <file>', 'the trust file to use instead of your own')
    .option('--newest-proven', 'say which is the newest commit that is proven, instead of failing')
    .option('--policy <file>', "judge every step by this policy instead of the repository's own")
    .option('--keys <dir>', 'certificates for that policy (default: the folder keys beside it)')
    .option('--allow-downgrade', 'accept a state older than, or beside, the one that you have seen before')
    .option(
      '--branch <name>',
      'the branch (default: the only one in the trust file, or in the policy at --introduction; of a change: what --base names, else the default branch of origin)',
    )
    .option('--base <rev>', 'judge a change: the tip of that branch (default: the branch itself)')
    .option('--head <rev>', 'judge a change: its head (default: HEAD)')
    .option(
      '--landed',
      'judge --head as the step that pushing it onto --base would be, such as a merge made here',
    )
    .option('--statements <file...>', 'files with signed statements')
    .option('--no-ledger', 'leave out the branch countersign/ledger, here and as last fetched from origin')
    .option('--format <format>', 'text, json, or (for a change) slsa-vsa: an in-toto Statement')
    .option('--json', 'the same as --format json')
    .addHelpText('after', HELP)
    .action(async (revision: string | undefined, options: Options) => {
      let history: boolean | null;
      try {
        history = await isHistory(revision, options, io);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        io.err(`countersign verify: ${cleanSentence(error.message)}\n`);
        done(EXIT.undetermined);
        return;
      }
      if (history === null) {
        io.err('countersign verify: --base, --head and --landed are about a change, not about a history\n');
        done(EXIT.usage);
      } else if (history) {
        const opening = beginHistory(revision, options, io);
        const { verifyHistory } = await import('./history/verify.ts');
        done(await verifyHistory(revision, asHistory(options), io, opening));
      } else {
        if (isBare(options)) io.err(HINT);
        const { verify } = await import('./verify.ts');
        done(await verify({ ...options, head: options.head ?? 'HEAD' }, io));
      }
    });
}

const HINT =
  'countersign verify: judging what HEAD would bring to the default branch; to prove the history of a branch, say once where trust begins: `countersign trust add`, or --introduction COMMIT\n';

/** Whoever says nothing at all may have meant the other question. */
function isBare({ base, head, branch, statements, format, json }: Options): boolean {
  return [base, head, branch, statements, format, json].every((given) => given === undefined);
}

function asHistory(options: Options): VerifyHistoryOptions {
  return { ...options, json: options.json === true || options.format === 'json' };
}

/** Whoever names a change means that; whoever names a point in history, or trusts this repository already, means that. `null`: both. */
async function isHistory(revision: string | undefined, options: Options, io: Io): Promise<boolean | null> {
  const change = [options.base, options.head, options.landed].some((given) => given !== undefined);
  const whole = [
    revision,
    options.introduction,
    options.trust,
    options.newestProven,
    options.policy,
    options.keys,
    options.allowDowngrade,
  ].some((given) => given !== undefined);
  if (change && whole) return null;
  if (change || options.format === 'slsa-vsa') return false;
  if (whole) return true;
  const { isTrustedHere } = await import('./history/trusted-here.ts');
  return isTrustedHere(options, io);
}
