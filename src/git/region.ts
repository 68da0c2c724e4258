import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { COMMIT_BYTES, notClosed, parseIds, readListing } from './walk.ts';
import type { Ground } from './walk.ts';

/** nixpkgs' longest-lived side branches are some ten thousand commits away from its main one. */
const MAX_REGION = 200_000;
const MAX_REMEMBERED = 1_000_000;
const BATCH = 20_000;
/** Changes start from what was new when they were begun: most are met this near. */
const FIRST_DESCENT = 2000;

/** Parents of commits whose bytes were hashed here. */
export type HashedParents = Map<Oid, readonly Oid[]>;

/**
 * Checks git's answer to "what are the merge bases of `a` and `b`" against hashed commits, for a store whose objects
 * nobody has hashed yet. Of all commits above the bases the bytes must have their ids; following their parents, no commit
 * may lie on both sides, and each base must be met from both. What else is met at the edge has to lie below a base by
 * hashed commits too. A forged commit that would move or hide a base, and with it commits and changes, is thus
 * `object-forged`, wherever it lies.
 */
export async function checkMergeBases(
  ground: Ground,
  hashed: HashedParents,
  a: Oid,
  b: Oid,
  bases: readonly Oid[],
): Promise<void> {
  const region = await hashRegion(ground, hashed, [a, b], bases);
  const within = new Set(region);
  const [left, right] = [follow(hashed, within, a), follow(hashed, within, b)];
  for (const id of left.inside) if (right.inside.has(id)) throw notClosed(id);
  for (const base of bases) if (!left.edge.has(base) || !right.edge.has(base)) throw notClosed(base);
  const others = [...left.edge, ...right.edge].filter((id) => !bases.includes(id));
  if (bases.length > 0) await descend(ground, hashed, bases, others);
}

/**
 * Checks git's answer that all of `edge` are reachable from `tip` in the same way: following the parents in hashed commits
 * from `tip` meets each of them.
 */
export async function checkReachable(
  ground: Ground,
  hashed: HashedParents,
  tip: Oid,
  edge: readonly Oid[],
): Promise<void> {
  const region = await hashRegion(ground, hashed, [tip], edge);
  const { edge: met } = follow(hashed, new Set(region), tip);
  await descend(
    ground,
    hashed,
    [tip],
    edge.filter((id) => id !== tip && !met.has(id)),
  );
}

/**
 * Goes down from `from` through hashed commits, the newest first as git lists them, until all of `wanted` were met. What
 * git lists is only what is read ahead: a commit counts as met where a hashed one names it as its parent.
 */
async function descend(
  ground: Ground,
  hashed: HashedParents,
  from: readonly Oid[],
  wanted: readonly Oid[],
): Promise<void> {
  let open = [...new Set(wanted)];
  for (let most = FIRST_DESCENT; open.length > 0; most *= 8) {
    const input = `${from.join('\n')}\n`;
    const args = ['rev-list', `--max-count=${most}`, '--stdin'];
    const region = parseIds(await readListing(ground, args, input), ground.format);
    await hashParents(ground, hashed, region);
    const within = new Set(region);
    const met = from.map((id) => follow(hashed, within, id));
    open = open.filter((id) => !met.some(({ inside, edge }) => inside.has(id) || edge.has(id)));
    const [first] = open;
    if (first === undefined) return;
    if (region.length < most) throw notClosed(first);
    if (most >= MAX_REMEMBERED) {
      throw new Unreadable('list-cut', `\`${first}\` lies too far below \`${from[0] ?? 'nothing'}\``, {
        passing: false,
      });
    }
  }
}

/** The commits reachable from `from` and not from `below`, hashed. */
async function hashRegion(
  ground: Ground,
  hashed: HashedParents,
  from: readonly Oid[],
  below: readonly Oid[],
): Promise<readonly Oid[]> {
  // Nothing above nothing is all of history, which proves nothing here.
  if (below.length === 0 && from.length === 1) return [];
  const input = `${[...from, ...below.map((id) => `^${id}`)].join('\n')}\n`;
  const args = ['rev-list', `--max-count=${MAX_REGION + 1}`, '--stdin'];
  const region = parseIds(await readListing(ground, args, input), ground.format);
  if (region.length > MAX_REGION) {
    throw new Unreadable(
      'list-cut',
      `more than ${MAX_REGION} commits lie above \`${below[0] ?? 'nothing'}\``,
      {
        passing: false,
      },
    );
  }
  await hashParents(ground, hashed, region);
  return region;
}

async function hashParents(ground: Ground, hashed: HashedParents, ids: readonly Oid[]): Promise<void> {
  const unknown = ids.filter((id) => !hashed.has(id));
  if (hashed.size + unknown.length > MAX_REMEMBERED) hashed.clear();
  const wanted = ids.filter((id) => !hashed.has(id));
  for (let from = 0; from < wanted.length; from += BATCH) {
    const batch = wanted.slice(from, from + BATCH);
    const raws = await ground.objects.readObjects(batch, 'commit', COMMIT_BYTES);
    for (const [index, id] of batch.entries()) {
      hashed.set(id, readParents(raws[index] ?? new Uint8Array()));
    }
  }
}

/**
 * The parents of a commit as git reads them (commit.c, `parse_commit_buffer`): the lines right after the tree. Whether the
 * rest makes sense is judged where the commit is; old histories have commits that don't. Each parent is given once.
 */
export function readParents(raw: Uint8Array): readonly Oid[] {
  const parents: Oid[] = [];
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let start = bytes.indexOf('\n') + 1;
  while (bytes.toString('latin1', start, start + 7) === 'parent ') {
    const end = bytes.indexOf('\n', start);
    const parent = end < 0 ? null : parseOid(bytes.toString('latin1', start + 7, end));
    if (parent === null) break;
    parents.push(parent);
    start = end + 1;
  }
  return parents.length > 1 ? [...new Set(parents)] : parents;
}

/** What is reachable inside the region, and the first commits met outside of it. */
function follow(
  hashed: HashedParents,
  within: ReadonlySet<Oid>,
  start: Oid,
): { readonly inside: ReadonlySet<Oid>; readonly edge: ReadonlySet<Oid> } {
  const inside = new Set<Oid>();
  const edge = new Set<Oid>();
  const waiting = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (!within.has(id)) edge.add(id);
    else if (!inside.has(id)) {
      inside.add(id);
      for (const parent of hashed.get(id) ?? []) waiting.push(parent);
    }
  }
  return { inside, edge };
}
