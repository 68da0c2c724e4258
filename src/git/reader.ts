import type { Line, Repository } from '../gather/ports.ts';
import { parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { findStores } from './borrowed.ts';
import type { StoredCommit } from './commit-records.ts';
import { countCommits, streamCommits } from './commit-stream.ts';
import type { Selection } from './commit-stream.ts';
import { openHashedStore } from './hashed-store.ts';
import { readLineage } from './lineage.ts';
import { portOver } from './lineage-port.ts';
import { openObjects } from './objects.ts';
import type { ObjectReader } from './objects.ts';
import { readPatch, type PatchEnd } from './patch.ts';
import { peelToCommits } from './peel.ts';
import { knownFolders } from './policy-folder.ts';
import type { KnownFolders } from './policy-folder.ts';
import { beginOpening } from './opening.ts';
import type { Opening } from './opening.ts';
import { lookUp } from './refs.ts';
import type { Refs } from './refs.ts';
import { checkedSupply, repositoryOver } from './repository.ts';
import { parseRevision } from './revision.ts';
import { walkSteps } from './revision-walk.ts';
import type { Ground } from './walk.ts';
import { keepingTrees } from './trees.ts';
import { openWorkspace } from './workspace.ts';

export interface OpenRepository {
  readonly repository: Repository;
  readonly refs: Refs;
  /** The commit that a revision names, tags peeled and parents followed by us; `null` where there is none. */
  resolve(revision: string): Promise<Oid | null>;
  /**
   * The steps of a branch between two commits; `null` where the first parents of `to` do not lead to `from`. Whoever asks
   * once more for what was asked last gets the same.
   */
  line(from: Oid, to: Oid): Promise<Line | null>;
  /** The commits that objects of this repository are or, being tags, lead to; `null` for trees and blobs. */
  peel(ids: readonly Oid[]): Promise<readonly (Oid | null)[]>;
  /** Commits as they come, not yet hashed: see commit-stream.ts. */
  stream(selection: Selection): AsyncIterable<readonly StoredCommit[]>;
  /** How many commits that are, by git's word; `null` where git can't tell. */
  count(selection: Selection): Promise<number | null>;
  /** The difference of two trees in text, for people: see patch.ts. */
  patch(before: Oid, after: Oid): AsyncGenerator<Buffer, PatchEnd>;
  /** Verified reading of single objects, for showing them. */
  readonly objects: ObjectReader;
  readonly format: ObjectFormat;
  /** Whether history ends where a clone was cut: missing parents are then no surprise. */
  readonly shallow: boolean;
  /** The repository's own git directory (a worktree's is below the main one's). */
  readonly gitDir: string;
  dispose(): Promise<void>;
}

/**
 * Opens the repository around `directory` (a subdirectory, a worktree and a bare repository will do) for judging. git
 * opens it only to say where its objects lie, which format they have and what its refs are; everything else happens in
 * an empty repository of ours that borrows these objects, so its configuration, attributes, hooks, replace refs, grafts
 * and commit-graph have no effect (attacks 46, 57). Throws `Unreadable`: `repository-untrusted` where the store belongs
 * to somebody else or its path can't be borrowed from, `git-failed` where there is no repository.
 *
 * @param expected revisions that will be asked for: what they name is looked up while the store is being found
 */
export function openRepository(directory: string, expected: readonly string[] = []): Promise<OpenRepository> {
  return openFound(beginOpening(directory, { revisions: expected }));
}

/** As `openRepository`, where git is asked already. */
export async function openFound(opening: Opening): Promise<OpenRepository> {
  const { directory, refs } = opening;
  const lookUpName = async (name: string): Promise<Oid | null> => {
    // A whole id is itself, whatever refs are called.
    const whole = parseOid(name);
    if (whole !== null) {
      const [info] = await objects.readInfo([whole]);
      return info === null || info === undefined
        ? null
        : ((await peelToCommits(objects, [whole]))[0] ?? null);
    }
    const commit = await opening.lookUpCommit(name);
    if (commit !== null) return commit;
    const id = await lookUp(directory, name);
    const [info] = id === null ? [] : await objects.readInfo([id]);
    if (id === null || info === null || info === undefined) return null;
    const [peeled] = await peelToCommits(objects, [id]);
    return peeled ?? null;
  };
  const place = await opening.place;
  const stores = await findStores(place.objects);
  const workspace = await openWorkspace(place.format, stores);
  const objects = openObjects(workspace.gitDir, place.format);
  const closing = new AbortController();
  const hashed = openHashedStore(workspace);
  const { format } = place;
  const ground = { gitDir: workspace.gitDir, format, objects, hashed, signal: closing.signal };
  const source = { gitDir: workspace.gitDir, format: place.format, shallow: place.shallow };
  const folders = knownFolders();
  return {
    repository: repositoryOver(ground, checkedSupply(ground), folders),
    refs,
    async resolve(revision) {
      const parsed = parseRevision(revision);
      const id = parsed === null ? null : await lookUpName(parsed.name);
      return id === null || parsed === null ? null : walkSteps(ground, id, parsed.steps);
    },
    line: keepingLast((from, to) => readLine(ground, folders, from, to)),
    peel: (ids) => peelToCommits(objects, ids),
    count: (selection) => countCommits(source, selection),
    stream: (selection) => streamCommits(source, selection),
    patch: (before, after) => readPatch(ground, before, after),
    objects,
    format: place.format,
    shallow: place.shallow !== null,
    gitDir: place.gitDir,
    async dispose() {
      closing.abort();
      await objects.dispose();
      await workspace.dispose();
    },
  };
}

type Lines = OpenRepository['line'];

/** What lies between two commits never changes. One line is kept: those of a long history take room. */
function keepingLast(read: Lines): Lines {
  let last: { readonly name: string; readonly line: ReturnType<Lines> } | null = null;
  return (from, to) => {
    const name = `${from}..${to}`;
    if (last?.name === name) return last.line;
    const line = read(from, to);
    last = { name, line };
    line.catch(() => {
      if (last?.line === line) last = null;
    });
    return line;
  };
}

async function readLine(ground: Ground, folders: KnownFolders, from: Oid, to: Oid): Promise<Line | null> {
  const kept: Ground = { ...ground, objects: keepingTrees(ground.objects) };
  const supply = checkedSupply(kept);
  const lineage = await readLineage(kept, supply, from, to);
  if (lineage === null) return null;
  const repository = portOver(kept, lineage, repositoryOver(kept, supply, folders));
  return { steps: lineage.line, sizes: lineage.sizes, repository };
}
