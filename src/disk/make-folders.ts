import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it, as `mkdir -p` does; a folder that is there keeps its mode. Throws what the
 * operating system says of the one that cannot be made. Node's own `recursive` goes round for ever where a folder is there
 * in which nothing can be made, and that is said with ENOENT, as in /proc.
 *
 * @param path a whole path
 * @param mode of each folder that is made, before the umask
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
  if ((await find(path)) === 'folder') return;
  const missing = [path];
  for (let at = dirname(path); at !== dirname(at) && (await find(at)) === null; at = dirname(at)) {
    missing.unshift(at);
  }
  for (const at of missing) {
    try {
      await mkdir(at, { mode });
    } catch (error) {
      // Another process was faster.
      if ((await find(at)) !== 'folder') throw error;
    }
  }
}

async function find(path: string): Promise<'folder' | 'other' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch {
    return null;
  }
}
