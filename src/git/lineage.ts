import { setFlagsFromString } from 'node:v8';
import { MAX_COMMIT_BYTES } from '../core/object/commit.ts';
import { objectId } from '../core/object/hash.ts';
import { parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { markHashed } from '../core/object/parsed-commit.ts';
import { Unreadable } from '../gather/ports.ts';
import { streamCommits } from './commit-stream.ts';
import { forged } from './objects.ts';
import { readParents } from './region.ts';
import type { Supply } from './supply.ts';
import { mustHave, mustReach, notClosed } from './walk.ts';
import type { Ground } from './walk.ts';

/** A commit above the introduction, by its hashed bytes. */
export interface Node {
  /** `null` in a malformed commit. */
  readonly tree: Oid | null;
  /** Each once, the first one first. */
  readonly parents: readonly Oid[];
  /** The step that brought it, counted from 0; -1: none, it is not below `to`. */
  step: number;
}

/**
 * All that lies between two commits of one first-parent line, hashed and divided into steps: what each step brings is
 * what its parents reach and no earlier step has brought.
 */
export interface Lineage {
  readonly from: Oid;
  /** The steps, oldest first; `from` is none of them. */
  readonly line: readonly Oid[];
  readonly nodes: ReadonlyMap<Oid, Node>;
  /** Commits that each step brings, itself included. */
  readonly sizes: readonly number[];
  /** Raw bytes of the commits, as long as all of them took little room; what is not here is read again. */
  readonly raws: ReadonlyMap<Oid, Uint8Array>;
}

/** Commits of nixpkgs' largest merges times many years; some hundred bytes each are held. */
const MOST_COMMITS = 2_000_000;
/** What commits of most histories name as parents, twice; all the same, somebody may make a few name millions. */
const MOST_PARENTS = 4_000_000;
/** Several times what all commits of nixpkgs have. */
const MOST_BYTES = 4 * 1024 * 1024 * 1024;
const TREE = 'tree ';
const MANY_COMMITS = 8_000;
const MOST_RAW_BYTES = 8 * 1024 * 1024;

/**
 * Reads the commits that `to` reaches and `from` does not, each once, hashed here. git lists them; the list is checked to
 * be closed under the parents that the hashed bytes name, and the steps are found by following these alone, so neither a
 * commit-graph nor a forged object can leave anything out (attack 57). `null` where the first parents of `to` do not lead
 * to `from`. Throws `Unreadable` where commits are missing, as in a shallow clone.
 */
export async function readLineage(
  ground: Ground,
  supply: Pick<Supply, 'afterListing'>,
  from: Oid,
  to: Oid,
): Promise<Lineage | null> {
  // git lists while it is asked for both ends: that one is missing is said in words of ours.
  const reading = readNodes(ground, from, to);
  reading.catch(() => undefined);
  await mustHave(ground, [from, to]);
  const { nodes, raws } = await reading;
  const edge = new Set<Oid>();
  for (const { parents } of nodes.values()) {
    for (const parent of parents) if (parent !== from && !nodes.has(parent)) edge.add(parent);
  }
  const line = followFirstParents(nodes, from, to);
  if (line === null) return null;
  if (edge.size > 0) {
    await mustReach(ground, [...edge], from);
    await supply.afterListing(from, [...edge]);
  }
  const sizes = line.map((id, step) => bringAll(nodes, id, step));
  return { from, line, nodes, sizes, raws };
}

async function readNodes(
  { gitDir, format, signal }: Ground,
  from: Oid,
  to: Oid,
): Promise<{ nodes: Map<Oid, Node>; raws: Map<Oid, Uint8Array> }> {
  const nodes = new Map<Oid, Node>();
  const raws = new Map<Oid, Uint8Array>();
  let room = MOST_RAW_BYTES;
  let parents = 0;
  let bytes = 0;
  const source = { gitDir, format, shallow: null, ...(signal && { signal }) };
  for await (const chunk of streamCommits(source, { revisions: [to, `^${from}`], maxCount: null })) {
    for (const { id, raw } of chunk) {
      const node = readNode(id, raw, format);
      nodes.set(apart(id), node);
      parents += node.parents.length;
      bytes += raw.length;
      room -= raw.length;
      if (room >= 0) {
        raws.set(id, raw);
        markHashed(id, raw);
      } else raws.clear();
    }
    if (nodes.size > MANY_COMMITS) growSlowly();
    const beyond = boundOf(nodes.size, parents, bytes);
    if (beyond !== null)
      throw new Unreadable('list-cut', `more than ${beyond} above \`${from}\``, { passing: false });
  }
  return { nodes, raws };
}

function boundOf(commits: number, parents: number, bytes: number): string | null {
  if (commits > MOST_COMMITS) return `${MOST_COMMITS} commits lie`;
  if (parents > MOST_PARENTS) return `${MOST_PARENTS} parents are named`;
  return bytes > MOST_BYTES ? `${MOST_BYTES} bytes of commits lie` : null;
}

/**
 * From here on the engine collects garbage more often instead of making room for more of it: over a long history that
 * halves the memory of the process and costs nothing that a short one would not notice.
 */
function growSlowly(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Where a commit stands, by its hashed bytes as git reads them (commit.c, `parse_commit_buffer`): whether the rest of them
 * makes sense is judged with its step.
 */
function readNode(id: Oid, raw: Uint8Array, format: ObjectFormat): Node {
  // Cut by whoever read it, so that its bytes have another id.
  if (raw.length > MAX_COMMIT_BYTES) {
    throw new Unreadable('list-cut', `commit \`${id}\` is larger than ${MAX_COMMIT_BYTES} bytes`, {
      passing: false,
    });
  }
  if (objectId('commit', raw, format) !== id) throw forged('commit', id);
  const start = Buffer.from(raw.subarray(0, TREE.length + id.length)).toString('latin1');
  const tree = start.startsWith(TREE) ? parseOid(start.slice(TREE.length)) : null;
  return { tree: tree && apart(tree), parents: readParents(raw).map(apart), step: -1 };
}

/** An id that does not keep the text of its whole commit in memory, as a slice of it would. */
function apart(id: Oid): Oid {
  return Buffer.from(id, 'latin1').toString('latin1') as Oid;
}

function followFirstParents(nodes: ReadonlyMap<Oid, Node>, from: Oid, to: Oid): readonly Oid[] | null {
  const line: Oid[] = [];
  let next: Oid | undefined = to;
  while (next !== undefined && next !== from) {
    const node = nodes.get(next);
    if (node === undefined) return null;
    line.push(next);
    next = node.parents[0];
  }
  return next === undefined ? null : line.reverse();
}

/** Marks what a step brings, and counts it. Steps are marked oldest first. */
function bringAll(nodes: ReadonlyMap<Oid, Node>, id: Oid, step: number): number {
  const waiting = [id];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = nodes.get(next);
    if (node?.step !== -1) continue;
    node.step = step;
    count += 1;
    for (const parent of node.parents) waiting.push(parent);
  }
  return count;
}

/** What a step brings, parents after children, and the landed commits that it stands on. */
export function commitsOfStep(
  { nodes, line }: Lineage,
  step: number,
  start: Oid | undefined = line[step],
): { readonly commits: readonly Oid[]; readonly edge: ReadonlySet<Oid> } {
  const edge = new Set<Oid>();
  const done = new Set<Oid>();
  const after: Oid[] = [];
  // Each commit is met twice: on the way down, and once all that it stands on is listed.
  const waiting: { readonly id: Oid; readonly down: boolean }[] =
    start === undefined ? [] : [{ id: start, down: true }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { id, down } = next;
    if (!down) {
      after.push(id);
      continue;
    }
    if (done.has(id)) continue;
    const node = nodes.get(id);
    if (node?.step !== step) {
      edge.add(id);
      continue;
    }
    done.add(id);
    waiting.push({ id, down: false });
    for (const parent of node.parents) waiting.push({ id: parent, down: true });
  }
  if (start !== undefined && after.at(-1) !== start && done.size > 0) throw notClosed(start);
  return { commits: after.reverse(), edge };
}
