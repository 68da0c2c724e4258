import { digestOf } from '../../core/facts/opened.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { freshnessIn } from '../../core/history/demand.ts';
import { introduced, type TrustState } from '../../core/history/trust-state.ts';
import type { Oid } from '../../core/object/id.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { follow } from '../../follow.ts';
import { policyAt } from '../../gather/policy-at.ts';
import type { Line, PolicyFolder, Statements } from '../../gather/ports.ts';
import { sourcesOfRoster } from '../../gather/roster.ts';
import { openLedger } from '../../git/ledger.ts';
import type { OpenRepository } from '../../git/reader.ts';

/** What is to be proven, in a repository whose objects are here. */
export interface HistoryQuestion {
  readonly opened: OpenRepository;
  readonly branch: string;
  readonly introduction: Oid;
  readonly to: Oid;
  /** What the project must be called in every policy on the way; `null` or left out: whatever they say. */
  readonly project?: string | null;
  /** Judge every step by this policy and its keys instead of the repository's own. */
  readonly policy?: PolicyFolder;
  /** Tips of ledgers whose objects are here; what is in any of them counts. */
  readonly ledgers: readonly Oid[];
  /** Texts that may hold signed statements, from elsewhere. */
  readonly statements?: readonly StatementSource[];
  /** Seconds since the epoch. */
  readonly now: number;
  /** What was proven before: steps up to its commit are not judged again where they lie on the line. */
  readonly proven?: TrustState | null;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface HistoryAnswer {
  /** `pass` where every step up to `to` passed; else that of the first step that did not, or of the findings. */
  readonly outcome: Outcome;
  readonly from: Oid;
  readonly to: Oid;
  /** As far as it is proven; `null` where not even the introduction could be found or used. */
  readonly state: TrustState | null;
  /** Steps between the introduction and `to`, and the commits that they bring; `null` where that is not known. */
  readonly steps: number | null;
  readonly commits: number | null;
  /** Steps beyond the newest proven commit. */
  readonly ahead: number;
  /** The first step that did not pass. */
  readonly failed: { readonly step: Oid; readonly verdict: Verdict; readonly facts: Facts | null } | null;
  /** What is wrong with the whole: the line never meets the introduction, and the like. */
  readonly findings: readonly Finding[];
}

/**
 * Proves a branch step by step from its introduction, and stops at the first step that does not pass. Throws `Unreadable`
 * where the history itself cannot be read.
 */
export async function proveHistory(question: HistoryQuestion): Promise<HistoryAnswer> {
  const { introduction, to } = question;
  const start = await readStart(question);
  if (start === null) return nowhere(question, finding('introduction-missing', { introduction }));
  const found = await findLine(question, start);
  if (found === null) return nowhere(question, finding('introduction-not-reached', { introduction, to }));
  const { line, trust } = found;
  const { now, policy, project } = question;
  let state = trust;
  let failed: HistoryAnswer['failed'] = null;
  const options = { now, project: project ?? null, ...(policy && { policy }) };
  for await (const step of follow(trust, line, statementsOf(question), options)) {
    if (step.trust === null) {
      const { verdict, facts } = step;
      failed = { step: step.step, verdict, facts };
    } else {
      state = step.trust;
      question.onProgress?.(state.steps - trust.steps, line.steps.length);
    }
  }
  const steps = trust.steps + line.steps.length;
  return {
    outcome: outcomeOf(failed, state, to),
    from: introduction,
    to,
    state,
    steps,
    commits: trust.commits + line.sizes.reduce((sum, size) => sum + size, 0),
    ahead: steps - state.steps,
    failed,
    findings: state.ratified.map((commit) => finding('history-ratified', { commit })),
  };
}

/** Only a state that has arrived is a pass; a step that did not pass never makes one, whatever its verdict calls itself. */
function outcomeOf(failed: HistoryAnswer['failed'], { commit }: TrustState, to: Oid): Outcome {
  if (failed === null) return commit === to ? 'pass' : 'undetermined';
  return failed.verdict.outcome === 'pass' ? 'undetermined' : failed.verdict.outcome;
}

/** The state at the introduction; `null` where that is not here. */
async function readStart({
  opened,
  branch,
  introduction,
  policy,
}: HistoryQuestion): Promise<TrustState | null> {
  const [info] = await opened.objects.readInfo([introduction]);
  if (info?.type !== 'commit') return null;
  const folder = policy ?? (await policyAt(opened, introduction));
  return introduced(branch, introduction, digestOf(folder), freshnessIn(folder, branch));
}

interface Found {
  readonly line: Line;
  readonly trust: TrustState;
}

/** From what was proven before, where `to` lies beyond it; else from the introduction. */
async function findLine(question: HistoryQuestion, start: TrustState): Promise<Found | null> {
  const { opened, to, proven = null } = question;
  if (proven !== null && (await fits(question, proven, start))) {
    const line = await opened.line(proven.commit, to);
    if (line !== null) return { line, trust: proven };
  }
  const line = await opened.line(start.introduction, to);
  return line && { line, trust: start };
}

/** What was remembered must be about the same thing, and its policy the one that lies at its commit (attack 19). */
async function fits(
  { opened, policy }: HistoryQuestion,
  proven: TrustState,
  start: TrustState,
): Promise<boolean> {
  if (proven.branch !== start.branch || proven.introduction !== start.introduction) return false;
  const [info] = await opened.objects.readInfo([proven.commit]);
  if (info?.type !== 'commit') return false;
  const digest = digestOf(policy ?? (await policyAt(opened, proven.commit)));
  return digest === proven.policy;
}

/** Statements from the ledgers and from elsewhere. Ledgers are opened when the first step asks. */
function statementsOf({ opened, ledgers, statements }: HistoryQuestion): Statements {
  const given = statements ?? [];
  const opening = (async () => {
    const found = [];
    for (const id of new Set(ledgers)) found.push(await openLedger(opened, id));
    return found;
  })();
  opening.catch(() => undefined);
  return {
    async about({ heads, commits, earlier }, policy) {
      const asked = [...new Set([...heads, ...commits, ...earlier])];
      const sources = [...given];
      for (const ledger of await opening) {
        const found = await ledger.read(asked, (some) => sourcesOfRoster(policy, some));
        for (const source of found) sources.push(source);
      }
      return { sources, earlier: [] };
    },
  };
}

function nowhere({ introduction, to }: HistoryQuestion, found: Finding): HistoryAnswer {
  return { ...unproven(introduction, to), outcome: found.outcome, findings: [found] };
}

/** An answer that nothing is known for yet. */
export function unproven(from: Oid, to: Oid): HistoryAnswer {
  return {
    ...{ outcome: 'undetermined', from, to, state: null },
    ...{ steps: null, commits: null, ahead: 0, failed: null, findings: [] },
  };
}
