import { randomBytes } from 'node:crypto';
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../disk/make-folders.ts';
import { fileProblem } from '../file-problem.ts';
import { EXIT } from '../io.ts';
import { findLinkedFolder, type PolicyPlace } from '../policy-place.ts';
import { KeysRefusal } from './outcome.ts';

/** What a command changes on the disk: new bytes, or `null` for a file that goes. */
export interface FileChange {
  readonly path: string;
  readonly bytes: Uint8Array | null;
  /** What was read before: it must still be there. `null`: there was no file. */
  readonly before: Uint8Array | null;
}

/**
 * Changes all files or none: everything is written beside its place first, then renamed. A file that somebody changed since
 * it was read, or that is no regular file, stops it before anything happened.
 *
 * @param place where the files belong to a policy: nothing is written through a link in it
 * @throws KeysRefusal `file-changed`, `file-unwritable` or `folder-linked`
 */
export async function changeFiles(
  changes: readonly FileChange[],
  place: PolicyPlace | null = null,
): Promise<void> {
  if (place !== null) await refuseLinkedFolders(place);
  for (const change of changes) await refuseOthers(change);
  const prepared: { change: FileChange; temporary: string | null }[] = [];
  const done: FileChange[] = [];
  try {
    for (const change of changes) {
      prepared.push({
        change,
        temporary: change.bytes === null ? null : await prepare(change.path, change.bytes),
      });
    }
    for (const { change, temporary } of prepared) {
      await refuseOthers(change);
      if (temporary === null) await rm(change.path);
      else await rename(temporary, change.path);
      done.push(change);
    }
  } catch (error) {
    for (const { temporary } of prepared) if (temporary !== null) await rm(temporary, { force: true });
    for (const { path, before } of done.reverse()) await restore(path, before);
    if (error instanceof KeysRefusal) throw error;
    throw unwritable(changes[prepared.length]?.path ?? changes[done.length]?.path ?? '', error);
  }
}

/** @throws KeysRefusal `folder-linked` */
export async function refuseLinkedFolders(place: PolicyPlace): Promise<void> {
  const linked = await findLinkedFolder(place);
  if (linked === null) return;
  throw new KeysRefusal('folder-linked', linked.message, linked.remedy, EXIT.undetermined);
}

async function prepare(path: string, bytes: Uint8Array): Promise<string> {
  await makeFolders(dirname(path));
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', 0o644);
  try {
    // The umask may have taken bits away; a policy that git would record with another mode is refused.
    await file.chmod(0o644);
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

async function restore(path: string, before: Uint8Array | null): Promise<void> {
  if (before === null) await rm(path, { force: true });
  else await rename(await prepare(path, before), path);
}

async function refuseOthers({ path, before }: FileChange): Promise<void> {
  const info = await lstat(path).catch(() => null);
  if (info !== null && !info.isFile()) {
    throw new KeysRefusal('file-unwritable', `\`${path}\` is not a regular file`, null, EXIT.undetermined);
  }
  const now = info === null ? null : await readFile(path);
  const same = now === null || before === null ? now === before : Buffer.compare(now, before) === 0;
  if (!same) {
    throw new KeysRefusal(
      'file-changed',
      `\`${path}\` was changed by somebody else meanwhile`,
      'try again',
      EXIT.undetermined,
    );
  }
}

function unwritable(path: string, error: unknown): KeysRefusal {
  return new KeysRefusal(
    'file-unwritable',
    `\`${path}\` cannot be written: ${fileProblem(error)}; nothing was changed`,
    null,
    EXIT.undetermined,
  );
}
