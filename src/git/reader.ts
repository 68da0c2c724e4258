import { stat } from 'node:fs/promises';
import { Unreadable } from '../gather/ports.ts';
import type { Line, Repository } from '../gather/ports.ts';
import { parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { findStores } from './borrowed.ts';
import type { StoredCommit } from './commit-records.ts';
import { countCommits, streamCommits } from './commit-stream.ts';
import type { Selection } from './commit-stream.ts';
import { readLineage } from './lineage.ts';
import { portOver } from './lineage-port.ts';
import { openObjects } from './objects.ts';
import type { ObjectReader } from './objects.ts';
import { readPatch, type PatchEnd } from './patch.ts';
import { peelToCommits } from './peel.ts';
import { knownFolders } from './policy-folder.ts';
import type { KnownFolders } from './policy-folder.ts';
import { lookUp, lookUpCommit, mayBeRef, refsOf } from './refs.ts';
import type { Branch, Refs } from './refs.ts';
import { checkedSupply, repositoryOver } from './repository.ts';
import { failed, runGit } from './run.ts';
import { parseRevision, walkSteps } from './revision.ts';
import type { Ground } from './walk.ts';
import { keepingTrees } from './trees.ts';
import { openWorkspace } from './workspace.ts';

export interface OpenRepository {
  readonly repository: Repository;
  readonly refs: Refs;
  /** The commit that a revision names, tags peeled and parents followed by us; `null` where there is none. */
  resolve(revision: string): Promise<Oid | null>;
  /** The steps of a branch between two commits; `null` where the first parents of `to` do not lead to `from`. */
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

interface Place {
  readonly gitDir: string;
  readonly objects: string;
  readonly format: ObjectFormat;
  /** The file that says where a clone was cut; `null` for a whole one. */
  readonly shallow: string | null;
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
export async function openRepository(
  directory: string,
  expected: readonly string[] = [],
): Promise<OpenRepository> {
  // First of all, since what follows the answer takes longest.
  const placing = findPlace(directory);
  placing.catch(() => undefined);
  const spelled = expected.flatMap((revision) => parseRevision(revision)?.name ?? []);
  const names = new Set(spelled.filter((name) => parseOid(name) === null));
  const early = new Map([...names].map((name) => [name, lookUpCommit(directory, name).catch(() => null)]));
  const lookUpName = async (name: string): Promise<Oid | null> => {
    // A whole id is itself, whatever refs are called.
    const whole = parseOid(name);
    if (whole !== null) {
      const [info] = await objects.readInfo([whole]);
      return info === null || info === undefined
        ? null
        : ((await peelToCommits(objects, [whole]))[0] ?? null);
    }
    const commit = await (early.get(name) ?? lookUpCommit(directory, name));
    if (commit !== null) return commit;
    const id = await lookUp(directory, name);
    const [info] = id === null ? [] : await objects.readInfo([id]);
    if (id === null || info === null || info === undefined) return null;
    const [peeled] = await peelToCommits(objects, [id]);
    return peeled ?? null;
  };
  const refs = foreseeing(refsOf(directory), [...names].filter(mayBeRef));
  const place = await placing;
  const stores = await findStores(place.objects);
  const workspace = await openWorkspace(place.format, stores);
  const objects = openObjects(workspace.gitDir, place.format);
  const ground = { gitDir: workspace.gitDir, format: place.format, objects };
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
    line: (from, to) => readLine(ground, folders, from, to),
    peel: (ids) => peelToCommits(objects, ids),
    count: (selection) => countCommits(source, selection),
    stream: (selection) => streamCommits(source, selection),
    patch: (before, after) => readPatch(workspace.gitDir, before, after),
    objects,
    format: place.format,
    shallow: place.shallow !== null,
    gitDir: place.gitDir,
    async dispose() {
      await objects.dispose();
      await workspace.dispose();
    },
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

/** Asks at once for all that bears these names. */
function foreseeing(refs: Refs, names: readonly string[]): Refs {
  const early = new Map<string, Promise<readonly Branch[]>>();
  for (const name of names) {
    const found = refs.findAll(name);
    // Whoever asks for it hears of the failure.
    found.catch(() => undefined);
    early.set(name, found);
  }
  return { ...refs, findAll: (name) => early.get(name) ?? refs.findAll(name) };
}

async function findPlace(directory: string): Promise<Place> {
  const args = [
    'rev-parse',
    '--path-format=absolute',
    '--absolute-git-dir',
    '--git-path',
    'objects',
    '--git-path',
    'shallow',
    '--show-object-format',
    '--is-shallow-repository',
  ];
  const asking = runGit(args, { gitDir: null, cwd: directory });
  asking.catch(() => undefined);
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new Unreadable('git-failed', `\`${directory}\` is not a directory`, { passing: false });
  }
  const result = await asking;
  if (result.code !== 0) throw notOpened(directory, args, result);
  const lines = Buffer.from(result.stdout).toString('utf8').replace(/\n$/, '').split('\n');
  const [gitDir, objects, cut, format, shallow] = lines;
  if (lines.length !== 5 || gitDir === undefined || objects === undefined || cut === undefined) {
    throw new Unreadable(
      'repository-untrusted',
      `the path of the repository at ${JSON.stringify(directory)} has a line break in it`,
      { passing: false },
    );
  }
  if (format !== 'sha1' && format !== 'sha256') {
    throw new Unreadable('git-failed', `object format \`${format ?? ''}\` is not known`, { passing: false });
  }
  return { gitDir, objects, format, shallow: shallow === 'true' ? cut : null };
}

function notOpened(
  directory: string,
  args: readonly string[],
  result: { code: number; stderr: string },
): Unreadable {
  if (result.stderr.includes('dubious ownership')) {
    return new Unreadable(
      'repository-untrusted',
      `the repository at \`${directory}\` belongs to another user: clone it into a folder of your own`,
      {
        passing: false,
      },
    );
  }
  if (/not a git repository/i.test(result.stderr)) {
    return new Unreadable('git-failed', `\`${directory}\` is not inside a git repository`, {
      passing: false,
    });
  }
  return failed(args, { ...result, stdout: new Uint8Array() });
}
