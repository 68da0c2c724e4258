import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from '../disk/make-folders.ts';
import { Unreadable } from '../gather/ports.ts';
import { readTrustFile, type TrustFileKind } from './file.ts';
import { replaceFile } from './replace-file.ts';

/** The bytes of a trust file that is to be changed; `null` where there is none yet. Throws `Unreadable`. */
export async function readForChange(path: string, kind: TrustFileKind): Promise<Uint8Array | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  if (info.isSymbolicLink())
    throw unwritable(path, 'it is a symbolic link: change the file that it leads to');
  return (await readTrustFile(path, kind))?.bytes ?? null;
}

/**
 * Writes a trust file whole or not at all; a new one of the user's own is for the user alone. Throws `Unreadable` where that
 * cannot be done, or where it is not what it was: `before`, as it was read.
 */
export async function saveTrustFile(
  path: string,
  kind: TrustFileKind,
  before: Uint8Array | null,
  bytes: Uint8Array,
): Promise<void> {
  try {
    const own = kind === 'own';
    if (before === null) await makeFolders(dirname(path), own ? 0o700 : 0o777);
    const info = await lstat(path).catch(() => null);
    const now = info === null ? null : await readFile(path);
    const same = now === null || before === null ? now === before : Buffer.compare(now, before) === 0;
    if (!same || info?.isSymbolicLink() === true) {
      throw unwritable(path, 'it was changed by somebody else meanwhile, try again');
    }
    await replaceFile(path, bytes, info === null ? (own ? 0o600 : 0o644) : info.mode & 0o777);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw unwritable(path, error instanceof Error && 'code' in error ? String(error.code) : 'unknown error');
  }
}

function unwritable(path: string, why: string): Unreadable {
  return new Unreadable('file-unreadable', `the trust file \`${path}\` cannot be written: ${why}`, {
    passing: false,
  });
}
