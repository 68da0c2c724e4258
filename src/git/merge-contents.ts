import type { ChangedFile } from '../core/facts/change.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import { mergeBases, readParsed } from './walk.ts';
import type { Ground } from './walk.ts';

const MAX_FILES = 200_000;
const MAX_PAIRS = 64;

/**
 * The contents that re-creating a merge can look at, found from trees alone: of a path that both sides changed all three
 * versions, and on each side whatever was added or removed, because a rename is found by comparing those. Where
 * there are several merge bases git merges these first, so the same is asked of every two of them.
 */
export async function contentsForMerge(ground: Ground, tip: Oid, head: Oid): Promise<readonly Oid[]> {
  const wanted = new Set<Oid>();
  const seen = new Set<string>();
  const waiting: (readonly [Oid, Oid])[] = [[tip, head]];
  for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
    const [ours, theirs] = pair;
    const key = [ours, theirs].sort().join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MAX_PAIRS) {
      throw new Unreadable('list-cut', `the merge of \`${tip}\` and \`${head}\` has too many merge bases`, {
        passing: false,
      });
    }
    const bases = await mergeBases(ground, ours, theirs);
    for (const base of bases.length === 0 ? [null] : bases) {
      for (const id of await contentsForSides(ground, base, ours, theirs)) wanted.add(id);
    }
    bases.forEach((one, index) => {
      for (const other of bases.slice(index + 1)) waiting.push([one, other]);
      // A base made of several bases stands on both sides in turn.
      if (bases.length > 1) waiting.push([one, ours], [one, theirs]);
    });
  }
  return [...wanted];
}

async function contentsForSides(
  ground: Ground,
  base: Oid | null,
  ours: Oid,
  theirs: Oid,
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
    ...left.files.filter((file) => comesOrGoes(file) || inRight.has(pathOf(file))),
    ...right.files.filter((file) => comesOrGoes(file) || inLeft.has(pathOf(file))),
  ].flatMap(({ before, after }) =>
    [before, after].flatMap((side) => (side === null || side.mode === '160000' ? [] : [side.id])),
  );
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
