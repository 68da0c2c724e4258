import { parseCommit } from '../core/object/commit.ts';
import { isZero, type Oid } from '../core/object/id.ts';
import { checkOf, type CheckOutput } from '../core/report/check.ts';
import { contextOf } from '../core/report/context.ts';
import { stopped } from '../core/verdict/evaluate.ts';
import { LEDGER_BRANCH } from '../core/statement/names.ts';
import { finding, type Finding } from '../core/verdict/finding.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Mirror } from '../git/mirror.ts';
import { listOwnRuns } from '../github/checks.ts';
import { ForgeFailure } from '../github/client.ts';
import { subjectKey, type Subject } from '../github/subject.ts';
import type { Judgement } from '../judge.ts';
import { checksOf, projectOf, urlOf, type Context } from './context.ts';
import { readEnrolment, samePolicy } from './enrolment.ts';
import { judgeAlways, record } from './judging.ts';
import { handleLedgerPush } from './ledger-push.ts';
import { countUnprovable, lastUnprovable, recountUnprovable } from './provable.ts';
import { publish, retractOthers, type Board } from './publish.ts';
import { ledgerOf, openTexts, statementsFor, type LedgerOf, type Texts } from './statements.ts';
import { takeBackPulls } from './take-back.ts';
import type { Ending, Turn } from './worker.ts';

export type PushSubject = Extract<Subject, { kind: 'push' }>;

/** Commits that passed on a branch, the latest first, whose verdict is taken back with one push. */
const MOST_DROPPED = 1_000;
/** Steps that a branch is followed back to find what was pushed, and commits of it that are listed. */
const LONGEST_HISTORY = 20_000;
/** How often a push is looked for that the branch does not show. */
const MOST_WAITS = 3;
/** Steps of one push that are judged; its tip is `undetermined` beyond. */
const MOST_STEPS = 250;
/** First parents that are looked through for the old tip. */
const LONGEST_LINE = 1_000;

/**
 * Judges what a branch has taken, step by step (trust.md A2, E26): GitHub may let a merge be pushed that never had a
 * check, and whoever may bypass the rules can push anything.
 */
export async function handlePush(context: Context, subject: PushSubject, turn: Turn): Promise<Ending> {
  const { branch, before, after } = subject;
  if (isZero(after)) {
    context.log.warn({ branch, before }, 'a branch was deleted');
    retract(context, subject, context.store.passedHeads(projectOf(context, subject), branch, MOST_DROPPED));
    return { kind: 'done' };
  }
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${after}`)) return { kind: 'busy' };
  if (await isGone(context, subject)) return { kind: 'done' };
  return context.mirrors.borrow(subject, async (mirror) => {
    if (branch === LEDGER_BRANCH) await handleLedgerPush(context, subject, mirror);
    const ending = await judgePush(context, subject, mirror, turn);
    if (branch === LEDGER_BRANCH) {
      await recountUnprovable(context, subject, mirror, ledgerOf(mirror), turn.signal);
    }
    return ending;
  });
}

/** Whether the repository or the installation is gone: then nothing can be read, and nothing be published. */
async function isGone(context: Context, subject: PushSubject): Promise<boolean> {
  try {
    await listOwnRuns(checksOf(context, subject, 'urgent'), subject.after);
    return false;
  } catch (error) {
    if (!(error instanceof ForgeFailure) || (error.status !== 404 && error.status !== 422)) throw error;
    if (error.status === 422) return false;
    context.log.warn({ branch: subject.branch, reason: error.message }, 'a repository is gone');
    return true;
  }
}

async function judgePush(
  context: Context,
  subject: PushSubject,
  mirror: Mirror,
  turn: Turn,
): Promise<Ending> {
  const { branch, before, after } = subject;
  const created = isZero(before);
  await mirror.fetchCommits(created ? [after] : [before, after]);
  // An empty range is a branch that was put back: `firstParents` gives no steps for it, or does not find the old tip.
  const steps = created ? [after] : await stepsOf(mirror, before, after);
  if (steps === null) await retractDropped(context, subject, mirror);
  const tip = await mirror.fetchBranchTip(branch);
  const standing = await isStanding(mirror, after, tip);
  const again = context.store
    .judgedSubjects(projectOf(context, subject), branch, after)
    .includes(subjectKey(subject));
  // What somebody posts on an old pull request changes nothing about the policy.
  if (!created && standing && (tip === after || !again)) await takeBackWhereNew(context, subject, mirror);
  if (!(await isEnrolled(context, subject, mirror))) return { kind: 'done' };
  if (!standing) {
    // The branch has dropped what was pushed: what is judged there now is a pull request, if anything.
    retract(context, subject, steps === null || steps === 'too-many' ? [after] : steps);
    // Or it is so new that the server which answered does not know it yet.
    if (again || turn.attempts >= MOST_WAITS) return { kind: 'done' };
    return { kind: 'retry', reason: `\`${branch}\` does not have ${after}` };
  }
  if (created) {
    return publishFindings(context, subject, after, [finding('branch-created', { branch, commit: after })]);
  }
  if (steps === null) {
    const found = finding('first-parent-changed', { branch, from: before, to: after });
    return publishFindings(context, subject, after, [found]);
  }
  if (steps === 'too-many' || steps.length > MOST_STEPS) {
    const message = `more than ${MOST_STEPS} steps in one push are not judged by the app`;
    const found = finding('world-unreadable', { code: 'list-cut', message });
    return publishFindings(context, subject, after, [found]);
  }
  const ledger = ledgerOf(mirror);
  const texts = openTexts(context, subject);
  let retry: string | null = null;
  let parent = before;
  let broken: Oid | null = null;
  for (const commit of steps) {
    if (!turn.holds()) return { kind: 'done' };
    const judgement = await judgeStep(
      context,
      subject,
      mirror,
      { parent, commit, broken, ledger, texts },
      turn,
    );
    if (judgement.verdict.outcome !== 'pass') broken ??= commit;
    if (judgement.retry) retry = `step ${commit} could not be judged`;
    parent = commit;
  }
  await countUnprovable(context, subject, mirror, { branch, tip: after, ledger }, turn.signal);
  return retry === null ? { kind: 'done' } : { kind: 'retry', reason: retry };
}

/** The steps of a push, oldest first; `null` where the branch was rewritten. */
async function stepsOf(
  { repository }: Mirror,
  before: Oid,
  after: Oid,
): Promise<readonly Oid[] | 'too-many' | null> {
  try {
    return await repository.firstParents(before, after, LONGEST_LINE);
  } catch (error) {
    if (!(error instanceof Unreadable) || error.code !== 'list-cut') throw error;
    return (await repository.isReachable(before, after)) ? 'too-many' : null;
  }
}

/** Whether a branch still has a commit as one of its own steps. One that it has moved too far away from counts as gone. */
async function isStanding({ repository }: Mirror, commit: Oid, tip: Oid | null): Promise<boolean> {
  if (tip === null || tip === commit) return tip !== null;
  try {
    return (await repository.firstParents(commit, tip, LONGEST_HISTORY)) !== null;
  } catch (error) {
    if (!(error instanceof Unreadable) || error.code !== 'list-cut') throw error;
    return false;
  }
}

/** A branch that was rewritten has dropped commits: what passed there before must satisfy nothing now. */
async function retractDropped(context: Context, subject: PushSubject, mirror: Mirror): Promise<void> {
  const { branch, before, after } = subject;
  const passed = context.store.passedHeads(projectOf(context, subject), branch, MOST_DROPPED);
  if (passed.length === 0) return;
  const dropped = await mirror.repository
    .listCommits(after, before, LONGEST_HISTORY)
    .then((commits) => new Set(commits))
    .catch((error: unknown) => {
      if (!(error instanceof Unreadable) || error.code !== 'list-cut') throw error;
      return null;
    });
  // The old tip may be about to pass: then this comes after it, since nobody else may have that commit meanwhile.
  const heads = new Set([before, ...passed.filter((head) => dropped?.has(head) !== false)]);
  retract(context, subject, [...heads]);
}

function retract(context: Context, subject: PushSubject, heads: readonly Oid[]): void {
  const { installation, owner, repo, branch } = subject;
  context.want(
    heads.map((head): Subject => ({ kind: 'retract', installation, owner, repo, branch, head })),
    'event',
  );
}

/** Old or new policy: a push that takes the branch out of the policy is judged by the one that it takes it out of. */
async function isEnrolled(context: Context, subject: PushSubject, mirror: Mirror): Promise<boolean> {
  const { branch, before, after } = subject;
  const project = projectOf(context, subject);
  for (const commit of isZero(before) ? [after] : [before, after]) {
    const { kind } = await readEnrolment(mirror.repository, commit, branch, project);
    if (kind === 'enforce' || kind === 'observe') return true;
    // Whether it was meant to be enrolled cannot be told: it is judged, and what comes of it can only block.
    if (kind === 'unknown' && (await hasPolicy(mirror, commit))) return true;
  }
  context.log.info({ branch, after }, 'the policy does not enrol the branch; nothing published');
  return false;
}

async function hasPolicy(mirror: Mirror, commit: Oid): Promise<boolean> {
  const [raw] = await mirror.repository.readCommits([commit]);
  const parsed = raw ? parseCommit(commit, raw) : null;
  if (parsed?.ok !== true) return true;
  return (await mirror.repository.readPolicyFolder(parsed.commit.tree)).entries.length > 0;
}

interface JudgedStep {
  readonly parent: Oid;
  readonly commit: Oid;
  /** The first step of the push that is not as the policy demands. */
  readonly broken: Oid | null;
  readonly ledger: LedgerOf;
  readonly texts: Texts;
}

async function judgeStep(
  context: Context,
  subject: PushSubject,
  mirror: Mirror,
  { parent, commit, broken, ledger, texts }: JudgedStep,
  turn: Turn,
): Promise<Judgement> {
  const target = { kind: 'step', branch: subject.branch, parent, commit } as const;
  const asked = { pull: null, landed: true, mirror, ledger, texts, tip: parent };
  const statements = statementsFor(context, subject, asked);
  const ports = { repository: mirror.repository, statements };
  const judgement = await judgeAlways(context, subject, target, () => Promise.resolve(ports), turn.signal);
  await publishOn(context, subject, commit, judgement, broken);
  return judgement;
}

async function publishFindings(
  context: Context,
  subject: PushSubject,
  commit: Oid,
  findings: readonly Finding[],
): Promise<Ending> {
  const { branch, before } = subject;
  const target = { kind: 'step', branch, parent: isZero(before) ? commit : before, commit } as const;
  await publishOn(context, subject, commit, {
    facts: null,
    verdict: stopped(target, findings),
    retry: false,
  });
  return { kind: 'done' };
}

async function publishOn(
  context: Context,
  subject: PushSubject,
  commit: Oid,
  judgement: Judgement,
  broken: Oid | null = null,
): Promise<void> {
  const checks = checksOf(context, subject);
  const runs = new Map((await listOwnRuns(checks, commit)).map((run) => [run.name, run]));
  const board: Board = { checks, head: commit, runs };
  const { facts, verdict } = judgement;
  const unprovable = lastUnprovable(context, subject, subject.branch);
  const reportContext = contextOf(facts, { url: urlOf(context, subject), pull: null, ...unprovable });
  const output = follow(broken, checkOf(verdict, reportContext));
  const id = await publish(board, output);
  await retractOthers(board, subject.branch, output.name);
  record(context, subject, judgement, id);
}

/** A step may be good by the policy at its parent, which a bad step of the same push has just put there: it is not green. */
function follow(broken: Oid | null, output: CheckOutput): CheckOutput {
  if (broken === null || output.conclusion !== 'success') return output;
  const title = `landed together with ${broken.slice(0, 10)}, which is not as the policy demands`;
  return { ...output, conclusion: 'failure', title, summary: `### ❌ ${title}\n\n${output.summary}` };
}

/** A policy that has changed judges all open changes of its branch anew. Where it has not, the sweep of the same push does. */
async function takeBackWhereNew(context: Context, subject: PushSubject, mirror: Mirror): Promise<void> {
  const { branch, before, after } = subject;
  if (await samePolicy(mirror.repository, before, after)) return;
  await takeBackPulls(context, subject, branch);
}
