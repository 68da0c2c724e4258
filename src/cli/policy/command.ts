import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { BacktestOptions } from './backtest.ts';
import type { DiffOptions } from './diff.ts';
import type { ExplainOptions } from './explain.ts';
import type { SimulateOptions } from './simulate.ts';

const LINT_HELP = `
Example:
  countersign policy lint .countersign/policy.yaml
  countersign policy lint origin/master

FILE is a file, or a revision. Reads the certificates in \`keys/\` beside the policy too, and \`.gitattributes\` at the top, in
.countersign/ and in the folders that governance decides about: what makes git archive or check out something else than was
reviewed is an error. Exit codes: 0 no errors, 1 errors, 2 unreadable, 64 usage.`;

const EXPLAIN_HELP = `
Examples:
  countersign policy explain
  countersign policy explain --paths pkgs/stdenv/default.nix .github/workflows/ci.yml
  countersign policy explain --policy origin/master --branch master

POLICY is a revision, or a file whose name ends in .yaml; left out: the file of the working tree.
Exit codes: 0 explained, 1 the policy has errors, 2 unreadable, 64 usage.`;

const DIFF_HELP = `
Example:
  countersign policy diff origin/master HEAD

Says what a change of policy and keys means, the most dangerous first: who gains power, who loses it, which quorum falls.
Each side is a revision, or a file whose name ends in .yaml.
Exit codes: 0 compared, 1 a policy has errors, 2 unreadable, 64 usage.`;

const SIMULATE_HELP = `
Example:
  countersign policy simulate --base origin/master --head HEAD --approve bob carol

Judges the change as if these people had signed. It is a simulation: nobody has signed anything by it.
--sign is as if PERSON signed all commits of the change anew; --merge judges the merge that PERSON would sign.
Exit codes: those of countersign verify, for what would be: 0 pass, 1 fail, 2 undetermined, 3 pending, 64 usage.`;

const BACKTEST_HELP = `
Examples:
  countersign policy backtest --last 200
  countersign policy backtest --policy .countersign/policy.yaml

Judges the last steps of a branch as if its rule were enforced, with the statements of the ledger, and says what would
have blocked them. With --policy every step is judged by that policy and its keys, else by the one at its parent.
Exit codes: 0 done, 1 the policy has errors, 2 unreadable, 64 usage.`;

const REPOSITORY = ['--repository <dir>', 'the repository, or any folder in it', '.'] as const;
const POLICY = ['--policy <policy>', 'a revision, or a .yaml file'] as const;
const JSON_OUT = ['--json', 'print JSON'] as const;

/** `countersign policy …`. The commands are loaded when called. */
export function registerPolicy(program: Command, io: Io, done: (code: number) => void): void {
  const policy = program.command('policy').description('check, explain, compare and try out policies');
  policy
    .command('lint')
    .description('check a policy, and the keys beside it')
    .argument('[file]', 'the policy', '.countersign/policy.yaml')
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', LINT_HELP)
    .action(async (file: string, options: { json?: boolean }) => {
      const { lintPolicy } = await import('./lint.ts');
      done(await lintPolicy(file, options, io));
    });
  policy
    .command('explain')
    .description('say in plain words who may change what, with how many')
    .option(...REPOSITORY)
    .option(...POLICY)
    .option('--branch <name>', 'one branch only')
    .option('--paths <path...>', 'which requirements these paths fall under')
    .option(...JSON_OUT)
    .addHelpText('after', EXPLAIN_HELP)
    .action(async (options: ExplainOptions) => {
      const { explain } = await import('./explain.ts');
      done(await explain(options, io));
    });
  policy
    .command('diff')
    .description('say what a change of policy means')
    .argument('<before>', 'a revision, or a .yaml file')
    .argument('<after>', 'a revision, or a .yaml file')
    .option(...REPOSITORY)
    .option(...JSON_OUT)
    .addHelpText('after', DIFF_HELP)
    .action(async (before: string, after: string, options: DiffOptions) => {
      const { diffPolicies } = await import('./diff.ts');
      done(await diffPolicies(before, after, options, io));
    });
  policy
    .command('simulate')
    .description('say how a change would fare if these people signed')
    .option(...REPOSITORY)
    .option('--branch <name>', 'the branch that the change is for (default: what --base names)')
    .option('--base <rev>', 'the tip of that branch (default: the branch itself)')
    .option('--head <rev>', 'the head of the change', 'HEAD')
    .option('--statements <file...>', 'files with signed statements that are there already')
    .option('--approve <person...>', 'as if they approved the head')
    .option('--adopt <person...>', 'as if they adopted the commits')
    .option('--merge <person>', 'as if they made and signed the merge')
    .option('--sign <person>', 'as if they signed the commits anew')
    .option(...JSON_OUT)
    .addHelpText('after', SIMULATE_HELP)
    .action(async (options: SimulateOptions) => {
      const { simulate } = await import('./simulate.ts');
      done(await simulate(options, io));
    });
  policy
    .command('backtest')
    .description('say how the last merges would have fared')
    .option(...REPOSITORY)
    .option('--branch <name>', 'the branch (default: that of origin)')
    .option('--last <number>', 'how many steps', '100')
    .option(...POLICY)
    .option('--statements <file...>', 'files with signed statements, beside the ledger')
    .option(...JSON_OUT)
    .addHelpText('after', BACKTEST_HELP)
    .action(async (options: BacktestOptions) => {
      const { backtest } = await import('./backtest.ts');
      done(await backtest(options, io));
    });
}
