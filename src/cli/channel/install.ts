import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../core/object/id.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { isSameTree } from '../../nix/same-tree.ts';
import { writeTree } from '../../nix/write-tree.ts';
import { onDisk, unusable } from './place.ts';

/** Names in a channel's folder that are ours and not in use: what is being written, or is on its way out. */
const PASSING = /^(?:new|old|link)-[0-9a-f-]{36}$/;

/**
 * Writes a commit's tree into the channel's folder under the commit's id. A tree that is there already is compared file by
 * file, and written anew where anything differs. Whoever looks sees a whole tree under that name, or none.
 */
export async function installTree(
  opened: OpenRepository,
  folder: string,
  rev: Oid,
  tree: Oid,
): Promise<{ readonly written: boolean }> {
  const target = join(folder, rev);
  const there = await lstat(target).catch(() => null);
  if (there !== null && (await isSameTree(tree, target, opened.objects))) {
    const now = new Date();
    await onDisk(target, () => utimes(target, now, now));
    return { written: false };
  }
  const aside = join(folder, `new-${randomUUID()}`);
  try {
    await writeTree(tree, aside, opened.objects);
    await onDisk(target, async () => {
      if (there !== null) await rename(target, join(folder, `old-${randomUUID()}`));
      await rename(aside, target);
    });
    return { written: true };
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Lets `current` lead to a tree that is there, in one step (rename(2)), if that is still right: `refusal` is asked when nothing
 * but this step is left, since whoever was suspended may find that others have gone further. Throws `Unreadable`.
 *
 * @returns what `refusal` said; `null`: `current` was switched
 */
export async function switchTo<T>(
  folder: string,
  rev: Oid,
  refusal: () => Promise<T | null>,
): Promise<T | null> {
  const link = join(folder, `link-${randomUUID()}`);
  await onDisk(folder, () => symlink(rev, link));
  try {
    const refused = await refusal();
    if (refused !== null) {
      await rm(link, { force: true });
      return refused;
    }
  } catch (error) {
    await rm(link, { force: true });
    throw error;
  }
  try {
    await rename(link, join(folder, 'current'));
    return null;
  } catch (error) {
    await rm(link, { force: true });
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw unusable(
      join(folder, 'current'),
      gone ? 'another update has been at work there meanwhile: run this again' : 'it is no link of ours',
    );
  }
}

/** Removes trees: each leaves its name first, so that none is ever seen half. */
export async function removeTrees(folder: string, revisions: readonly Oid[]): Promise<void> {
  for (const rev of revisions) {
    await onDisk(folder, () => rename(join(folder, rev), join(folder, `old-${randomUUID()}`)));
  }
  await clearAway(folder);
}

/** Removes what an interrupted update left behind. Nobody else works in the folder while we hold the lock. */
export async function clearAway(folder: string): Promise<void> {
  await onDisk(folder, async () => {
    for (const name of await readdir(folder)) {
      if (PASSING.test(name)) await rm(join(folder, name), { recursive: true, force: true });
    }
  });
}
