import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Writes a file whole or not at all, for the user alone unless `mode` says otherwise. Of several writers one wins. */
export async function replaceFile(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  const file = await open(aside, 'wx', mode);
  try {
    try {
      // The umask may have taken away what an earlier file had.
      await file.chmod(mode);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
