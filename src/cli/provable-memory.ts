import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvableMemory } from '../provable.ts';
import { makeFolders } from '../disk/make-folders.ts';
import { programVersion } from './version.ts';

/** Some 150 bytes each. */
const MOST_ENTRIES = 5_000;
const LARGEST_FILE = 2 * 1024 * 1024;

/**
 * What was found out about steps before, in a file of the person's cache: judging twenty steps takes seconds. It is lost
 * without harm, since no verdict rests on it, and does not outlive the version that wrote it.
 */
export async function openProvableMemory(
  folder: string | null,
): Promise<ProvableMemory & { readonly save: () => Promise<void> }> {
  const path = folder === null ? null : join(folder, `provable-${programVersion()}.json`);
  const known = path === null ? new Map<string, boolean>() : await read(path);
  let changed = false;
  return {
    get: (key) => known.get(key),
    set(key, passes) {
      known.set(key, passes);
      changed = true;
    },
    async save() {
      if (path === null || folder === null || !changed) return;
      const aside = `${path}.${randomUUID()}`;
      try {
        await makeFolders(folder, 0o700);
        await writeFile(aside, JSON.stringify([...known].slice(-MOST_ENTRIES)), { mode: 0o600 });
        await rename(aside, path);
      } catch {
        // A disk that is full or read-only costs time alone.
        await rm(aside, { force: true });
      }
    },
  };
}

async function read(path: string): Promise<Map<string, boolean>> {
  try {
    if ((await stat(path)).size > LARGEST_FILE) return new Map();
    const found: unknown = JSON.parse(await readFile(path, 'utf8'));
    const entries: readonly unknown[] = Array.isArray(found) ? found : [];
    return new Map(
      entries.flatMap((entry) => {
        const pair: readonly unknown[] = Array.isArray(entry) ? entry : [];
        const [key, passes] = pair;
        return typeof key === 'string' && typeof passes === 'boolean' ? [[key, passes] as const] : [];
      }),
    );
  } catch {
    return new Map();
  }
}
