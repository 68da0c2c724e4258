import type { Target } from '../core/facts/target.ts';
import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { cleanSentence } from '../core/report/clean.ts';
import { contextOf } from '../core/report/context.ts';
import { jsonReport, jsonText } from '../core/report/json.ts';
import { summaryOf, type SummaryOptions } from '../core/report/slsa.ts';
import { textReport } from '../core/report/text.ts';
import { Unreadable, type Statements } from '../gather/ports.ts';
import { openRepository, type OpenRepository } from '../git/reader.ts';
import { judge, type Judgement } from '../judge.ts';
import type { Provable } from '../provable.ts';
import { EXIT, type Io } from './io.ts';
import { resolveRange, UsageError } from './revisions.ts';
import { readStatementsFile } from './statements-file.ts';
import { openLedgers, type Ledgers } from './verify-ledger.ts';
import { programVersion } from './version.ts';

export interface VerifyOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly base?: string;
  readonly head: string;
  readonly statements?: readonly string[];
  /** Judge the head as the step that pushing it onto the base would be: its first parent is the base. */
  readonly landed?: boolean;
  /** Whether the repository's ledger is read as well; left out: yes. */
  readonly ledger?: boolean;
  readonly format?: string;
  /** The same as `format: 'json'`. */
  readonly json?: boolean;
}

const FORMATS = ['text', 'json', 'slsa-vsa'] as const;
type Format = (typeof FORMATS)[number];

/** `countersign verify`: judges a local range by the policy at its base. */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  let format: Format = 'text';
  try {
    format = formatOf(options);
    const { verdict, facts, provable, ledgers } = await judgeRange(options, format !== 'slsa-vsa', io);
    const unprovable = provable === null ? {} : { unprovable: provable.missing.length };
    const context = contextOf(facts, { url: null, pull: null, ...unprovable });
    for (const { message, code } of ledgers?.notes() ?? []) {
      io.err(`countersign verify: ${cleanSentence(message)} [${code}]\n`);
    }
    const ledger = ledgers === null ? null : { refs: ledgers.refs(), notes: ledgers.notes(), provable };
    if (format === 'json') io.out(`${jsonText({ ...jsonReport(verdict, context), ledger })}\n`);
    else if (format === 'slsa-vsa') io.out(`${jsonText(summaryOf(verdict, facts, summaryOptions()))}\n`);
    else io.out(textReport(verdict, context, io.paint));
    return EXIT[verdict.outcome];
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`countersign verify: ${cleanSentence(error.message)}\n`);
      return EXIT.usage;
    }
    if (!(error instanceof Unreadable)) throw error;
    // Nothing was judged, so there is no commit that a summary could be about.
    if (format === 'json') io.out(`${jsonText(unreadableReport(error))}\n`);
    else io.err(`${io.paint('undetermined', 'undetermined')}: ${cleanSentence(error.message)}\n`);
    return EXIT.undetermined;
  }
}

function formatOf({ format, json }: VerifyOptions): Format {
  const chosen = FORMATS.find((one) => one === (format ?? (json === true ? 'json' : 'text')));
  if (chosen === undefined) throw new UsageError(`\`${format ?? ''}\` is no format: ${FORMATS.join(', ')}`);
  if (json === true && chosen !== 'json') throw new UsageError('`--json` and another `--format` contradict');
  return chosen;
}

function summaryOptions(): SummaryOptions {
  return { version: programVersion(), now: Math.floor(Date.now() / 1000) };
}

/** A judgement, and what the ledgers of the repository say beside it. */
interface Answer extends Judgement {
  readonly provable: Provable | null;
  readonly ledgers: Ledgers | null;
}

async function judgeRange(options: VerifyOptions, countsMerges: boolean, io: Io): Promise<Answer> {
  const files = await Promise.all(
    (options.statements ?? []).map((file) => readStatementsFile(file, 'verify', io)),
  );
  const opened = await openRepository(io.path(options.repository));
  try {
    const { branch, base, head } = await resolveRange(opened, options);
    if (options.landed === true) await mustStandOn(opened, base, head);
    const target: Target =
      options.landed === true
        ? { kind: 'step', branch, parent: base, commit: head }
        : { kind: 'change', branch, tip: base, head };
    const ledgers = options.ledger === false ? null : openLedgers(opened, base, io);
    const statements: Statements = {
      about: async (proposal) => ({
        sources: [...files, ...((await ledgers?.about(proposal)) ?? [])],
        earlier: [],
      }),
    };
    const ports = { repository: opened.repository, statements };
    const now = Math.floor(Date.now() / 1000);
    const judgement = await judge(target, ports, { now, repository: null });
    const provable = countsMerges ? await ledgers?.provable(branch, base) : null;
    return { ...judgement, provable: provable ?? null, ledgers };
  } finally {
    await opened.dispose();
  }
}

async function mustStandOn({ repository }: OpenRepository, base: Oid, head: Oid): Promise<void> {
  const [raw] = await repository.readCommits([head]);
  const parsed = parseCommit(head, raw ?? new Uint8Array());
  if (parsed.ok && parsed.commit.parents[0] === base) return;
  throw new UsageError(
    '`--landed` judges one step: the head whose first parent is the base, as after `git merge --no-ff` on it',
  );
}

/** What `--json` prints where the question itself could not be put: the same outer shape as a verdict. */
function unreadableReport({ code, message }: Unreadable): unknown {
  const finding = {
    code: 'world-unreadable',
    outcome: 'undetermined',
    message: cleanSentence(message),
    data: { code },
  };
  return {
    outcome: 'undetermined',
    enforced: 'undetermined',
    mode: null,
    title: cleanSentence(message),
    findings: [finding],
  };
}
