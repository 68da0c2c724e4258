import type { Oid } from '../core/object/id.ts';
import type { Supply } from './supply.ts';
import { notClosed, parseIds, readListing, readParsed } from './walk.ts';
import type { Ground } from './walk.ts';

/** A step of the judged branch, by the hashed bytes of its commit. */
export interface Step {
  readonly id: Oid;
  readonly tree: Oid;
  /** The tree of its first parent; `null` for the first commit of all. */
  readonly before: Oid | null;
  readonly parents: readonly Oid[];
}

interface Link {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
}

/** Commits already read, shared by all that is asked about one tip. */
export type Links = Map<Oid, Link>;

/** More steps than a statement may lie behind the tip. */
const MOST_STEPS = 20_000;
const BATCH = 2_000;

/**
 * The steps along the first parents of `tip` that are not reachable from `base`, newest first; `null` for more than
 * 20,000. git lists them; each link is then taken from hashed bytes, and so is the answer that the list ends where `base`
 * begins: a base whose forged bytes reach more than it does would hide steps.
 */
export async function stepsSince(
  ground: Ground,
  supply: Pick<Supply, 'afterListing'>,
  links: Links,
  base: Oid,
  tip: Oid,
): Promise<readonly Step[] | null> {
  const args = ['rev-list', '--first-parent', `--max-count=${MOST_STEPS + 1}`, '--end-of-options'];
  const ids = parseIds(await readListing(ground, [...args, tip, `^${base}`]), ground.format);
  if (ids.length > MOST_STEPS) return null;
  await readLinks(ground, links, ids);
  let next: Oid | null = tip;
  for (const id of ids) {
    if (id !== next) throw notClosed(id);
    next = links.get(id)?.parents[0] ?? null;
  }
  if (next !== null) {
    await supply.afterListing(base, [next]);
    await readLinks(ground, links, [next]);
  }
  return ids.flatMap((id): Step[] => {
    const link = links.get(id);
    if (link === undefined) return [];
    const parent = link.parents[0];
    const before = parent === undefined ? null : (links.get(parent)?.tree ?? null);
    return [{ id, tree: link.tree, before, parents: link.parents }];
  });
}

/** Reads what is not known yet, a part at a time. */
export async function readLinks(ground: Ground, links: Links, ids: readonly Oid[]): Promise<void> {
  const wanted = [...new Set(ids)].filter((id) => !links.has(id));
  for (let from = 0; from < wanted.length; from += BATCH) {
    for (const { id, tree, parents } of await readParsed(ground, wanted.slice(from, from + BATCH))) {
      links.set(id, { tree, parents });
    }
  }
}
