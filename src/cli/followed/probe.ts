import { lstat, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../disk/make-folders.ts';

/** What `mkdtemp` makes of it: six letters or digits more. */
const PROBE = /^probe-[0-9A-Za-z]{6}$/;
/** A probe lives for two system calls: one so old was left behind by a process that was killed. */
const STALE_MS = 60_000;

/**
 * Makes a folder, and finds out whether it can be written by writing: permission bits do not tell what root may, nor that a
 * file system is read-only. Throws what the operating system says.
 */
export async function probeFolder(folder: string): Promise<void> {
  await makeFolders(folder, 0o700);
  const probe = await mkdtemp(join(folder, 'probe-'));
  await removeEmpty(probe);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (PROBE.test(name)) await removeStale(join(folder, name));
  }
}

/** Whatever is wrong with it is no reason to stop: it stands in nobody's way. */
async function removeStale(path: string): Promise<void> {
  try {
    const info = await lstat(path);
    if (info.isDirectory() && Date.now() - info.mtimeMs > STALE_MS) await rmdir(path);
  } catch {
    return;
  }
}

/** Another process whose clock is ahead of ours may take it for a stale one. */
async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
