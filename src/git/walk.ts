import { parseCommit } from '../core/object/commit.ts';
import type { Commit } from '../core/object/commit.ts';
import { formatOf, parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { HashedStore } from './hashed-store.ts';
import type { ObjectReader } from './objects.ts';
import { forged, missing } from './objects.ts';
import { failed, runGit } from './run.ts';
import type { GitResult } from './run.ts';

/** What walks work on: a repository of ours and the verified reader over it. */
export interface Ground {
  readonly gitDir: string;
  readonly format: ObjectFormat;
  readonly objects: ObjectReader;
  /** Where git merges and compares contents. */
  readonly hashed: HashedStore;
  /** Ends reading that nobody will use. */
  readonly signal?: AbortSignal;
}

/** One commit with its headers takes a few hundred bytes; signatures and messages some thousand. */
export const COMMIT_BYTES = 1024 * 1024;
export interface Listing {
  readonly listed: readonly Oid[];
  /** What was met below the listed commits: by git's word, reachable from the tip. */
  readonly edge: readonly Oid[];
}

const FIRST_CHUNK = 64;
const LARGEST_CHUNK = 8192;
const LISTING_BYTES = 256 * 1024 * 1024;

/** Verified, parsed commits in the order asked. A commit whose bytes make no sense is `object-forged`. */
export async function readParsed(ground: Ground, ids: readonly Oid[]): Promise<readonly Commit[]> {
  const raws = await ground.objects.readObjects(ids, 'commit', COMMIT_BYTES);
  return raws.map((raw, index) => {
    const id = ids[index];
    if (id === undefined) throw new Error('more answers than questions');
    const parsed = parseCommit(id, raw);
    if (parsed.ok) return parsed.commit;
    if (parsed.problem === 'commit-hash-mismatch') throw forged('commit', id);
    throw new Unreadable('object-forged', `commit \`${id}\` is malformed: ${parsed.detail}`, {
      passing: false,
    });
  });
}

/**
 * git lists; the caller hashes what is listed. Here the list is checked to be closed under the parents that the hashed
 * bytes name: each is listed too, or git says that it is reachable from `tip`.
 */
export async function listCommits(ground: Ground, tip: Oid, head: Oid, limit: number): Promise<Listing> {
  await mustHave(ground, [tip, head]);
  const args = ['rev-list', '--topo-order', `--max-count=${limit + 1}`, '--end-of-options', head, `^${tip}`];
  const listed = parseIds(await readListing(ground, args), ground.format);
  if (listed.length > limit) {
    throw new Unreadable('list-cut', `more than ${limit} commits lie between \`${tip}\` and \`${head}\``, {
      passing: false,
    });
  }
  const within = new Set(listed);
  const position = new Map(listed.map((id, index) => [id, index]));
  const boundary = new Set<Oid>();
  for (const commit of await readListed(ground, listed)) {
    for (const parent of commit.parents) {
      if (!within.has(parent)) boundary.add(parent);
      else if ((position.get(parent) ?? -1) <= (position.get(commit.id) ?? -1)) throw notClosed(parent);
    }
  }
  if (listed.length > 0 && listed[0] !== head) throw notClosed(head);
  const edge = listed.length === 0 ? [head] : [...boundary];
  await mustReach(ground, edge, tip);
  return { listed, edge };
}

/** Malformed commits are left to the caller's judgement: only what parses is asked for its parents. */
async function readListed(ground: Ground, ids: readonly Oid[]): Promise<readonly Commit[]> {
  const raws = await ground.objects.readObjects(ids, 'commit', COMMIT_BYTES);
  return raws.flatMap((raw, index) => {
    const id = ids[index];
    const parsed = id === undefined ? null : parseCommit(id, raw);
    return parsed?.ok === true ? [parsed.commit] : [];
  });
}

export async function mustReach(ground: Ground, ids: readonly Oid[], tip: Oid): Promise<void> {
  if (ids.length === 0) return;
  await mustHave(ground, ids);
  const input = `${[...ids, `^${tip}`].join('\n')}\n`;
  const beyond = await readListing(ground, ['rev-list', '--max-count=1', '--stdin'], input);
  const [first] = parseIds(beyond, ground.format);
  if (first !== undefined) throw notClosed(first);
}

export function notClosed(id: Oid): Unreadable {
  return new Unreadable(
    'object-forged',
    `git's list of commits does not follow from the commits: \`${id}\``,
    {
      passing: false,
    },
  );
}

/** All best common ancestors; empty for unrelated histories. */
export async function mergeBases(ground: Ground, a: Oid, b: Oid): Promise<readonly Oid[]> {
  await mustHave(ground, [a, b]);
  const args = ['merge-base', '--all', '--end-of-options', a, b];
  const result = await runGit(args, { gitDir: ground.gitDir });
  // git 2.39 answers "none" with exit code 1 also where a parent is missing, and complains on standard error only.
  if (result.code > 1 || complains(result)) throw failed(args, result);
  return parseIds(result.stdout, ground.format);
}

/** Whether `ancestor` is reachable from (or is) `descendant`. What the store lacks, or is no commit, is not. */
export async function isReachable(ground: Ground, ancestor: Oid, descendant: Oid): Promise<boolean> {
  await mustHave(ground, [descendant]);
  const [info] = await ground.objects.readInfo([ancestor]);
  if (info?.type !== 'commit') return false;
  if (ancestor === descendant) return true;
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant];
  const result = await runGit(args, { gitDir: ground.gitDir });
  if (result.code > 1 || complains(result)) throw failed(args, result);
  return result.code === 0;
}

/**
 * The first-parent line from `to` down to `from`, oldest first, `from` excluded. git lists ahead; each link is then
 * taken from the hashed bytes of the commit, so a forged graph can only be refused.
 */
export async function firstParents(
  ground: Ground,
  from: Oid,
  to: Oid,
  limit: number,
): Promise<readonly Oid[] | null> {
  const line: Oid[] = [];
  let next: Oid | null = to;
  let chunk = FIRST_CHUNK;
  while (next !== null && next !== from) {
    const args = ['rev-list', '--first-parent', `--max-count=${chunk}`, '--end-of-options', next];
    const ahead = await listAhead(ground, args, next);
    const commits: readonly Commit[] = await readParsed(ground, ahead);
    for (const commit of commits) {
      if (commit.id !== next) throw notClosed(commit.id);
      if (commit.id === from) break;
      if (line.length >= limit) {
        throw new Unreadable('list-cut', `more than ${limit} steps lie below \`${to}\``, { passing: false });
      }
      line.push(commit.id);
      next = commit.parents[0] ?? null;
      if (next === null) break;
    }
    chunk = Math.min(chunk * 4, LARGEST_CHUNK);
  }
  return next === null ? null : line.reverse();
}

/** The listing is only a hint of what to read next: where git can't walk on, one commit is read at a time. */
async function listAhead(ground: Ground, args: readonly string[], next: Oid): Promise<readonly Oid[]> {
  const [info] = await ground.objects.readInfo([next]);
  if (info === null || info === undefined) throw missing('commit', next);
  const result = await runGit(args, { gitDir: ground.gitDir });
  const listed = result.code === 0 ? parseIds(result.stdout, ground.format) : [];
  return listed[0] === next ? listed : [next];
}

/** Throws `object-missing` unless all of these are commits here. Their bytes are not looked at. */
export async function mustHave(ground: Ground, ids: readonly Oid[]): Promise<void> {
  const infos = await ground.objects.readInfo(ids);
  infos.forEach((info, index) => {
    const id = ids[index] ?? '';
    if (info === null) throw missing('commit', id);
    if (info.type !== 'commit') {
      throw new Unreadable('object-missing', `object \`${id}\` is a ${info.type}, not a commit`, {
        passing: false,
      });
    }
  });
}

/** LC_ALL=C keeps these words. */
function complains(result: GitResult): boolean {
  return /(?:^|; )(?:error|fatal):/.test(result.stderr);
}

/** Runs a listing whose complaints are failures even where git exits with 0. */
export async function readListing(
  ground: Ground,
  args: readonly string[],
  input?: string,
): Promise<Uint8Array> {
  const options = {
    gitDir: ground.gitDir,
    maxBytes: LISTING_BYTES,
    ...(input === undefined ? {} : { input }),
  };
  const result = await runGit(args, options);
  if (result.code !== 0 || complains(result)) throw failed(args, result);
  return result.stdout;
}

/** Ids, one a line, all of the repository's format. */
export function parseIds(bytes: Uint8Array, format: ObjectFormat): Oid[] {
  const text = Buffer.from(bytes).toString('latin1').trimEnd();
  if (text === '') return [];
  return text.split('\n').map((line) => {
    const id = parseOid(line);
    if (id === null || formatOf(id) !== format) {
      throw new Unreadable('git-failed', 'git answered with something that is no object id');
    }
    return id;
  });
}
