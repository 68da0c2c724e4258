import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOf, parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { LEDGER_BRANCH } from '../core/statement/names.ts';
import { makeFolders } from '../disk/make-folders.ts';
import { Unreadable } from '../gather/ports.ts';
import {
  fetchFollowedRefs,
  parseFollowedUrl,
  readFollowedRefs,
  type FollowedRemote,
} from './followed-remote.ts';
import { withLock } from './lock.ts';
import { makeReceiving } from './receiving.ts';
import { isBranchName } from './refs.ts';
import { runGitOk } from './run.ts';

/** What is known before anything is downloaded. */
export interface BeforeDownload {
  /** What the branches and the ledger point to there, by name without `refs/heads/`. */
  readonly heads: ReadonlyMap<string, Oid>;
  /** The same of the last time, as far as it is here. */
  readonly before: ReadonlyMap<string, Oid>;
  /** Bytes of packs that are here already. */
  readonly bytesHere: number;
  /** Whether anything has to be downloaded. */
  readonly isNew: boolean;
}

export interface FollowOptions {
  /** The folder of this program's caches. */
  readonly directory: string;
  /** See `parseFollowedUrl`. */
  readonly url: string;
  /** Without `refs/heads/`. The ledger comes with them. */
  readonly branches: readonly string[];
  readonly announce?: (known: BeforeDownload) => void;
  /** Takes git's words about how far a download is. */
  readonly onProgress?: (text: string) => void;
}

/** A repository of ours that has what a server has of some branches. */
export interface Followed {
  /** Bare; to be opened with `openRepository`. */
  readonly gitDir: string;
  /** What the branches point to there now, by name; those that it lacks are left out. */
  readonly heads: ReadonlyMap<string, Oid>;
  readonly ledger: Oid | null;
}

const MOST_PACKS = 40;
const MAINTAIN_MS = 6 * 60 * 60_000;

/**
 * Brings branches of a repository that is followed, with its ledger and nothing else, into a bare repository of ours below
 * `directory`: `followed/<SHA-256 of the URL>/`. What came before stays, so that it can be told when a server goes back.
 * Several processes may follow one repository. Throws `Unreadable`.
 */
export async function fetchFollowed(options: FollowOptions): Promise<Followed> {
  const { directory, branches } = options;
  const remote = parseFollowedUrl(options.url);
  const strange = branches.find((name) => !isBranchName(name));
  if (strange !== undefined) {
    throw new Unreadable('git-failed', `\`${strange}\` cannot be the name of a branch`, { passing: false });
  }
  const folder = join(directory, 'followed', createHash('sha256').update(remote.url).digest('hex'));
  await makeFolder(folder);
  return withLock(join(folder, 'lock'), () => bring(folder, remote, options));
}

async function bring(folder: string, remote: FollowedRemote, options: FollowOptions): Promise<Followed> {
  const { branches, announce, onProgress } = options;
  const names = [...new Set([...branches, LEDGER_BRANCH])];
  const listed = await readFollowedRefs(
    remote,
    names.map((name) => `refs/heads/${name}`),
  );
  const there = new Map(names.flatMap((name) => entry(name, listed.get(`refs/heads/${name}`))));
  const [first] = there.values();
  if (first === undefined || !branches.some((name) => there.has(name))) {
    const wanted = branches.map((name) => `\`${name}\``).join(', ');
    throw new Unreadable('git-failed', `\`${remote.url}\` has no branch ${wanted}`);
  }
  const format = formatOf(first);
  const gitDir = join(folder, `${format}.git`);
  await makeReceiving(gitDir, format, 'everything');
  await clearAway(gitDir);
  const before = await readKept(gitDir, names);
  const isNew = [...there].some(([name, id]) => before.get(name) !== id);
  announce?.({ heads: there, before, bytesHere: (await packsOf(gitDir)).bytes, isNew });
  if (isNew) {
    const refspecs = [...there.keys()].map((name) => `+refs/heads/${name}:${keptAs(name)}`);
    await fetchFollowedRefs(gitDir, remote, refspecs, onProgress);
    if ((await packsOf(gitDir)).count > MOST_PACKS) await maintain(gitDir);
  }
  // Branches may have moved on between the question and the download; all came in one connection.
  const kept = await readKept(gitDir, [...there.keys()]);
  const stuck = [...there].some(([name, id]) => {
    const now = kept.get(name);
    return now === undefined || (now !== id && now === before.get(name));
  });
  // git leaves a ref where it is without a word when the other side is a clone that was cut.
  if (stuck) {
    throw new Unreadable(
      'git-failed',
      `what \`${remote.url}\` has did not come: it is a clone that was cut (shallow), or it changed meanwhile`,
    );
  }
  return { gitDir, heads: kept, ledger: kept.get(LEDGER_BRANCH) ?? null };
}

/** One ref a branch, by its hash: `a` and `a/b`, or `Main` and `main`, never stand in each other's way. */
function keptAs(branch: string): string {
  return `refs/countersign/followed/${createHash('sha256').update(branch).digest('hex')}`;
}

async function readKept(gitDir: string, names: readonly string[]): Promise<ReadonlyMap<string, Oid>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/countersign/followed/'];
  const lines = Buffer.from(await runGitOk(args, { gitDir }))
    .toString('latin1')
    .split('\n');
  const ids = new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.split(' ')[0] ?? '']));
  return new Map(names.flatMap((name) => entry(name, parseOid(ids.get(keptAs(name)) ?? '') ?? undefined)));
}

function entry(name: string, id: Oid | undefined): readonly (readonly [string, Oid])[] {
  return id === undefined ? [] : [[name, id]];
}

async function makeFolder(folder: string): Promise<void> {
  await makeFolders(folder, 0o700).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new Unreadable('git-failed', `\`${folder}\` cannot be made: ${code}`, { cause });
  });
  const { uid, mode } = await stat(folder);
  if (uid === process.geteuid?.() && (mode & 0o022) === 0) return;
  throw new Unreadable(
    'repository-untrusted',
    `the cache \`${folder}\` belongs to another user, or others may change it: remove it`,
    { passing: false },
  );
}

/** What a fetch left behind that was killed. Nobody else fetches while we hold the lock. */
async function clearAway(gitDir: string): Promise<void> {
  const refs = join(gitDir, 'refs/countersign/followed');
  const packs = join(gitDir, 'objects/pack');
  const left = [
    ...(await namesIn(refs)).filter((name) => name.endsWith('.lock')).map((name) => join(refs, name)),
    ...(await namesIn(packs)).filter((name) => name.startsWith('tmp_')).map((name) => join(packs, name)),
    join(gitDir, 'packed-refs.lock'),
    join(gitDir, 'shallow.lock'),
  ];
  for (const path of left) await rm(path, { force: true });
}

async function packsOf(gitDir: string): Promise<{ readonly count: number; readonly bytes: number }> {
  const folder = join(gitDir, 'objects/pack');
  const packs = (await namesIn(folder)).filter((name) => name.endsWith('.pack'));
  let bytes = 0;
  for (const name of packs) bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
  return { count: packs.length, bytes };
}

/** Puts small packs together and throws nothing away: what a server took back is still to be recognised. */
async function maintain(gitDir: string): Promise<void> {
  await runGitOk(['repack', '--geometric=2', '-d', '-q'], { gitDir, timeoutMs: MAINTAIN_MS });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
