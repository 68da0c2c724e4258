import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findGitDir } from '../../git/hooks-place.ts';
import { openTrust, ownTrustFile, type Trust } from '../../trust/find.ts';
import type { Io } from '../io.ts';

const MOST_ROUNDS = 5;
const LARGEST = 4 * 1024 * 1024;

/**
 * What is trusted, as the hooks of a repository see it: by the user's own file alone, since a `countersign.lock` in its work
 * tree is whatever was pushed there.
 */
export function openHookTrust(io: Io): Promise<Trust> {
  return openTrust({ file: null, folder: null, environment: io.environment });
}

/**
 * Writes which branches are trusted anywhere, one name a line, for hooks to decide in a shell whether something concerns
 * them, beside the very bytes of the trust file that says so. Gives the names. Where it cannot be written, hooks ask again
 * every time. Throws `Unreadable` where the trust file cannot be read.
 */
export async function writeGuard(directory: string, io: Io): Promise<readonly string[]> {
  const folder = join(await findGitDir(directory), 'countersign');
  const own = ownTrustFile(io.environment);
  const read = (): Promise<Uint8Array | null> => (own === null ? Promise.resolve(null) : readBytes(own));
  for (let round = 1; ; round += 1) {
    const seen = await read();
    const { entries } = await openHookTrust(io);
    const names = [...new Set(entries.map(({ branch }) => branch))].sort();
    try {
      await mkdir(folder, { recursive: true });
      await place(join(folder, 'trust.yaml'), seen);
      await place(join(folder, 'branches'), Buffer.from(names.map((name) => `${name}\n`).join('')));
    } catch {
      return names;
    }
    // Whoever finishes last must have seen the last state.
    if (sameBytes(seen, await read()) || round >= MOST_ROUNDS) return names;
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
