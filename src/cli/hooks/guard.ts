import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findGitDir } from '../../git/hooks-place.ts';
import { readCheckout } from '../../git/worktree.ts';
import { LOCK_FILE, openTrust, ownTrustFile, type Trust } from '../../trust/find.ts';
import type { Io } from '../io.ts';

const MOST_ROUNDS = 5;
const LARGEST = 4 * 1024 * 1024;

/** What is trusted, as the hooks of a repository see it: by the user's own file and the lock at the top of the work tree. */
export async function openHookTrust(io: Io): Promise<Trust> {
  const { top } = await readCheckout(io.path('.'));
  return openTrust({ file: null, folder: top, environment: io.environment });
}

/**
 * Writes which branches are trusted anywhere, one name a line, for hooks to decide in a shell whether something concerns
 * them, beside the very bytes of the trust files that say so. Gives the names. Where it cannot be written, hooks ask again
 * every time. Throws `Unreadable` where a trust file cannot be read.
 *
 * @param from the work tree in which hooks run, or any folder in it; with `GIT_DIR` the repository is elsewhere
 */
export async function writeGuard(directory: string, from: string, io: Io): Promise<readonly string[]> {
  const { top } = await readCheckout(from);
  const folder = join(await findGitDir(directory), 'countersign');
  const own = ownTrustFile(io.environment);
  const sources = [
    { name: 'trust.yaml', path: own },
    { name: LOCK_FILE, path: top === null ? null : join(top, LOCK_FILE) },
  ];
  const read = (): Promise<readonly (Uint8Array | null)[]> =>
    Promise.all(sources.map(({ path }) => (path === null ? Promise.resolve(null) : readBytes(path))));
  for (let round = 1; ; round += 1) {
    const seen = await read();
    const { entries } = await openTrust({ file: null, folder: top, environment: io.environment });
    const names = [...new Set(entries.map(({ branch }) => branch))].sort();
    try {
      await mkdir(folder, { recursive: true });
      for (const [index, { name }] of sources.entries()) await place(join(folder, name), seen[index] ?? null);
      await place(join(folder, 'branches'), Buffer.from(names.map((name) => `${name}\n`).join('')));
    } catch {
      return names;
    }
    // Whoever finishes last must have seen the last state.
    const now = await read();
    const same = seen.every((bytes, index) => sameBytes(bytes, now[index] ?? null));
    if (same || round >= MOST_ROUNDS) return names;
  }
}

async function place(path: string, bytes: Uint8Array | null): Promise<void> {
  if (bytes === null) {
    await rm(path, { force: true });
    return;
  }
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, bytes, { flag: 'wx', mode: 0o600 });
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

/** A trust file may be a link into a store. What cannot be read is missing here: hooks then ask every time. */
async function readBytes(path: string): Promise<Uint8Array | null> {
  try {
    const info = await stat(path);
    return info.isFile() && info.size <= LARGEST ? await readFile(path) : null;
  } catch {
    return null;
  }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}
