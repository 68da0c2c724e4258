import { parseOid, type Oid } from '../../core/object/id.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchCommits } from '../../git/own.ts';
import type { ForgeRepository } from '../../github/personal.ts';
import { listOpenPulls, listPullsWith, readPull, type PullRequest } from '../../github/pulls.ts';
import { EXIT } from '../io.ts';
import { resolveRange, UsageError } from '../revisions.ts';
import { fetchBases, findBase } from './base.ts';
import { Refusal, remarkText } from './refusal.ts';
import { needForge, type WorkOptions, type Workplace } from './workplace.ts';

/** A change that somebody wants to look at: what it is proposed for, its head, and where it was proposed. */
export interface Subject {
  readonly branch: string;
  /** The tip of the branch: its policy judges. */
  readonly tip: Oid;
  readonly head: Oid;
  /** The pull requests that what is signed is posted on; the first one is what was asked for. */
  readonly pulls: readonly PullRequest[];
}

export interface WantedPull {
  readonly kind: 'pull';
  readonly number: number;
  /** Where it is, if it was named by its address. */
  readonly at: ForgeRepository | null;
}

export type Wanted = WantedPull | { readonly kind: 'revision'; readonly text: string };

/** More open pull requests than one person looks through in one go. */
const MOST_AT_ONCE = 200;

/** `17`, `#17`, the address of a pull request; anything else is a revision. */
export function parseWanted(text: string): Wanted {
  const [, number] = /^#?([1-9][0-9]{0,8})$/.exec(text) ?? [];
  if (number !== undefined) return { kind: 'pull', number: Number(number), at: null };
  const [, host, owner, repo, linked] =
    /^https?:\/\/([^/\s]{1,260})\/([^/\s]{1,100})\/([^/\s]{1,104})\/pull\/([1-9][0-9]{0,8})(?:[/#?].*)?$/.exec(
      text,
    ) ?? [];
  if (host === undefined || owner === undefined || repo === undefined) return { kind: 'revision', text };
  return { kind: 'pull', number: Number(linked), at: { host, owner, repo } };
}

export function isPull(text: string | undefined): boolean {
  return text !== undefined && parseWanted(text).kind === 'pull';
}

/** Reads pull requests and fetches all of them, with the branches that they are for, in one go. */
export async function openPulls(
  work: Workplace,
  wanted: readonly WantedPull[],
  options: WorkOptions,
): Promise<readonly Subject[]> {
  const { client, name } = needForge(work);
  for (const one of wanted) refuseElsewhere(one, name);
  const pulls: PullRequest[] = [];
  for (const number of new Set(wanted.map((one) => one.number))) {
    const pull = await readPull(client, name, number);
    if (!pull.open) {
      throw new Refusal(
        'pull-closed',
        `#${number} is not open`,
        'what a landed step lacks is signed with `countersign repair COMMIT`',
      );
    }
    if (!isBranchName(pull.base)) {
      const message = `#${number} is for \`${pull.base}\`, which cannot be the name of a branch`;
      throw new Refusal('branch-unusable', message, 'close it: nothing can be signed for it');
    }
    pulls.push(pull);
  }
  return openSubjects(work, pulls, options);
}

/** The same number means something else anywhere else. Names of hosts, owners and repositories have no letter case. */
function refuseElsewhere({ number, at }: WantedPull, { host, owner, repo }: ForgeRepository): void {
  const here = [host, owner, repo].join('/');
  if (at === null || [at.host, at.owner, at.repo].join('/').toLowerCase() === here.toLowerCase()) return;
  throw new Refusal(
    'pull-elsewhere',
    `#${number} of \`${at.host}/${at.owner}/${at.repo}\` is none of \`${here}\``,
    'name the remote or the clone that it belongs to: `--remote NAME`, `--repository DIR`',
    EXIT.usage,
  );
}

/** All open pull requests, of one branch where one is named, the oldest first. */
export async function openAllPulls(work: Workplace, options: WorkOptions): Promise<readonly Subject[]> {
  const { client, name } = needForge(work);
  const pulls = await listOpenPulls(client, name, options.branch ?? null);
  const left = pulls.length - MOST_AT_ONCE;
  if (left > 0) {
    const message = `the ${MOST_AT_ONCE} oldest of ${pulls.length} open pull requests are looked at`;
    const remedy = 'name others by their numbers';
    work.io.err(remarkText({ code: 'pulls-left', message, remedy }));
  }
  return openSubjects(work, pulls.slice(0, MOST_AT_ONCE), options);
}

async function openSubjects(
  work: Workplace,
  pulls: readonly PullRequest[],
  { fetch }: WorkOptions,
): Promise<readonly Subject[]> {
  const usable = pulls.filter(({ base }) => isBranchName(base));
  for (const { number } of pulls.filter((pull) => !usable.includes(pull))) {
    const message = `#${number} is for a branch with an unusable name`;
    work.io.err(remarkText({ code: 'branch-unusable', message, remedy: null }));
  }
  if (fetch && usable.length > 0) {
    const heads = usable.map(({ number }) => `+refs/pull/${number}/head:refs/countersign/pull/${number}`);
    await fetchBases(work, [...new Set(usable.map(({ base }) => base))], heads);
  }
  const subjects: Subject[] = [];
  for (const pull of usable) {
    const tip = await findBase(work, pull.base, fetch);
    const [info] = await work.opened.objects.readInfo([pull.head]);
    if (tip === null || info?.type !== 'commit') {
      throw new Refusal(
        'pull-unfetched',
        `#${pull.number} could not be fetched as GitHub describes it: its head is ${pull.head}`,
        'try again: it may have been pushed to just now',
      );
    }
    subjects.push({ branch: pull.base, tip, head: pull.head, pulls: [pull] });
  }
  return subjects;
}

/**
 * What a revision would bring to a branch. Only git is needed; where the forge can be asked as well, what is signed is
 * posted on the open pull requests that have it.
 */
export async function openRevision(work: Workplace, text: string, options: WorkOptions): Promise<Subject> {
  const { opened, directory, remote, io } = work;
  const { branch: named, base, repository, fetch } = options;
  const branch = named ?? (base === undefined ? await opened.refs.defaultBranch() : null);
  const usable = branch !== null && isBranchName(branch);
  let fetched = fetch;
  if (fetch && remote !== null) {
    const id = parseOid(text);
    const [info] = id === null ? [] : await opened.objects.readInfo([id]);
    if (id !== null && info === null) await fetchCommits(directory, remote, [id]);
    if (usable && base === undefined) {
      await fetchBases(work, [branch]).catch((error: unknown) => {
        if (!(error instanceof Unreadable)) throw error;
        fetched = false;
        io.err(remarkText({ code: 'not-fetched', message: error.message, remedy: null }));
      });
    }
  }
  const fresh = usable ? await findBase(work, branch, fetched) : null;
  const tracked = base === undefined && fresh !== null ? fresh : base;
  const range = await resolveRange(opened, {
    repository,
    head: text,
    ...(branch === null ? {} : { branch }),
    ...(tracked === undefined ? {} : { base: tracked }),
  });
  const { head, base: tip } = range;
  const pulls = await findPostable(work, (pull) => pull.open && pull.base === range.branch, head);
  return { branch: range.branch, tip, head, pulls };
}

/** The same as far as this person can post on them: without a token what they sign is printed. */
export async function findPostable(
  work: Workplace,
  belongs: (pull: PullRequest) => boolean,
  commit: Oid,
): Promise<readonly PullRequest[]> {
  return work.forge?.known === true ? findPulls(work, belongs, commit) : [];
}

/** The pull requests that a commit belongs to by the forge's word; none where it cannot be asked. */
export async function findPulls(
  { forge, io }: Workplace,
  belongs: (pull: PullRequest) => boolean,
  commit: Oid,
): Promise<readonly PullRequest[]> {
  if (forge === null) return [];
  try {
    return (await listPullsWith(forge.client, forge.name, commit)).filter(belongs);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    io.err(remarkText({ code: 'forge-failed', message: error.message, remedy: null }));
    return [];
  }
}

/** Exactly one pull request or revision, HEAD where nothing is named. */
export async function openOne(
  work: Workplace,
  text: string | undefined,
  options: WorkOptions,
): Promise<Subject> {
  const wanted = parseWanted(text ?? 'HEAD');
  if (wanted.kind === 'revision') return openRevision(work, wanted.text, options);
  const [subject] = await openPulls(work, [wanted], options);
  if (subject === undefined) throw new UsageError(`#${wanted.number} is for a branch with an unusable name`);
  return subject;
}
