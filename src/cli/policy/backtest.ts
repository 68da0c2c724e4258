import { parseCommit, type Commit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { counted } from '../../core/policy/words.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable, type PolicyFolder, type Statements } from '../../gather/ports.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { judge } from '../../judge.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { readStatementsFile } from '../statements-file.ts';
import { openLedgers } from '../verify-ledger.ts';
import { askedFor, blockingFindings, causeInWords } from './causes.ts';
import { answering, findAtRevision, findInFile, isFile, readPolicy } from './open.ts';

export interface BacktestOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly last: string;
  readonly policy?: string;
  readonly statements?: readonly string[];
  readonly json?: boolean;
}

const MOST_STEPS = 100_000;

/** How one step would have fared. */
export interface TestedStep {
  readonly commit: Oid;
  readonly subject: string;
  readonly merge: boolean;
  /** `blocked`: what the policy demands was not there. `unjudged`: it could not be told. */
  readonly fate: 'passes' | 'blocked' | 'unjudged';
  readonly codes: readonly string[];
  readonly causes: readonly string[];
  readonly asked: readonly string[];
}

/** `countersign policy backtest`: how the last steps of a branch would have fared, so that a fork dares to enforce. */
export async function backtest(options: BacktestOptions, io: Io): Promise<number> {
  return answering('backtest', io, async () => {
    const last = /^[0-9]{1,6}$/.test(options.last) ? Number(options.last) : 0;
    if (last < 1 || last > MOST_STEPS) {
      throw new UsageError(`\`${options.last}\` is no number of steps from 1 to ${MOST_STEPS}`);
    }
    const opened = await openRepository(io.path(options.repository));
    try {
      const { name, tip } = await findBranch(opened, options.branch);
      const policy = await findPolicyOption(opened, options.policy, io);
      const given = await Promise.all(
        (options.statements ?? []).map((file) => readStatementsFile(file, 'policy backtest', io)),
      );
      const steps: TestedStep[] = [];
      const showing = options.json !== true && io.terminal?.err === true;
      for await (const step of testSteps(opened, { branch: name, tip, last, policy, given }, io)) {
        steps.push(step);
        if (showing) io.err(`\r\u001b[Kjudged ${steps.length} of ${last}`);
      }
      if (showing) io.err('\r\u001b[K');
      io.out(
        options.json === true
          ? `${jsonText({ branch: name, ...sum(steps), steps })}\n`
          : tell(name, steps, io),
      );
      return EXIT.pass;
    } finally {
      await opened.dispose();
    }
  });
}

async function findBranch(
  { refs }: OpenRepository,
  given: string | undefined,
): Promise<{ name: string; tip: Oid }> {
  const name = given ?? (await refs.defaultBranch()) ?? (await refs.currentBranch());
  if (name === null) throw new UsageError('name the branch: --branch NAME');
  if (!isBranchName(name)) throw new UsageError(`\`${name}\` cannot be the name of a branch`);
  const found = await refs.findBranch(name);
  if (found === null) throw new UsageError(`there is no branch \`${name}\` here`);
  return { name, tip: found.id };
}

/** A policy that has errors judges nothing: that is said once, not once for every step. */
async function findPolicyOption(
  opened: OpenRepository,
  given: string | undefined,
  io: Io,
): Promise<PolicyFolder | null> {
  if (given === undefined) return null;
  const found = isFile(given) ? await findInFile(given, io) : await findAtRevision(opened, given);
  await readPolicy(found);
  return found.folder;
}

interface Test {
  readonly branch: string;
  readonly tip: Oid;
  readonly last: number;
  readonly policy: PolicyFolder | null;
  readonly given: readonly StatementSource[];
}

/** Newest first, until the number is reached or history ends. */
async function* testSteps(opened: OpenRepository, test: Test, io: Io): AsyncGenerator<TestedStep> {
  const { repository } = opened;
  const ledgers = openLedgers(opened, test.tip, io);
  const statements: Statements = {
    about: async (proposal) => ({
      sources: [...test.given, ...(await ledgers.about(proposal))],
      earlier: [],
    }),
  };
  const now = Math.floor(Date.now() / 1000);
  let next: Oid = test.tip;
  for (let tested = 0; tested < test.last; tested += 1) {
    const commit: Commit | null = await readCommit(opened, next);
    const parent: Oid | undefined = commit?.parents[0];
    if (commit === null || parent === undefined) return;
    const target = { kind: 'step', branch: test.branch, parent, commit: commit.id } as const;
    const options = { now, repository: null, ...(test.policy === null ? {} : { policy: test.policy }) };
    const { verdict } = await judge(target, { repository, statements }, options);
    const findings = verdict.enforced === 'pass' ? [] : blockingFindings(verdict);
    const codes = [...new Set(findings.map(({ code }) => code))];
    yield {
      commit: commit.id,
      subject: commit.subject,
      merge: commit.parents.length > 1,
      fate:
        verdict.enforced === 'pass' ? 'passes' : verdict.enforced === 'undetermined' ? 'unjudged' : 'blocked',
      codes,
      causes: [...new Set(codes.map(causeInWords))],
      asked: askedFor(findings),
    };
    next = parent;
  }
}

/** `null` where a clone was cut. */
async function readCommit({ repository }: OpenRepository, id: Oid): Promise<Commit | null> {
  const [raw] = await repository.readCommits([id]).catch((error: unknown) => {
    if (error instanceof Unreadable && error.code === 'object-missing') return [];
    throw error;
  });
  const parsed = raw === undefined ? null : parseCommit(id, raw);
  return parsed?.ok === true ? parsed.commit : null;
}

interface Sum {
  readonly tested: number;
  readonly passes: number;
  readonly blocked: number;
  readonly unjudged: number;
  /** How many steps each cause would have blocked, the most frequent first; a step may have several. */
  readonly causes: readonly { readonly cause: string; readonly steps: number; readonly alone: number }[];
  /** In how many steps each person could have given what was missing. */
  readonly asked: readonly { readonly person: string; readonly steps: number }[];
}

function sum(steps: readonly TestedStep[]): Sum {
  const fate = (wanted: TestedStep['fate']): number => steps.filter((step) => step.fate === wanted).length;
  const causes = new Set(steps.flatMap((step) => step.causes));
  const people = new Set(steps.flatMap((step) => step.asked));
  return {
    tested: steps.length,
    passes: fate('passes'),
    blocked: fate('blocked'),
    unjudged: fate('unjudged'),
    causes: [...causes]
      .map((cause) => {
        const of = steps.filter((step) => step.causes.includes(cause));
        return { cause, steps: of.length, alone: of.filter((step) => step.causes.length === 1).length };
      })
      .sort((a, b) => b.steps - a.steps || (a.cause < b.cause ? -1 : 1)),
    asked: [...people]
      .map((person) => ({ person, steps: steps.filter((step) => step.asked.includes(person)).length }))
      .sort((a, b) => b.steps - a.steps || (a.person < b.person ? -1 : 1)),
  };
}

const MOST_LISTED = 30;

function tell(branch: string, steps: readonly TestedStep[], { paint }: Io): string {
  const { tested, blocked, unjudged, passes, causes, asked } = sum(steps);
  const first = causes[0];
  const why = blocked === 0 || first === undefined ? '' : `, ${first.steps} for ${first.cause}`;
  const title = `${blocked} of ${counted(tested, 'step')} of \`${branch}\` would have been blocked${why}`;
  const lines = [paint(blocked === 0 ? 'pass' : 'pending', cleanSentence(title))];
  if (unjudged > 0) lines.push(`${counted(unjudged, 'step')} could not be judged`);
  if (causes.length > 0) lines.push('', paint('bold', 'why (a step may have several causes)'));
  for (const { cause, steps: number, alone } of causes) {
    lines.push(
      `  ${String(number).padStart(6)}  ${cleanSentence(cause)}${alone > 0 ? `; ${alone} for that alone` : ''}`,
    );
  }
  if (asked.length > 0) lines.push('', paint('bold', 'who could have given what was missing'));
  for (const { person, steps: number } of asked) {
    lines.push(`  ${String(number).padStart(6)}  ${clean(person)}`);
  }
  if (passes > 0) lines.push('', paint('bold', counted(passes, 'step would pass', 'steps would pass')));
  const passing = steps.filter(({ fate }) => fate === 'passes');
  for (const { commit, subject } of passing.slice(0, MOST_LISTED)) {
    lines.push(`  ${commit.slice(0, 12)}  ${clean(subject)}`);
  }
  if (passing.length > MOST_LISTED)
    lines.push(`  and ${passing.length - MOST_LISTED} more (--json lists all)`);
  return `${lines.join('\n')}\n`;
}
