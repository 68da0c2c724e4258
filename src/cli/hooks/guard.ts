import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../disk/make-folders.ts';
import { findGitDir } from '../../git/hooks-place.ts';
import { openTrust, ownTrustFile, type Trust } from '../../trust/find.ts';
import { replaceFile } from '../../trust/replace-file.ts';
import type { Io } from '../io.ts';
import { guardTitle } from './scripts.ts';

const MOST_ROUNDS = 5;
const LARGEST = 4 * 1024 * 1024;

/**
 * What is trusted, as the hooks of a repository see it: by the user's own file alone, since a `countersign.lock` in its work
 * tree is whatever was pushed there.
 */
export function openHookTrust(io: Io): Promise<Trust> {
  return openTrust({ file: null, folder: null, environment: io.environment });
}

/** What hooks find in the git directory. Older hooks of ours read two files, which could come to disagree. */
const GUARD = 'trusted';
const OLDER = ['branches', 'trust.yaml'] as const;

/**
 * Writes which branches are trusted anywhere for hooks to decide in a shell whether something concerns them (scripts.ts has
 * the form), and gives the names. Where it cannot be written, hooks ask again every time. Throws `Unreadable` where the
 * trust file cannot be read.
 */
export async function writeGuard(directory: string, io: Io): Promise<readonly string[]> {
  const folder = join(await findGitDir(directory), 'countersign');
  const own = ownTrustFile(io.environment);
  const read = (): Promise<Uint8Array | null> => (own === null ? Promise.resolve(null) : readBytes(own));
  for (let round = 1; ; round += 1) {
    const seen = await read();
    const { entries } = await openHookTrust(io);
    const names = [...new Set(entries.map(({ branch }) => branch))].sort();
    // Names never stand beside the bytes of another trust file than the one that they were read from.
    const settled = sameBytes(seen, await read());
    if (!settled && round < MOST_ROUNDS) continue;
    try {
      for (const name of OLDER) await rm(join(folder, name), { force: true });
      if (settled) {
        await makeFolders(folder);
        await replaceFile(join(folder, GUARD), guardBytes(names, seen));
      }
    } catch {
      // Whatever lies there has the bytes of another trust file, or is what would have been written.
    }
    return names;
  }
}

/** @param own the bytes of the user's trust file; `null`: there is none */
function guardBytes(names: readonly string[], own: Uint8Array | null): Uint8Array {
  const lines = [guardTitle(own !== null), ...names, ''];
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\n`).join('')), own ?? new Uint8Array()]);
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
