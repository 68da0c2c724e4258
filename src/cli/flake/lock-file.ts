import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Unreadable } from '../../gather/ports.ts';
import { MAX_LOCK_BYTES, encodeLock, parseLock, type FlakeLock } from '../../nix/flake-lock.ts';
import { replaceFile } from '../../trust/replace-file.ts';
import { UsageError } from '../revisions.ts';

/** A lock file as it was read. */
export interface LockFile {
  readonly path: string;
  readonly lock: FlakeLock;
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** Reads `flake.lock` in a flake's folder. Throws `UsageError` where there is none, and `Unreadable`. */
export async function readLockFile(folder: string): Promise<LockFile> {
  const path = join(folder, 'flake.lock');
  const { bytes, mode } = await readRegular(path);
  return { path, lock: parseLock(bytes), bytes, mode };
}

/**
 * Puts another lock in its place, whole or not at all. Throws `Unreadable` where somebody else changed the file since it was
 * read, and where it cannot be written.
 */
export async function writeLockFile({ path, bytes, mode }: LockFile, lock: FlakeLock): Promise<void> {
  const now = await readRegular(path);
  if (Buffer.compare(now.bytes, bytes) !== 0) {
    throw unusable(
      path,
      'another program changed it meanwhile, and nothing was written: run the command again',
    );
  }
  try {
    await replaceFile(path, encodeLock(lock), mode);
  } catch (error) {
    throw unusable(path, `it could not be written (${codeOf(error)})`);
  }
}

async function readRegular(path: string): Promise<{ readonly bytes: Uint8Array; readonly mode: number }> {
  let file: FileHandle;
  try {
    // A pipe would keep its reader waiting.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        `there is no \`${path}\`: name the flake's folder with --flake DIR, or let nix write the file first (\`nix flake lock\`) and take it back to what is proven (\`countersign flake update --allow-downgrade\`)`,
      );
    }
    throw unusable(path, code === 'ELOOP' ? 'it is a symbolic link' : code);
  }
  try {
    const info = await file.stat();
    if (!info.isFile()) throw unusable(path, 'it is not a regular file');
    if (info.size > MAX_LOCK_BYTES) throw unusable(path, `it is larger than ${MAX_LOCK_BYTES} bytes`);
    return { bytes: await file.readFile(), mode: info.mode & 0o777 };
  } catch (error) {
    throw error instanceof Unreadable ? error : unusable(path, codeOf(error));
  } finally {
    await file.close();
  }
}

function unusable(path: string, why: string): Unreadable {
  return new Unreadable('file-unreadable', `the lock file \`${path}\` cannot be used: ${why}`, {
    passing: false,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
