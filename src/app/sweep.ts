import type { Oid } from '../core/object/id.ts';
import { listOwnRuns, type CheckRun } from '../github/checks.ts';
import { ForgeFailure } from '../github/client.ts';
import { listInstallations, listOpenPulls, listPullsWith, listRepositories } from '../github/pulls.ts';
import { pullAt, pushEnds, subjectKey, type Place, type Subject } from '../github/subject.ts';
import { checksOf, clientOf, projectOf, type Context } from './context.ts';
import { onePerCheck } from './take-back.ts';
import type { Ending } from './worker.ts';

type PushSubject = Extract<Subject, { kind: 'push' }>;

export type SweepSubject = Extract<Subject, { kind: 'sweep' }>;

const CHECK_NAME = /^countersign (?:\(observe\) )?\/ (.+)$/;

/** Marks everything as wanted that may have to be judged again: open pull requests, and the steps of a commit. */
export async function handleSweep(context: Context, subject: SweepSubject): Promise<Ending> {
  try {
    const wanted = subject.head === null ? await openPulls(context, subject) : await atHead(context, subject);
    context.want(wanted, subject.head === null ? 'background' : 'event');
    context.log.info({ repository: `${subject.owner}/${subject.repo}`, wanted: wanted.length }, 'swept');
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof ForgeFailure) || error.status !== 404) throw error;
    context.log.warn({ reason: error.message }, 'a repository is gone');
    return { kind: 'done' };
  }
}

async function openPulls(context: Context, subject: SweepSubject): Promise<Subject[]> {
  const pulls = await listOpenPulls(clientOf(context, subject), subject, subject.branch);
  return onePerCheck(pulls).map(({ number }) => pullAt(subject, number));
}

/** Somebody asked for the checks of a commit again, or said something about it. Which those are, our own runs on it say. */
async function atHead(context: Context, subject: SweepSubject): Promise<Subject[]> {
  const { head, branch } = subject;
  if (head === null) return [];
  const pulls = await listPullsWith(clientOf(context, subject), subject, head);
  const proposed = pulls.filter((pull) => pull.open && pull.head === head);
  const asked = onePerCheck(proposed).filter(({ base }) => branch === null || base === branch);
  const others = pullsThatHad(context, subject, head).filter(
    (had) => !proposed.some(({ number }) => number === had),
  );
  const wanted = [...asked.map(({ number }) => number), ...others].map((number) => pullAt(subject, number));
  const pushes = await pushesThatBrought(context, subject, head);
  return [...wanted, ...pushes.filter((push) => branch === null || push.branch === branch)];
}

/** The pushes that brought a commit to branches, as they were judged: our own runs on it say which branches those are. */
export async function pushesThatBrought(context: Context, place: Place, head: Oid): Promise<PushSubject[]> {
  const runs = await runsOn(context, place, head);
  const branches = new Set(runs.flatMap(({ name }) => CHECK_NAME.exec(name)?.[1] ?? []));
  return [...branches].flatMap((branch) => pushTo(context, place, branch, head));
}

/** A statement may be about a commit that GitHub does not know (any more): there is nothing to judge then. */
async function runsOn(context: Context, place: Place, head: Oid): Promise<readonly CheckRun[]> {
  try {
    return await listOwnRuns(checksOf(context, place), head);
  } catch (error) {
    if (error instanceof ForgeFailure && error.status === 422) return [];
    throw error;
  }
}

/** Pull requests that once had this head: a "no" to it still stands there. Those that are closed end at once. */
function pullsThatHad(context: Context, subject: SweepSubject, head: Oid): readonly number[] {
  const here = subjectKey(pullAt(subject, 1)).replace(/ 1$/, ' ');
  const numbers = context.store
    .subjectsWith(head)
    .map((key) => (key.startsWith(here) ? Number(key.slice(here.length)) : 0));
  return numbers.filter((number) => Number.isSafeInteger(number) && number > 0);
}

/**
 * The push that brought `head` to a branch, as it was judged. It is judged again whole: what condemned it may be the push
 * and not the step, such as a branch that was rewritten. Where none is recorded, what stands on the commit stays.
 */
function pushTo(context: Context, place: Place, branch: string, head: Oid): PushSubject[] {
  const { installation, owner, repo } = place;
  return context.store
    .judgedSubjects(projectOf(context, place), branch, head)
    .flatMap((key): PushSubject[] => {
      const ends = pushEnds(key);
      return ends ? [{ kind: 'push', installation, owner, repo, branch, ...ends }] : [];
    });
}

/** Every repository that the app is installed on: a lost event is then a delay, and nothing worse (attack 28). */
export async function handleEverything(context: Context): Promise<Ending> {
  let failed: unknown = null;
  for (const { id, suspended } of await listInstallations(context.forge.app)) {
    if (suspended) continue;
    try {
      const repositories = await listRepositories(context.forge.installation(id));
      context.want(
        repositories.map((name) => ({
          kind: 'sweep',
          installation: id,
          ...name,
          branch: null,
          head: null,
        })),
        'background',
      );
    } catch (error) {
      // One installation that is broken must not keep the others from being looked through.
      failed = error;
    }
  }
  if (failed !== null) throw failed instanceof Error ? failed : new Error('an installation cannot be read');
  return { kind: 'done' };
}
