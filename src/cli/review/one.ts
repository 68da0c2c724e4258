import { parseOid, type Oid } from '../../core/object/id.ts';
import { parseCommit, type Commit } from '../../core/object/commit.ts';
import { Unreadable } from '../../gather/ports.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { fetchCommits } from '../../git/own.ts';
import { EXIT } from '../io.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { readStatementsFile } from '../statements-file.ts';
import { fetchBases, findBase } from './base.ts';
import { judgeItem, type Item } from './item.ts';
import { readKeptAt } from './kept.ts';
import { findMe, type Me } from './me.ts';
import { Refusal, remarkText } from './refusal.ts';
import { findPostable, openOne, type Subject } from './subject.ts';
import type { WorkOptions, Workplace } from './workplace.ts';

/** One change or step, and who sits here. */
export interface Case {
  readonly item: Item;
  readonly me: Me;
}

/** A pull request, or what a revision would bring; HEAD where nothing is named. */
export async function openChange(
  work: Workplace,
  text: string | undefined,
  options: WorkOptions,
): Promise<Case> {
  const subject = await openOne(work, text, options);
  const { branch, tip, head } = subject;
  const kept = await readKeptAt(work, subject);
  const files = await Promise.all(
    (options.statements ?? []).map((file) => readStatementsFile(file, 'review', work.io)),
  );
  const item = await judgeItem(work, subject, { kind: 'change', branch, tip, head }, kept, files);
  return { item, me: await findMe(work.directory, options.as, item.policy, item.facts.policy) };
}

/** A step that a branch has taken, judged by the policy of its first parent, and who sits here. */
export async function openStep(work: Workplace, revision: string, options: WorkOptions): Promise<Case> {
  const item = await openLanded(work, revision, options);
  return { item, me: await findMe(work.directory, options.as, item.policy, item.facts.policy) };
}

/** The step alone: what it lacks can be said to anybody. */
export async function openLanded(work: Workplace, revision: string, options: WorkOptions): Promise<Item> {
  const { opened, directory, remote } = work;
  await refuseAmbiguous(opened, revision, 'commit');
  const id = parseOid(revision);
  const [info] = id === null ? [] : await opened.objects.readInfo([id]);
  if (id !== null && info === null && remote !== null && options.fetch) {
    await fetchCommits(directory, remote, [id]);
  }
  const commit = await opened.resolve(revision);
  if (commit === null) {
    throw new Unreadable('object-missing', `\`${revision}\` names no commit in this repository: fetch it`, {
      passing: false,
    });
  }
  const { parents } = await readCommit(work, commit);
  const [parent] = parents;
  if (parent === undefined) {
    throw new Refusal('no-parent', `${commit} has no parent: it is no step of a branch`);
  }
  const branch = options.branch ?? (await opened.refs.defaultBranch()) ?? (await opened.refs.currentBranch());
  if (branch === null) throw new UsageError('name the branch that it landed on: --branch NAME');
  await refuseAside(work, { branch, commit, revision }, options);
  const pulls = await findLandings(work, parents[1], commit);
  const subject: Subject = { branch, tip: parent, head: commit, pulls };
  const kept = await readKeptAt(work, subject);
  return judgeItem(work, subject, { kind: 'step', branch, parent, commit }, kept);
}

/** Further back nobody looks: what is not refused here is judged all the same. */
const LONGEST_LINE = 100_000;

/** A step is on the first-parent line of its branch, here or as the remote last showed it. Throws `Refusal`. */
async function refuseAside(
  work: Workplace,
  { branch, commit, revision }: { branch: string; commit: Oid; revision: string },
  { fetch }: WorkOptions,
): Promise<void> {
  const { opened, remote } = work;
  if (!isBranchName(branch)) throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
  if ((await isStep(work, branch, commit)) !== false) return;
  if (fetch && remote !== null) {
    await fetchBases(work, [branch]).catch((error: unknown) => {
      if (!(error instanceof Unreadable)) throw error;
      work.io.err(remarkText({ code: 'not-fetched', message: error.message, remedy: null }));
    });
    if ((await isStep(work, branch, commit)) !== false) return;
  }
  const tips = await tipsOf(work, branch);
  const landed = (await Promise.all(tips.map((tip) => opened.repository.isReachable(commit, tip)))).some(
    (one) => one,
  );
  throw new Refusal(
    'not-a-step',
    landed
      ? `\`${revision}\` is not on the first-parent line of \`${branch}\`: a merge brought it`
      : `\`${revision}\` has not landed on \`${branch}\``,
    landed
      ? 'name the merge that brought it'
      : 'name the branch that it landed on with `--branch NAME`; what has not landed is reviewed: `countersign review`',
    EXIT.usage,
  );
}

/** `null`: that cannot be told here. */
async function isStep(work: Workplace, branch: string, commit: Oid): Promise<boolean | null> {
  const { repository } = work.opened;
  const tips = await tipsOf(work, branch);
  if (tips.length === 0) return null;
  try {
    for (const tip of tips) {
      if (commit === tip || (await repository.firstParents(commit, tip, LONGEST_LINE)) !== null) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** As the remote showed it, by our own fetching and by the person's, and as it is here. */
async function tipsOf(work: Workplace, branch: string): Promise<readonly Oid[]> {
  const own = (await work.opened.refs.findAll(`heads/${branch}`)).find(
    ({ ref }) => ref === `refs/heads/${branch}`,
  );
  const found = [await findBase(work, branch, true), await findBase(work, branch, false), own?.id ?? null];
  return [...new Set(found)].filter((id) => id !== null);
}

/** The pull requests that landed a step: by its own commit, else by what it merged. Open ones only where there is no other. */
async function findLandings(
  work: Workplace,
  merged: Oid | undefined,
  commit: Oid,
): Promise<Subject['pulls']> {
  const own = await findPostable(work, () => true, commit);
  const found = own.length > 0 || merged === undefined ? own : await findPostable(work, () => true, merged);
  const closed = found.filter(({ open }) => !open);
  return closed.length > 0 ? closed : found;
}

export async function readCommit({ opened }: Workplace, id: Oid): Promise<Commit> {
  const [raw] = await opened.repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}
