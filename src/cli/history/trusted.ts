import { policyIn, openedFolder, digestOf } from '../../core/facts/opened.ts';
import type { TrustState } from '../../core/history/trust-state.ts';
import type { Oid } from '../../core/object/id.ts';
import { rulesFor } from '../../core/policy/branch-rules.ts';
import type { Pin } from '../../core/policy/policy.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { stateOfLedger } from '../../git/ledger-rewrite.ts';
import { openMemory, type Memory, type Remembered } from '../../trust/memory.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';
import { programVersion } from '../version.ts';
import { judgeFreshness } from './fresh.ts';
import { policyAt, proveHistory, type HistoryAnswer } from './prove.ts';
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
  /** Everything to be said beside the failed step: downgrade, fork, rewritten ledger, stale head; all of the answer's. */
  readonly findings: readonly Finding[];
  /** Remembers the accepted commit as the highest state seen. To be called once the update has happened. */
  readonly remember: () => Promise<void>;
  /** Sentences for people: what stops the update, how far it is proven and what the rest waits for. */
  readonly summary: readonly string[];
}

/** What was remembered of this branch from this introduction. */
interface Past {
  readonly memory: Memory | null;
  readonly remembered: Remembered | null;
  readonly notes: readonly Finding[];
}

/**
 * Proves a branch for somebody who wants to use it: from the state remembered, or from the introduction; never back behind
 * what was seen before (attacks 14, 62), never with a ledger that lost something (attack 63), never with a head that nobody
 * vouches for where the policy asks for that. Throws `Unreadable` where the world is broken.
 */
export async function proveTrusted(options: TrustedOptions, io: Io): Promise<TrustedAnswer> {
  const { opened, to, newestProven } = options;
  const past = await recall(options, io);
  const refusals: Finding[] = [...(await judgeIntroduction(options)), ...(await judgeLedger(options, past))];
  const now = Math.floor(Date.now() / 1000);
  const ledgers = options.ledgers ?? [];
  const question = { ...options, ledgers, now, proven: reusable(past.remembered, options) };
  let answer = await proveHistory(question);
  const candidate = answer.outcome === 'pass' ? to : newestProven ? (answer.state?.commit ?? null) : null;
  let accepted = answer.findings.some(({ outcome }) => outcome !== 'pass') ? null : candidate;
  const movement = await judgeMovement(options, past, accepted ?? to);
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
    if (head !== null) refusals.push(...(await judgeMovement(options, past, head)));
  }
  if (refusals.some(({ outcome }) => outcome !== 'pass')) accepted = null;
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
    outcome: refusals.length > 0 && outcome !== 'pass' ? worst(refusals.map((one) => one.outcome)) : outcome,
    accepted: usable,
    findings,
    summary: summaryOf(answer, usable, findings),
    remember: () => remember(opened, past, answer, usable, options),
  };
}

async function recall({ branch, introduction, policy }: TrustedOptions, io: Io): Promise<Past> {
  const directory = stateFolder(io.environment);
  if (directory === null) return { memory: null, remembered: null, notes: [] };
  const memory = openMemory(directory, {
    branch,
    introduction,
    policy: policy === undefined ? null : digestOf(policy),
  });
  const found = await memory.read();
  if (found.state === 'known') return { memory, remembered: found.remembered, notes: [] };
  const notes = found.state === 'ignored' ? [finding('memory-ignored', { reason: found.reason })] : [];
  return { memory, remembered: null, notes };
}

/** What another version of this program proved, or without asking for the project, is proven anew (attack 19). */
function reusable(remembered: Remembered | null, { project }: TrustedOptions): TrustState | null {
  if (remembered?.verifier !== programVersion()) return null;
  return project === null || remembered.project === project ? remembered.state : null;
}

/** The introduction is what was published, and its policy one that proves something (trust.md F28). */
async function judgeIntroduction(options: TrustedOptions): Promise<readonly Finding[]> {
  const { opened, introduction, policyDigest: expected, project } = options;
  const [info] = await opened.objects.readInfo([introduction]);
  if (info?.type !== 'commit') return [];
  const folder = await policyAt(opened, introduction);
  const found = digestOf(folder);
  const findings: Finding[] = [];
  if (expected !== null && expected !== found)
    findings.push(finding('introduction-policy-differs', { introduction, expected, found }));
  const parsed = policyIn(openedFolder(options.policy ?? folder));
  const { branch } = options;
  if (parsed === null) return [...findings, finding('policy-missing', { branch, commit: introduction })];
  if (!parsed.ok) {
    const { diagnostics } = parsed;
    return [...findings, finding('policy-invalid', { commit: introduction, diagnostics })];
  }
  const { policy } = parsed;
  if (project !== null && policy.project !== project) {
    findings.push(finding('project-mismatch', { policy: policy.project, repository: project }));
  }
  const [rule] = rulesFor(policy, branch);
  if (rule === undefined) {
    const patterns = policy.branches.flatMap(({ match }) => match.map(({ source }) => source));
    findings.push(finding('branch-not-enrolled', { branch, patterns }));
  } else if (rule.mode === 'observe') findings.push(finding('observe-mode', { branch }));
  return findings;
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
  if (seen === null || ledgers === null || allowDowngrade) return [];
  const [served = null] = ledgers;
  if (served !== null && (await stateOfLedger(opened, seen, served)) === 'contained') return [];
  const [info] = await opened.objects.readInfo([seen]);
  if (asCloned === true && info?.type !== 'commit')
    return [finding('ledger-behind', { seen, ledger: served })];
  return [finding('ledger-rewritten', { seen, ledger: served })];
}

/** Trust moves forward along first parents: back or sideways only where the user says so. */
async function judgeMovement(
  { opened, branch, allowDowngrade }: TrustedOptions,
  { remembered }: Past,
  to: Oid,
): Promise<readonly Finding[]> {
  const seen = remembered?.state.commit ?? null;
  if (seen === null || seen === to || allowDowngrade) return [];
  const [info] = await opened.objects.readInfo([seen]);
  if (info?.type !== 'commit') return [finding('history-downgrade', { branch, seen, to, here: false })];
  if ((await opened.line(seen, to)) !== null) return [];
  const older = await opened.repository.isReachable(to, seen);
  return [
    older
      ? finding('history-downgrade', { branch, seen, to, here: true })
      : finding('history-fork', { branch, seen, to }),
  ];
}

/**
 * Keeps what was accepted. Who goes back on purpose does not lower the highest state seen: it is still what the next update
 * has to contain. Who accepts a fork takes it for the branch.
 */
async function remember(
  opened: OpenRepository,
  { memory, remembered }: Past,
  { state }: HistoryAnswer,
  accepted: Oid | null,
  { ledgers, project, allowDowngrade }: TrustedOptions,
): Promise<void> {
  if (memory === null || accepted === null || state?.commit !== accepted) return;
  // Another run may have remembered more since this one began.
  const known = await memory.read();
  const last = known.state === 'known' ? known.remembered : null;
  for (const seen of new Set([remembered?.state.commit ?? accepted, last?.state.commit ?? accepted])) {
    if (seen !== accepted && !(await mayFollow(opened, seen, accepted, allowDowngrade))) return;
  }
  const [served = null] = ledgers ?? [last?.ledger ?? null];
  const before = last?.ledger ?? null;
  const keeps =
    before !== null &&
    !allowDowngrade &&
    (served === null || (await stateOfLedger(opened, before, served)) !== 'contained');
  await memory.write({ verifier: programVersion(), state, project, ledger: keeps ? before : served });
}

/** Whether a state takes the place of another in the memory: one that goes on from it, or a fork that was accepted. */
async function mayFollow(
  opened: OpenRepository,
  seen: Oid,
  accepted: Oid,
  allowDowngrade: boolean,
): Promise<boolean> {
  const [info] = await opened.objects.readInfo([seen]);
  // What is not here cannot be told to be older, so it is not forgotten for this.
  if (info?.type !== 'commit') return false;
  if (!allowDowngrade) return (await opened.line(seen, accepted)) !== null;
  return !(await opened.repository.isReachable(accepted, seen));
}
