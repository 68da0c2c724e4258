import { join, resolve } from 'node:path';
import { formatOf } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Repository } from '../gather/ports.ts';
import { withLock } from './lock.ts';
import { openHashedStore } from './hashed-store.ts';
import { openObjects } from './objects.ts';
import type { ObjectReader } from './objects.ts';
import { makeReceiving } from './receiving.ts';
import { fetchAlone, fetchHistory, KEPT, parseRemoteUrl, readRemoteBranch } from './remote.ts';
import type { Remote } from './remote.ts';
import { commitsHere, repositoryOver } from './repository.ts';
import { runGitOk } from './run.ts';
import { openWorkspace } from './workspace.ts';

export interface MirrorOptions {
  /** The data directory; mirrors lie in `mirrors/<host>/<owner>/<name>.git` below it. */
  readonly directory: string;
  /** `https://host/owner/name`, `.git` optional. */
  readonly url: string;
  /** A credential for the remote, asked for before every connection; `null` for none. */
  readonly token: () => Promise<string | null>;
  /** Plain HTTP, to this machine only: for tests and demonstrations. */
  readonly allowHttp?: boolean;
  readonly format?: ObjectFormat;
  /** For one fetch. Defaults to 30 minutes: the first one of nixpkgs is large. */
  readonly timeoutMs?: number;
}

export interface Mirror {
  readonly repository: Repository;
  readonly objects: ObjectReader;
  readonly format: ObjectFormat;
  /** Where the mirror lies. */
  readonly gitDir: string;
  /**
   * Makes commits readable with their whole history and trees. No network where all were fetched before. Throws
   * `Unreadable`: `object-missing` for a commit that the remote does not know, `object-forged` for objects that git's
   * fsck refuses, `git-failed` where the remote can't be reached.
   */
  fetchCommits(ids: readonly Oid[]): Promise<void>;
  /** The tip of a branch on the remote now, made readable; `null` where there is no such branch. */
  fetchBranchTip(branch: string): Promise<Oid | null>;
  /** Makes contents readable, all that are missing in one go. `repository` does so by itself. */
  fetchBlobs(ids: readonly Oid[]): Promise<void>;
  /** Puts the packs of many fetches together. To be called now and then; readers may go on. */
  maintain(): Promise<void>;
  dispose(): Promise<void>;
}

const BLOB_BATCH = 5_000;
/** For how long a commit that the server does not have is not asked for again, in milliseconds. */
const GONE_MS = 10 * 60_000;
const MOST_GONE = 10_000;
const MAINTAIN_MS = 6 * 60 * 60_000;

/**
 * Opens the mirror of a repository on a server, made when first needed: bare, history and trees only, contents as they
 * are needed. Several processes may open one. git fetches into the mirror; reading, walking and merging happen in a
 * workspace that borrows its objects and knows of no remote, so nothing is ever fetched by accident, in no version of
 * git.
 */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const format = options.format ?? 'sha1';
  const { url, host, owner, name } = parseRemoteUrl(options.url, options.allowHttp ?? false);
  const gitDir = join(resolve(options.directory), 'mirrors', host.replace(':', '_'), owner, `${name}.git`);
  const remote: Remote = { url, token: options.token, timeoutMs: options.timeoutMs ?? 30 * 60_000 };
  await makeReceiving(gitDir, format, 'history');
  const workspace = await openWorkspace(format, [join(gitDir, 'objects')]);
  const objects = openObjects(workspace.gitDir, format);
  const hashed = openHashedStore(workspace);
  const ground = { gitDir: workspace.gitDir, format, objects, hashed };
  const kept = new Set<Oid>();
  /** Commits that the server does not have, by when it said so. */
  const gone = new Map<Oid, number>();
  const locked = <T>(act: () => Promise<T>): Promise<T> => withLock(`${gitDir}.lock`, act);

  async function notKept(ids: readonly Oid[]): Promise<readonly Oid[]> {
    const asked = [...new Set(ids)].filter((id) => !kept.has(id));
    for (const id of await readKept(gitDir, asked)) kept.add(id);
    return asked.filter((id) => !kept.has(id));
  }

  async function fetchCommits(ids: readonly Oid[]): Promise<void> {
    const strange = ids.find((id) => formatOf(id) !== format);
    if (strange !== undefined)
      throw new Unreadable('object-missing', `\`${strange}\` is no id of this repository`);
    if ((await notKept(ids)).length > 0) {
      await locked(async () => {
        const wanted = await notKept(ids);
        if (wanted.length > 0) await fetchHistory(gitDir, remote, wanted);
      });
    }
    const infos = await objects.readInfo(ids);
    ids.forEach((id, index) => {
      if (infos[index]?.type !== 'commit') throw new Unreadable('object-missing', `\`${id}\` is no commit`);
      kept.add(id);
    });
  }

  /** One by one: a server refuses a request whole because of one commit that it no longer has. */
  async function obtain(ids: readonly Oid[]): Promise<ReadonlySet<Oid>> {
    const asked = [...new Set(ids)].filter((id) => formatOf(id) === format);
    const here = await commitsHere(ground, asked);
    const found = new Set(here);
    for (const id of asked) {
      if (here.has(id) || isGone(id)) continue;
      try {
        await fetchCommits([id]);
        found.add(id);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        // What went wrong on the way there says nothing about the commit.
        if (error.code === 'object-missing' || error.code === 'object-forged') remember(id);
      }
    }
    return found;
  }

  function isGone(id: Oid): boolean {
    const since = gone.get(id);
    return since !== undefined && Date.now() - since < GONE_MS;
  }

  function remember(id: Oid): void {
    if (gone.size >= MOST_GONE) gone.clear();
    gone.set(id, Date.now());
  }

  async function missingOf(ids: readonly Oid[]): Promise<readonly Oid[]> {
    const unique = [...new Set(ids)].filter((id) => formatOf(id) === format);
    const infos = await objects.readInfo(unique);
    return unique.filter((_, index) => infos[index] === null);
  }

  async function fetchBlobs(ids: readonly Oid[]): Promise<void> {
    if ((await missingOf(ids)).length === 0) return;
    await locked(async () => {
      const wanted = await missingOf(ids);
      for (let from = 0; from < wanted.length; from += BLOB_BATCH) {
        await fetchAlone(gitDir, remote, wanted.slice(from, from + BLOB_BATCH));
      }
    });
  }

  return {
    // git hashed all objects when they came here, so its walks and merges need no second look.
    repository: repositoryOver(ground, {
      beforeReading: fetchBlobs,
      beforeMerging: fetchBlobs,
      afterListing: () => Promise.resolve(),
      afterBases: () => Promise.resolve(),
      obtain,
    }),
    objects,
    format,
    gitDir,
    fetchCommits,
    fetchBlobs,
    async fetchBranchTip(branch) {
      const id = await readRemoteBranch(gitDir, remote, branch, format);
      if (id !== null) await fetchCommits([id]);
      return id;
    },
    maintain: () =>
      locked(async () => {
        await runGitOk(['pack-refs', '--all'], { gitDir });
        await runGitOk(['repack', '-a', '-d', '-q'], { gitDir, timeoutMs: MAINTAIN_MS });
      }),
    async dispose() {
      await objects.dispose();
      await workspace.dispose();
    },
  };
}

/** Which of these commits a fetch brought here with all that they need. */
async function readKept(gitDir: string, ids: readonly Oid[]): Promise<readonly Oid[]> {
  if (ids.length === 0) return [];
  const patterns = ids.length > 200 ? [KEPT] : ids.map((id) => KEPT + id);
  const listed = await runGitOk(['for-each-ref', '--format=%(refname)', ...patterns], { gitDir });
  const names = new Set(Buffer.from(listed).toString('latin1').split('\n'));
  return ids.filter((id) => names.has(KEPT + id));
}
