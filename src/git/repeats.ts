import type { ChangedFile, FileSide } from '../core/facts/change.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Repeat, RepeatQuestion, Repository } from '../gather/ports.ts';
import { diffTrees } from './diff.ts';
import { sidesOf } from './path-sides.ts';
import type { Supply } from './supply.ts';
import { readLinks, stepsSince } from './steps-since.ts';
import type { Links, Step } from './steps-since.ts';
import { mergeBases } from './walk.ts';
import type { Ground } from './walk.ts';

/** Steps that look like a repetition at their first path and are compared whole; with more nothing is known. */
const MOST_CANDIDATES = 200;
/** Steps onto whose first parent one head is merged again, and such merges of all questions together. */
const MOST_MERGES = 64;
const MOST_MERGES_IN_ALL = 256;
/** Steps that touched these paths, and perhaps others. */
const MOST_ALIKE = 2_000;
/** Paths of a change that are followed through the steps one by one. */
const MOST_FOLLOWED = 4;
/** Parents of one step that are looked at: a merge of more is judged as a failure anyway. */
const MOST_PARENTS = 8;

export type Merging = Repository['mergeCommits'];

/** What git is asked besides objects. */
export type Means = Pick<Supply, 'afterListing' | 'afterBases'> & { readonly merge: Merging };

/** What one reading of a branch has found out, shared by all questions about it. */
interface Search {
  readonly ground: Ground;
  readonly means: Means;
  readonly links: Links;
  /** By path, then by tree. */
  readonly sides: Map<string, Map<Oid, FileSide | null>>;
  /** Trees of clean merges, by what was merged; `null` where that conflicts. */
  readonly merges: Map<string, Promise<Oid | null>>;
}

/**
 * Finds the step that landed a change before (trust.md C15): one whose difference to its first parent is this very change,
 * one that merged a proposal which is, or one that is the proposed head merged onto that parent, as a rebase or a squash
 * onto files that had changed leaves it. Only the first changed path is followed through the steps; where that looks
 * right the whole difference is compared. A question that takes more than 20,000 steps, 200 comparisons or 64 merges, or
 * meets objects that are missing, gets the answer that nothing is known, and the others get theirs.
 */
export async function findRepeats(
  ground: Ground,
  means: Means,
  tip: Oid,
  asked: readonly RepeatQuestion[],
): Promise<readonly Repeat[]> {
  const search: Search = { ground, means, links: new Map(), sides: new Map(), merges: new Map() };
  const lines = new Map<Oid, readonly Step[] | null>();
  const answers: Repeat[] = [];
  for (const { base, ...question } of asked) {
    try {
      const line = lines.get(base) ?? (await stepsSince(ground, means, search.links, base, tip));
      lines.set(base, line);
      answers.push(line === null ? UNKNOWN : await findRepeat(search, line, question));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      answers.push(UNKNOWN);
    }
  }
  return answers;
}

const UNKNOWN: Repeat = { known: false };

async function findRepeat(
  search: Search,
  line: readonly Step[],
  { files, proposed }: Omit<RepeatQuestion, 'base'>,
): Promise<Repeat> {
  const [first] = files;
  if (first === undefined) {
    const empty = line.findLast(({ tree, before }) => tree === before);
    return { known: true, by: empty?.id ?? null };
  }
  const budget = { left: MOST_CANDIDATES };
  const by =
    (await findLanded(search, line, first, files, budget)) ??
    (await findMerged(search, line, first, files, budget));
  if (by !== null || budget.left < 0) return budget.left < 0 ? UNKNOWN : { known: true, by };
  return proposed === null ? { known: true, by } : findRecreated(search, line, files, proposed);
}

interface Budget {
  left: number;
}

/** A step whose own difference to its first parent is the change, the oldest one. */
async function findLanded(
  search: Search,
  line: readonly Step[],
  first: ChangedFile,
  files: readonly ChangedFile[],
  budget: Budget,
): Promise<Oid | null> {
  const sides = await readSides(
    search,
    line.flatMap(({ tree, before }) => (before === null ? [tree] : [tree, before])),
    first.path,
  );
  for (const { id, tree, before } of line.toReversed()) {
    const old = before === null ? null : (sides.get(before) ?? null);
    if (!sameSide(old, first.before) || !sameSide(sides.get(tree) ?? null, first.after)) continue;
    if (await isChange(search, before, tree, files, budget)) return id;
  }
  return null;
}

/** A step that merged a proposal whose difference to its merge base is the change, the oldest one. */
async function findMerged(
  search: Search,
  line: readonly Step[],
  first: ChangedFile,
  files: readonly ChangedFile[],
  budget: Budget,
): Promise<Oid | null> {
  const { ground, means, links } = search;
  const merged = line.flatMap(({ parents }) => parents.slice(1, MOST_PARENTS));
  await readLinks(ground, links, merged);
  const treeOf = (id: Oid): Oid | null => links.get(id)?.tree ?? null;
  const sides = await readSides(
    search,
    merged.map(treeOf).filter((tree) => tree !== null),
    first.path,
  );
  for (const { id, parents } of line.toReversed()) {
    const [onto, ...proposals] = parents;
    if (onto === undefined) continue;
    for (const proposal of proposals.slice(0, MOST_PARENTS - 1)) {
      const tree = treeOf(proposal);
      if (tree === null || !sameSide(sides.get(tree) ?? null, first.after)) continue;
      budget.left -= 1;
      if (budget.left < 0) return null;
      const bases = await mergeBases(ground, onto, proposal);
      await means.afterBases(onto, proposal, bases);
      const [base] = bases;
      if (base === undefined || bases.length > 1) continue;
      await readLinks(ground, links, [base]);
      if (await isChange(search, treeOf(base), tree, files, budget)) return id;
    }
  }
  return null;
}

/** A step that touched the very same paths and has the tree that merging the head onto its first parent gives. */
async function findRecreated(
  search: Search,
  line: readonly Step[],
  files: readonly ChangedFile[],
  { head, union }: NonNullable<RepeatQuestion['proposed']>,
): Promise<Repeat> {
  const { ground, means, merges } = search;
  let steps = line.filter(({ before }) => before !== null);
  // A few paths tell nearly all other steps apart; the others are compared as a whole.
  for (const { path } of files.slice(0, MOST_FOLLOWED)) {
    const sides = await readSides(
      search,
      steps.flatMap(({ tree, before }) => [tree, before ?? tree]),
      path,
    );
    steps = steps.filter(
      ({ tree, before }) => !sameSide(sides.get(tree) ?? null, sides.get(before ?? tree) ?? null),
    );
  }
  if (steps.length > MOST_ALIKE) return UNKNOWN;
  let left = MOST_MERGES;
  for (const { id, tree, before, parents } of steps.toReversed()) {
    const [onto] = parents;
    if (onto === undefined) continue;
    const touched = await diffAtMost(ground, before, tree, files.length);
    const isAlike =
      touched?.length === files.length && touched.every((file, at) => mayMerge(file, files[at]));
    if (!isAlike) continue;
    left -= 1;
    const key = `${onto} ${head}`;
    if (left < 0 || (!merges.has(key) && merges.size >= MOST_MERGES_IN_ALL)) return UNKNOWN;
    const merging =
      merges.get(key) ?? means.merge(onto, head, union).then((made) => (made.clean ? made.tree : null));
    merges.set(key, merging);
    if ((await merging) === tree) return { known: true, by: id };
  }
  return { known: true, by: null };
}

/**
 * Whether merging a change of a file onto what a step found there can give what the step left: where that was as before the
 * change, it gives the change, and where the change was there already, nothing.
 */
function mayMerge(step: ChangedFile, change: ChangedFile | undefined): boolean {
  if (change === undefined || Buffer.compare(step.path, change.path) !== 0) return false;
  if (sameSide(step.before, change.before)) return sameSide(step.after, change.after);
  return !sameSide(step.before, change.after);
}

async function readSides(
  { ground, sides }: Search,
  trees: readonly Oid[],
  path: Uint8Array,
): Promise<ReadonlyMap<Oid, FileSide | null>> {
  const key = Buffer.from(path).toString('latin1');
  const known = sides.get(key) ?? new Map<Oid, FileSide | null>();
  sides.set(key, known);
  const wanted = trees.filter((tree) => !known.has(tree));
  for (const [tree, side] of await sidesOf(ground.objects, wanted, path)) known.set(tree, side);
  return known;
}

async function isChange(
  { ground }: Search,
  before: Oid | null,
  after: Oid,
  files: readonly ChangedFile[],
  budget: Budget,
): Promise<boolean> {
  budget.left -= 1;
  if (budget.left < 0) return false;
  const found = await diffAtMost(ground, before, after, files.length);
  return (
    found?.length === files.length &&
    found.every((file, index) => {
      const other = files[index];
      return (
        other !== undefined &&
        Buffer.compare(file.path, other.path) === 0 &&
        sameSide(file.before, other.before) &&
        sameSide(file.after, other.after)
      );
    })
  );
}

/** `null` for a larger difference. */
async function diffAtMost(
  { objects }: Ground,
  before: Oid | null,
  after: Oid,
  limit: number,
): Promise<readonly ChangedFile[] | null> {
  try {
    return (await diffTrees(objects, before, after, limit)).files;
  } catch (error) {
    if (error instanceof Unreadable && error.code === 'list-cut') return null;
    throw error;
  }
}

function sameSide(a: FileSide | null, b: FileSide | null): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.id === b.id;
}
