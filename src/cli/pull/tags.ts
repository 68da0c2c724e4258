import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchObjects, readRemoteTags, type RemoteTag } from '../../git/incoming.ts';
import { moveRefs } from '../../git/move-refs.ts';
import { listRemotes } from '../../git/own.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { isBranchName, refsOf } from '../../git/refs.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import type { Io } from '../io.ts';
import type { BroughtBranch, BroughtTags } from './brought.ts';
import type { Place } from './place.ts';
import { branchNames, isMistakable } from './tag-names.ts';

const TAGS = 'refs/tags/';
const MOST_TAGS = 20_000;
const MOST_STEPS = 1_000_000;

/**
 * Brings the tags that lead to a commit that was proven to have been the branch's newest one once. That a commit bears
 * this name is the word of whoever made the tag; that it is a state of the branch is proven. What would be taken for a
 * branch stays away, and so does what cannot be read. Throws `Unreadable` where nothing can be brought.
 */
export async function bringTags(
  opened: OpenRepository,
  { directory, location, remote }: Place,
  entries: readonly TrustEntry[],
  branches: readonly BroughtBranch[],
  io: Io,
): Promise<BroughtTags> {
  const proven = await provenCommits(opened, entries, branches);
  const listed = (await readRemoteTags(directory, location)).filter(({ ref }) => isBranchName(ref));
  const here = new Map((await refsOf(directory).readAll()).map(({ ref, id }) => [ref, id] as const));
  const remotes = [...new Set([remote, ...(await listRemotes(directory))])];
  const known = [...here.keys(), ...entries.map(({ branch }) => `refs/heads/${branch}`)];
  const names = { branches: branchNames(known, remotes), remotes };
  const differing = listed.filter(({ ref, id }) => here.get(ref) !== id);
  const mistakable = new Set(
    differing.filter(({ ref }) => !here.has(ref) && isMistakable(ref.slice(TAGS.length), names)),
  );
  const fresh = differing.filter((tag) => !mistakable.has(tag));
  const wanted = fresh.filter(({ ref, peeled }) => !here.has(ref) && proven.has(peeled)).slice(0, MOST_TAGS);
  if (wanted.length > 0) {
    const progress = io.terminal?.err === true ? { onProgress: io.err } : {};
    await fetchObjects(
      directory,
      location,
      wanted.map(({ ref }) => ref),
      progress,
    );
  }
  const leads = await leadTo(opened, wanted);
  const added = wanted.filter((tag) => proven.has(leads.get(tag) ?? tag.id));
  const moves = added.map(({ ref, id }) => ({ ref, from: null, to: id }));
  const moved = await moveRefs(directory, moves, 'countersign fetch: tag of a proven commit');
  const done = new Set(moved ? added : []);
  return {
    added: [...done].map(({ ref }) => ref),
    differing: fresh.filter(({ ref }) => here.has(ref)).map(({ ref }) => ref),
    leftOut: fresh.filter((tag) => !here.has(tag.ref) && !done.has(tag)).map(({ ref }) => ref),
    mistakable: [...mistakable].map(({ ref }) => ref),
  };
}

/** What tags lead to by the bytes that we hashed. */
async function leadTo(
  opened: OpenRepository,
  tags: readonly RemoteTag[],
): Promise<ReadonlyMap<RemoteTag, Oid>> {
  const infos = await opened.objects.readInfo(tags.map(({ id }) => id));
  const here = tags.filter((_, index) => infos[index] !== null);
  const peeled = await peelAll(
    opened,
    here.map(({ id }) => id),
  );
  return new Map(
    here.flatMap((tag, index) => {
      const commit = peeled[index] ?? null;
      return commit === null ? [] : [[tag, commit] as const];
    }),
  );
}

/** One tag that cannot be followed is nothing that is wrong with the others. */
async function peelAll(opened: OpenRepository, ids: readonly Oid[]): Promise<readonly (Oid | null)[]> {
  try {
    return await opened.peel(ids);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    if (ids.length < 2) return ids.map(() => null);
    const middle = ids.length >> 1;
    return [...(await peelAll(opened, ids.slice(0, middle))), ...(await peelAll(opened, ids.slice(middle)))];
  }
}

/** The commits that were the newest of their branches, from the introduction to what is accepted. */
async function provenCommits(
  { repository }: OpenRepository,
  entries: readonly TrustEntry[],
  branches: readonly BroughtBranch[],
): Promise<ReadonlySet<Oid>> {
  const proven = new Set<Oid>();
  for (const { branch, accepted } of branches) {
    const entry = entries.find((one) => one.branch === branch);
    if (accepted === null || entry === undefined) continue;
    const line = await repository.firstParents(entry.introduction, accepted, MOST_STEPS);
    for (const id of line === null ? [accepted] : [entry.introduction, ...line]) proven.add(id);
  }
  return proven;
}
