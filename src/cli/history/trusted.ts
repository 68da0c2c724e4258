import type { TrustState } from '../../core/history/trust-state.ts';
import type { Oid } from '../../core/object/id.ts';
import type { Pin } from '../../core/policy/policy.ts';
import { shellWord } from '../../core/report/clean.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { describe, finding, type Finding } from '../../core/verdict/finding.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import { stateOfLedger } from '../../git/ledger-rewrite.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Remembered } from '../../trust/memory.ts';
import { normalUrl } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { programVersion } from '../version.ts';
import { judgeFreshness } from './fresh.ts';
import { judgeIntroduction } from './introduced.ts';
import { isForkOf, isHere, recall, remember, type Past, type TrustSource } from './past.ts';
import { proveHistory, unproven, type HistoryAnswer } from './prove.ts';
import { summaryOf } from './words.ts';

/** Who is trusted from where: what a trust file, or the command line, says of one branch of a repository. */
export interface TrustedOptions {
  readonly opened: OpenRepository;
  readonly branch: string;
  readonly introduction: Oid;
  /** `policyDigest` that the introduction must have; `null`: any. */
  readonly policyDigest: string | null;
  /** The project that every policy on the way must name; `null`: any. */
  readonly project: string | null;
  /** Who may say what the newest head is (`heads` of the trust file). */
  readonly heads: ReadonlyMap<string, readonly Pin[]>;
  /** Who says so, for messages. Left out: a trust file. */
  readonly source?: TrustSource;
  readonly to: Oid;
  /** The one that is to be remembered first, such as what was fetched with `to`. `null`: the user leaves them out. */
  readonly ledgers: readonly Oid[] | null;
  readonly statements?: readonly StatementSource[];
  /** The given policy instead of the repository's own. */
  readonly policy?: PolicyFolder;
  readonly allowDowngrade: boolean;
  /** Whether the ledgers are those of a clone as it is, which may not have been fetched for a while. Left out: just served. */
  readonly asCloned?: boolean;
  /** Accept the newest proven commit instead of failing where `to` is ahead of it. */
  readonly newestProven: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface TrustedAnswer {
  readonly answer: HistoryAnswer;
  /** The answer's outcome, or that of the findings where it is worse; `pass` where a commit is accepted. */
  readonly outcome: Outcome;
  /** The commit that may be used now: `to`, or with `newestProven` the newest proven one; `null`: stay where you are. */
  readonly accepted: Oid | null;
  /** The highest state that was remembered before; `null`: nothing was, so that what the user has is the only memory. */
  readonly seen: Oid | null;
  /** Everything to be said beside the failed step: downgrade, fork, rewritten ledger, stale head; all of the answer's. */
  readonly findings: readonly Finding[];
  /** Remembers the accepted commit as the highest state seen, once the update has happened: see past.ts. */
  readonly remember: () => Promise<boolean>;
  /** Sentences for people: what stops the update, how far it is proven and what the rest waits for. */
  readonly summary: readonly string[];
}

/**
 * Proves a branch for somebody who wants to use it: from the state remembered, or from the introduction; never back behind
 * what was seen before (attacks 14, 62), never with a ledger that lost something (attack 63), never with a head that nobody
 * vouches for where the policy asks for that. Throws `Unreadable` where the world is broken.
 */
export async function proveTrusted(options: TrustedOptions, io: Io): Promise<TrustedAnswer> {
  const { opened, to, newestProven } = options;
  const source = quotable(options.source ?? { url: null, file: true });
  const past = await recall({ ...options, source }, io);
  const proven = reusable(past.remembered, options);
  // git lists the commits while the policy where trust begins is read; who needs them hears of a failure.
  opened.line(proven?.commit ?? options.introduction, to).catch(() => undefined);
  const groundless = [...past.notes, ...(await judgeIntroduction(options))];
  // Nothing that were proven from there could be used.
  if (groundless.some(({ outcome }) => outcome !== 'pass')) return refuse(options, groundless);
  const refusals: Finding[] = [...(await judgeLedger(options, past))];
  const now = Math.floor(Date.now() / 1000);
  const ledgers = options.ledgers ?? [];
  const question = { ...options, source, ledgers, now, proven };
  let answer = await proveHistory(question);
  const candidate = answer.outcome === 'pass' ? to : newestProven ? (answer.state?.commit ?? null) : null;
  let accepted = answer.findings.some(({ outcome }) => outcome !== 'pass') ? null : candidate;
  const movement = await judgeMovement(options, past, answer, accepted ?? to);
  refusals.push(...movement);
  // Whoever accepts an older state on purpose does not ask whether it is the newest.
  if (accepted !== null && refusals.length === 0 && !options.allowDowngrade) {
    const seen = past.remembered?.state.commit ?? null;
    const { head, findings } = await judgeFreshness({ ...question, answer, head: accepted, seen });
    refusals.push(...findings);
    if (head !== null && head !== accepted) {
      const again = await proveHistory({ ...question, to: head });
      answer = { ...again, to, steps: answer.steps, commits: answer.commits, ahead: answer.ahead + 1 };
    }
    accepted = head;
    if (head !== null) refusals.push(...(await judgeMovement(options, past, answer, head)));
  }
  const bad = refusals.filter((one) => one.outcome !== 'pass');
  if (bad.length > 0) accepted = null;
  const findings = [...refusals, ...answer.findings, ...past.notes];
  const outcome =
    accepted !== null && answer.state?.commit === accepted
      ? 'pass'
      : worst([
          answer.outcome === 'pass' ? 'undetermined' : answer.outcome,
          ...findings.map((one) => one.outcome),
        ]);
  const usable = outcome === 'pass' ? accepted : null;
  return {
    answer,
    outcome: bad.length > 0 && outcome !== 'pass' ? worst(bad.map((one) => one.outcome)) : outcome,
    accepted: usable,
    seen: past.remembered?.state.commit ?? null,
    findings,
    summary: summaryOf(answer, usable, findings),
    remember: async () => {
      const { state } = answer;
      if (usable === null || state?.commit !== usable) return true;
      const { project, allowDowngrade } = options;
      return remember(opened, past, { state, project, ledgers: options.ledgers, allowDowngrade });
    },
  };
}

/** A URL that needs quotes is left out: findings name it in commands, for a person to copy. */
function quotable({ url, file }: TrustSource): TrustSource {
  const plain = url === null ? null : (normalUrl(url)?.fetch ?? null);
  return { url: plain !== null && shellWord(plain) === plain ? plain : null, file };
}

/** An answer without a proof: what is wrong is wrong before any step is judged. */
export function refuse(
  { introduction, to }: Pick<TrustedOptions, 'introduction' | 'to'>,
  findings: readonly Finding[],
): TrustedAnswer {
  const outcome = worst(findings.map((one) => one.outcome));
  const answer = { ...unproven(introduction, to), outcome };
  const summary = summaryOf(answer, null, findings);
  const nothing = { accepted: null, seen: null, remember: () => Promise.resolve(true) };
  return { answer, outcome, findings, summary, ...nothing };
}

/** What another version of this program proved, or without asking for the project, is proven anew (attack 19). */
function reusable(remembered: Remembered | null, { project }: TrustedOptions): TrustState | null {
  if (remembered?.verifier !== programVersion()) return null;
  return project === null || remembered.project === project ? remembered.state : null;
}

/**
 * The ledger that is served has to contain the state that was last seen: that a branch of the user's own still does, says
 * nothing of it.
 */
async function judgeLedger(
  { opened, ledgers, allowDowngrade, asCloned }: TrustedOptions,
  { remembered }: Past,
): Promise<readonly Finding[]> {
  const seen = remembered?.ledger ?? null;
  if (seen === null || ledgers === null) return [];
  const [served = null] = ledgers;
  if (served !== null && (await stateOfLedger(opened, seen, served)) === 'contained') return [];
  const behind = asCloned === true && !(await isHere(opened, seen));
  const found = finding(behind ? 'ledger-behind' : 'ledger-rewritten', { seen, ledger: served });
  return [allowDowngrade ? asAccepted(found) : found];
}

/**
 * Trust moves forward along first parents: back or sideways only where the user says so. Where what was seen is not here at
 * all, a history of as many steps is a fork; a shorter one may be an older state, or another.
 */
async function judgeMovement(
  options: TrustedOptions,
  past: Past,
  answer: HistoryAnswer,
  to: Oid,
): Promise<readonly Finding[]> {
  const found = await findMovement(options, past, answer, to);
  return options.allowDowngrade ? found.map(asAccepted) : found;
}

/** What was accepted is shown all the same: on the day of the one reason for the flag, a server may serve another. */
function asAccepted(found: Finding): Finding {
  return finding('downgrade-accepted', { detail: describe(found).cause });
}

async function findMovement(
  { opened, branch }: TrustedOptions,
  { remembered }: Past,
  { state, steps }: HistoryAnswer,
  to: Oid,
): Promise<readonly Finding[]> {
  const seen = remembered?.state.commit ?? null;
  if (remembered === null || seen === null || seen === to) return [];
  if (!(await isHere(opened, seen))) {
    const own = state?.commit === to ? state.steps : steps;
    return own !== null && isForkOf({ steps: own }, remembered.state)
      ? [finding('history-fork', { branch, seen, to })]
      : [finding('history-downgrade', { branch, seen, to, here: false })];
  }
  if ((await opened.line(seen, to)) !== null) return [];
  const older = await opened.repository.isReachable(to, seen);
  return [
    older
      ? finding('history-downgrade', { branch, seen, to, here: true })
      : finding('history-fork', { branch, seen, to }),
  ];
}
