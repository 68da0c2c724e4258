import type { Oid } from '../core/object/id.ts';
import { checkName, checkOf } from '../core/report/check.ts';
import { contextOf } from '../core/report/context.ts';
import { stopped } from '../core/verdict/evaluate.ts';
import { finding } from '../core/verdict/finding.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Mirror } from '../git/mirror.ts';
import { listOwnRuns } from '../github/checks.ts';
import { ForgeFailure } from '../github/client.ts';
import { readPull, type PullRequest } from '../github/pulls.ts';
import { subjectKey, type Subject } from '../github/subject.ts';
import type { Judgement } from '../judge.ts';
import { REVOKED } from '../store/store.ts';
import { checksOf, clientOf, projectOf, urlOf, type Context } from './context.ts';
import { readEnrolment } from './enrolment.ts';
import { failed, judgeAlways, record } from './judging.ts';
import { keepPosted } from './keep.ts';
import { countUnprovable, isCounted, lastUnprovable } from './provable.ts';
import { cancel, canSatisfy, publish, retractOthers, start, type Board } from './publish.ts';
import { wantSharing } from './retract.ts';
import { pushesThatBrought } from './sweep.ts';
import { ledgerOf, openTexts, statementsFor, type Texts } from './statements.ts';
import { takeBackPulls } from './take-back.ts';
import type { Ending, Turn } from './worker.ts';

export type PullSubject = Extract<Subject, { kind: 'pull' }>;

/**
 * Judges a pull request and publishes on the commit that was judged. The order is what attacks 3, 4, 5 and 29 rest on:
 * read, take the old verdict back, judge, read again, publish only if nothing has moved.
 */
export async function handlePull(context: Context, subject: PullSubject, turn: Turn): Promise<Ending> {
  const pull = await readPullOrNull(context, subject);
  if (pull === null) return { kind: 'done' };
  if (!pull.open) return handleClosed(context, subject, pull);
  // Pull requests that share a head share its check: one at a time, over all processes.
  if (!turn.claim(`${projectOf(context, subject).toLowerCase()} ${pull.head}`)) return { kind: 'busy' };
  // Before anything can fail: a "no" to this head stands when there is another one.
  context.store.noteHead(subjectKey(subject), pull.head, context.now());
  const checks = checksOf(context, subject, 'urgent');
  const runs = new Map((await listOwnRuns(checks, pull.head)).map((run) => [run.name, run]));
  // Whatever stands under the required name is taken back before anything that can fail or take long.
  const required = runs.get(checkName(pull.base, 'enforce'));
  if (required && canSatisfy(required)) await start({ checks, head: pull.head, runs }, required.name);
  const board: Board = { checks: checksOf(context, subject), head: pull.head, runs };
  try {
    return await context.mirrors.borrow(subject, (mirror) =>
      judgePull(context, subject, pull, board, mirror, turn),
    );
  } catch (error) {
    // Never silence: what goes wrong around the judging is published too, as far as GitHub itself still answers.
    if (!turn.signal.aborted && !(error instanceof ForgeFailure)) {
      const target = { kind: 'change', branch: pull.base, tip: pull.baseSha, head: pull.head } as const;
      await conclude(context, subject, board, failed(context, target, error), turn);
    }
    throw error;
  }
}

/**
 * What is said there counts when it is opened again, and may complete the step that it landed as (trust.md C17, F27). So it
 * is kept now: nobody knows how long it stays posted.
 */
async function handleClosed(context: Context, subject: PullSubject, pull: PullRequest): Promise<Ending> {
  const texts = await openTexts(context, subject)([pull]);
  if (texts.length > 0) {
    await context.mirrors.borrow(subject, (mirror) => {
      const base = { branch: pull.base, tip: null };
      return keepPosted(context, subject, mirror, { base, judging: null }, texts);
    });
  }
  if (pull.landed !== null) context.want(await pushesThatBrought(context, subject, pull.landed), 'event');
  return { kind: 'done' };
}

/** `null` where it, its repository or the installation is gone: then there is nothing to publish on. */
async function readPullOrNull(context: Context, subject: PullSubject): Promise<PullRequest | null> {
  try {
    return await readPull(clientOf(context, subject, 'urgent'), subject, subject.number);
  } catch (error) {
    if (!(error instanceof ForgeFailure) || (error.status !== 404 && error.status !== 410)) throw error;
    context.log.warn({ number: subject.number, reason: error.message }, 'a pull request is gone');
    return null;
  }
}

async function judgePull(
  context: Context,
  subject: PullSubject,
  pull: PullRequest,
  board: Board,
  mirror: Mirror,
  turn: Turn,
): Promise<Ending> {
  const prepared = await prepare(context, subject, pull, mirror);
  const texts = openTexts(context, subject);
  const unkept = await keepNews(context, subject, pull, mirror, { texts, prepared });
  if (prepared.kind === 'not-enrolled') {
    if (unkept !== null) throw unkept;
    return refuseUnenrolled(context, subject, pull, board, prepared.tip, prepared.patterns);
  }
  /**
   * The name depends on the policy's mode, so the policy is read before a run is made. Where it cannot be read the
   * required name is used: all that can come of it is a block, and an observed result never gets that name.
   */
  const mode = prepared.kind === 'ready' ? prepared.mode : 'enforce';
  await startOnce(board, checkName(pull.base, mode));
  const tip = prepared.kind === 'ready' ? prepared.tip : pull.baseSha;
  const target = { kind: 'change', branch: pull.base, tip, head: pull.head } as const;
  const ledger = ledgerOf(mirror);
  const judgement = await judgeAlways(
    context,
    subject,
    target,
    async () => {
      if (prepared.kind === 'broken') throw prepared.error;
      if (unkept !== null) throw unkept;
      await mirror.fetchCommits([pull.head]);
      const asked = { pull, landed: false, mirror, ledger, texts, tip };
      const statements = statementsFor(context, subject, asked);
      return { repository: mirror.repository, statements };
    },
    turn.signal,
  );
  const moved = await whatMoved(context, subject, pull, prepared.kind === 'ready' ? tip : null, mirror);
  if (moved !== null) return startOver(context, subject, pull, board, moved);
  const ending = await conclude(context, subject, board, judgement, turn);
  if (prepared.kind === 'ready' && !isCounted(context, subject, pull.base, tip)) {
    await countUnprovable(context, subject, mirror, { branch: pull.base, tip, ledger }, turn.signal);
  }
  return ending;
}

/** What went wrong is given back: it is published like anything else that keeps from judging. */
async function keepNews(
  context: Context,
  subject: PullSubject,
  pull: PullRequest,
  mirror: Mirror,
  { texts, prepared }: { texts: Texts; prepared: Prepared },
): Promise<Error | null> {
  const base = { branch: pull.base, tip: prepared.kind === 'broken' ? null : prepared.tip };
  const judging = { branch: pull.base, head: pull.head };
  try {
    const news = await keepPosted(context, subject, mirror, { base, judging }, await texts([pull]));
    // Before anything is judged with it, nothing may stand on the revoked key.
    if (news.some(({ head }) => head === REVOKED)) await takeBackPulls(context, subject, null);
    return null;
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

type Prepared =
  | { readonly kind: 'ready'; readonly tip: Oid; readonly mode: 'enforce' | 'observe' }
  | { readonly kind: 'not-enrolled'; readonly tip: Oid; readonly patterns: readonly string[] }
  | { readonly kind: 'broken'; readonly error: unknown };

async function prepare(
  context: Context,
  subject: PullSubject,
  pull: PullRequest,
  mirror: Mirror,
): Promise<Prepared> {
  try {
    const tip = await mirror.fetchBranchTip(pull.base);
    if (tip === null)
      throw new Unreadable('object-missing', `the branch \`${pull.base}\` is not in the repository`);
    const project = projectOf(context, subject);
    const enrolment = await readEnrolment(mirror.repository, tip, pull.base, project);
    if (enrolment.kind === 'none') return { kind: 'not-enrolled', tip, patterns: enrolment.patterns };
    return { kind: 'ready', tip, mode: enrolment.kind === 'observe' ? 'observe' : 'enforce' };
  } catch (error) {
    return { kind: 'broken', error };
  }
}

async function startOnce(board: Board, name: string): Promise<void> {
  const run = board.runs.get(name);
  if (!run || run.completed) await start(board, name);
}

/** Nothing is published on a branch that the policy leaves alone, but what stands there from before does not stay green. */
async function refuseUnenrolled(
  context: Context,
  subject: PullSubject,
  pull: PullRequest,
  board: Board,
  tip: Oid,
  patterns: readonly string[],
): Promise<Ending> {
  const { base: branch, head, number } = pull;
  context.log.info({ number, branch }, 'the policy does not enrol the branch; nothing published');
  if (board.runs.has(checkName(branch, 'enforce'))) {
    const target = { kind: 'change', branch, tip, head } as const;
    const verdict = stopped(target, [finding('branch-not-enrolled', { branch, patterns })]);
    await publish(board, checkOf(verdict, { url: urlOf(context, subject), pull: number }));
  }
  await retractOthers(board, branch, checkName(branch, 'enforce'));
  return { kind: 'done' };
}

type Moved = 'head' | 'base' | 'tip' | 'closed';

/** Reads head, base and tip once more: the last thing before publishing. `tip` is `null` where it never could be read. */
async function whatMoved(
  context: Context,
  subject: PullSubject,
  judged: PullRequest,
  tip: Oid | null,
  mirror: Mirror,
): Promise<Moved | null> {
  const now = await readPullOrNull(context, subject);
  if (now?.open !== true) return 'closed';
  if (now.head !== judged.head) return 'head';
  if (now.base !== judged.base) return 'base';
  return tip === null || (await mirror.fetchBranchTip(judged.base)) === tip ? null : 'tip';
}

/** What was judged is not what there is any more: it is not published, and what there is gets judged. */
async function startOver(
  context: Context,
  subject: PullSubject,
  pull: PullRequest,
  board: Board,
  moved: Moved,
): Promise<Ending> {
  context.log.info({ number: pull.number, moved }, 'something moved while it was judged; nothing published');
  if (moved !== 'tip') {
    const reason = moved === 'closed' ? 'the pull request was closed' : 'superseded';
    await cancel(board, pull.base, reason, 'What this would have said is about a state that is over.');
    // Others that share the old head have lost the run as well.
    await wantSharing(context, subject, pull.head);
  }
  if (moved !== 'closed') context.want([subject], 'event');
  return { kind: 'done' };
}

async function conclude(
  context: Context,
  subject: PullSubject,
  board: Board,
  judgement: Judgement,
  turn: Turn,
): Promise<Ending> {
  // A lease that ran out means that another process is judging: its verdict is the newer one.
  if (!turn.holds()) return { kind: 'done' };
  const { facts, verdict } = judgement;
  const unprovable = lastUnprovable(context, subject, verdict.target.branch);
  const place = { url: urlOf(context, subject), pull: subject.number, ...unprovable };
  const output = checkOf(verdict, contextOf(facts, place));
  const id = await publish(board, output);
  await retractOthers(board, judgement.verdict.target.branch, output.name);
  record(context, subject, judgement, id);
  return judgement.retry ? { kind: 'retry', reason: output.title } : { kind: 'done' };
}
