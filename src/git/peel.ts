import type { Oid } from '../core/object/id.ts';
import { MAX_TAG_BYTES, parseTag } from '../core/object/tag.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import { forged, missing } from './objects.ts';

const MAX_TAGS = 8;

/**
 * The commits that these objects are or, being tags, lead to, in the order given; `null` for trees and blobs. Each tag on
 * the way is read and hashed here. Throws `Unreadable`: `object-missing`, `object-forged` for a tag that is not written as
 * git writes tags, `list-cut` for a tag of a tag of more than eight tags.
 */
export async function peelToCommits(
  objects: ObjectReader,
  ids: readonly Oid[],
): Promise<readonly (Oid | null)[]> {
  const ends = new Map<Oid, Oid | null>(ids.map((id) => [id, id]));
  let waiting = ids;
  for (let depth = 0; waiting.length > 0; depth += 1) {
    const unique = [...new Set(waiting)];
    const infos = await objects.readInfo(unique);
    const tags = unique.filter((_, index) => infos[index]?.type === 'tag');
    const [first] = tags;
    if (depth > MAX_TAGS && first !== undefined) {
      throw new Unreadable('list-cut', `\`${first}\` is a tag of more than ${MAX_TAGS} tags`, {
        passing: false,
      });
    }
    const absent = unique.find((_, index) => infos[index] === null);
    if (absent !== undefined) throw missing('commit', absent);
    const next = new Map(unique.map((id, index) => [id, infos[index]?.type === 'commit' ? id : null]));
    const raws = await objects.readObjects(tags, 'tag', MAX_TAG_BYTES);
    for (const [index, id] of tags.entries()) next.set(id, targetOf(id, raws[index] ?? new Uint8Array()));
    for (const [id, end] of ends)
      if (end !== null) ends.set(id, next.get(end) ?? (next.has(end) ? null : end));
    waiting = tags.map((id) => next.get(id) ?? null).filter((id) => id !== null);
  }
  return ids.map((id) => ends.get(id) ?? null);
}

function targetOf(id: Oid, raw: Uint8Array): Oid {
  const parsed = parseTag(id, raw);
  if (parsed.ok) return parsed.tag.object;
  if (parsed.problem === 'tag-hash-mismatch') throw forged('tag', id);
  throw new Unreadable('object-forged', `tag \`${id}\` is malformed: ${parsed.detail}`, { passing: false });
}
