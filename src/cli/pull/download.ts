import type { Oid } from '../../core/object/id.ts';
import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchObjects, readRemoteRefs } from '../../git/incoming.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import type { Io } from '../io.ts';
import { OTHER_LEDGER, readRef } from './ledgers.ts';
import type { Place, PullOptions } from './place.ts';
import { announce } from './words.ts';

const MOST_ROUNDS = 3;

export interface There {
  /** By whole names on the other side. */
  readonly heads: ReadonlyMap<string, Oid>;
  /** Where remote-tracking branches were when all began, by branch. */
  readonly before: ReadonlyMap<string, Oid>;
}

/** Says what there is, then brings what no ref of here leads to. */
export async function download(
  { refs, objects }: OpenRepository,
  place: Place,
  entries: readonly TrustEntry[],
  options: PullOptions,
  io: Io,
): Promise<There> {
  const { directory, location, remote } = place;
  const names = [...entries.map(({ branch }) => branch), LEDGER_BRANCH];
  const before = new Map<string, Oid>();
  for (const name of names) {
    const id = await readRef(refs, `refs/remotes/${remote}/${name}`);
    if (id !== null) before.set(name, id);
  }
  const known = new Set(before.values());
  for (let round = 1; ; round += 1) {
    const heads = await readRemoteRefs(directory, location, [
      ...names.map((name) => `refs/heads/${name}`),
      ...(place.bundle === null ? [] : [OTHER_LEDGER]),
    ]);
    // An object alone may be left of a fetch that was interrupted: only a ref says that all that it needs is here.
    const isNew = [...heads.values()].some((id) => !known.has(id));
    const infos = await objects.readInfo([...heads.values()]);
    // Where all is here that no ref leads to, as when the newest commits are not proven yet, git only looks at it again.
    const isMissing = infos.some((info) => info === null) || options.complete === true;
    if (round === 1) announce(place, entries, { heads, before, isMissing }, io);
    if (!isNew && options.complete !== true) return { heads, before };
    const progress = io.terminal?.err === true ? { onProgress: io.err } : {};
    const complete = options.complete === true;
    await fetchObjects(directory, location, [...heads.keys()], { ...progress, complete });
    const came = await objects.readInfo([...heads.values()]);
    if (came.every((info) => info !== null)) return { heads, before };
    if (round >= MOST_ROUNDS) {
      throw new Unreadable(
        'git-failed',
        `\`${location}\` changes faster than it can be read: run the command again`,
      );
    }
  }
}
