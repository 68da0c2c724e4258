import type { ChangedFile } from '../core/facts/change.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import { recordingTrees } from './trees.ts';
import { readParsed } from './walk.ts';
import type { Ground } from './walk.ts';

const MAX_FILES = 200_000;
/** Every two of some thirty commits: histories that cross again and again have so many. */
const MAX_PAIRS = 512;

/** All that git looks at to make a merge, found from hashed commits and trees. */
export interface MergeInputs {
  /** Both sides, their merge bases, and the bases of what git merges first where there are several. */
  readonly commits: ReadonlyMap<Oid, MergeCommit>;
  readonly trees: ReadonlySet<Oid>;
  readonly contents: ReadonlySet<Oid>;
}

export interface MergeCommit {
  readonly tree: Oid;
  /** The value of its header: of several merge bases git takes the oldest first. */
  readonly committer: Uint8Array;
  /** Those of the others that it reaches. */
  readonly reaches: readonly Oid[];
}

/** All best common ancestors of two commits, in git's order. */
export type BasesOf = (a: Oid, b: Oid) => Promise<readonly Oid[]>;

/**
 * The inputs of a merge. Contents: of a path that both sides changed all three versions, and on each side whatever was
 * added or removed, because a rename is found by comparing those. Where there are several merge bases git merges these
 * first, and then these merges' results: every two commits are compared, and all that differs counts.
 */
export async function inputsOfMerge(
  ground: Ground,
  basesOf: BasesOf,
  tip: Oid,
  head: Oid,
): Promise<MergeInputs> {
  const trees = new Set<Oid>();
  const recording = { ...ground, objects: recordingTrees(ground.objects, trees) };
  const contents = new Set<Oid>();
  const reaches = new Map<Oid, Set<Oid>>([
    [tip, new Set()],
    [head, new Set()],
  ]);
  const waiting: (readonly [Oid, Oid])[] = [[tip, head]];
  let pairs = 0;
  for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
    const [ours, theirs] = pair;
    pairs += 1;
    if (pairs > MAX_PAIRS) {
      throw new Unreadable('list-cut', `the merge of \`${tip}\` and \`${head}\` has too many merge bases`, {
        passing: false,
      });
    }
    const bases = await basesOf(ours, theirs);
    const several = pairs > 1 || bases.length > 1;
    for (const base of bases) {
      for (const side of [ours, theirs]) if (side !== base) reaches.get(side)?.add(base);
      if (reaches.has(base)) continue;
      if (several) for (const other of reaches.keys()) waiting.push([base, other]);
      reaches.set(base, new Set());
    }
    for (const base of bases.length === 0 ? [null] : bases) {
      for (const id of await contentsOf(recording, { base, ours, theirs }, several)) contents.add(id);
    }
  }
  const ids = [...reaches.keys()];
  const commits = (await readParsed(ground, ids)).map(({ id, tree, committer }): [Oid, MergeCommit] => {
    trees.add(tree);
    return [id, { tree, committer, reaches: [...(reaches.get(id) ?? [])] }];
  });
  return { commits: new Map(commits), trees, contents };
}

interface Sides {
  readonly base: Oid | null;
  readonly ours: Oid;
  readonly theirs: Oid;
}

async function contentsOf(
  ground: Ground,
  { base, ours, theirs }: Sides,
  all: boolean,
): Promise<readonly Oid[]> {
  const commits = await readParsed(ground, base === null ? [ours, theirs] : [ours, theirs, base]);
  const [oursTree, theirsTree, baseTree] = commits.map(({ tree }) => tree);
  if (oursTree === undefined || theirsTree === undefined) throw new Error('fewer answers than questions');
  const [left, right] = [
    await diffTrees(ground.objects, baseTree ?? null, oursTree, MAX_FILES),
    await diffTrees(ground.objects, baseTree ?? null, theirsTree, MAX_FILES),
  ];
  const inRight = pathsOf(right.files);
  const inLeft = pathsOf(left.files);
  return [
    ...left.files.filter((file) => all || comesOrGoes(file) || inRight.has(pathOf(file))),
    ...right.files.filter((file) => all || comesOrGoes(file) || inLeft.has(pathOf(file))),
  ].flatMap(contentsOfFile);
}

/** Both versions of a changed file; a submodule has none. */
export function contentsOfFile({ before, after }: ChangedFile): readonly Oid[] {
  return [before, after].flatMap((side) => (side === null || side.mode === '160000' ? [] : [side.id]));
}

function comesOrGoes({ before, after }: ChangedFile): boolean {
  return before === null || after === null;
}

function pathOf({ path }: ChangedFile): string {
  return Buffer.from(path).toString('latin1');
}

function pathsOf(files: readonly ChangedFile[]): ReadonlySet<string> {
  return new Set(files.map(pathOf));
}
