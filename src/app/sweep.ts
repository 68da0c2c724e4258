import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { listOwnRuns } from '../github/checks.ts';
import { ForgeFailure } from '../github/client.ts';
import { listInstallations, listOpenPulls, listPullsWith, listRepositories } from '../github/pulls.ts';
import type { Subject } from '../github/subject.ts';
import { checksOf, clientOf, type Context } from './context.ts';
import type { Ending } from './worker.ts';

export type SweepSubject = Extract<Subject, { kind: 'sweep' }>;

const CHECK_NAME = /^countersign (?:\(observe\) )?\/ (.+)$/;
/** First parents that are looked through for a step that is to be judged again. */
const LONGEST_LINE = 10_000;

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
  return pulls.map(({ number }) => pullSubject(subject, number));
}

/** Somebody asked for the checks of a commit again. Which those are, our own runs on it say. */
async function atHead(context: Context, subject: SweepSubject): Promise<Subject[]> {
  const { head } = subject;
  if (head === null) return [];
  const pulls = await listPullsWith(clientOf(context, subject), subject, head);
  const wanted = pulls
    .filter((pull) => pull.open && pull.head === head)
    .map(({ number }) => pullSubject(subject, number));
  const runs = await listOwnRuns(checksOf(context, subject), head);
  const branches = new Set(runs.flatMap(({ name }) => CHECK_NAME.exec(name)?.[1] ?? []));
  for (const branch of branches) wanted.push(...(await stepAt(context, subject, branch, head)));
  return wanted;
}

/** The step of `branch` that `head` is; empty where it is none. */
async function stepAt(
  context: Context,
  { installation, owner, repo }: SweepSubject,
  branch: string,
  head: Oid,
): Promise<Subject[]> {
  return context.mirrors.borrow({ installation, owner, repo }, async (mirror) => {
    const tip = await mirror.fetchBranchTip(branch);
    if (tip === null) return [];
    await mirror.fetchCommits([head]);
    const [raw] = await mirror.repository.readCommits([head]);
    const parsed = raw ? parseCommit(head, raw) : null;
    const before = parsed?.ok === true ? parsed.commit.parents[0] : undefined;
    if (before === undefined || !(await mirror.repository.isReachable(head, tip))) return [];
    if ((await mirror.repository.firstParents(head, tip, LONGEST_LINE)) === null) return [];
    return [{ kind: 'push', installation, owner, repo, branch, before, after: head }];
  });
}

function pullSubject({ installation, owner, repo }: SweepSubject, number: number): Subject {
  return { kind: 'pull', installation, owner, repo, number };
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
