import { access, mkdir, readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unreadable } from '../gather/ports.ts';

export interface LockTimes {
  /** How often the holder shows that it lives. */
  readonly beatMs: number;
  /** A lock whose holder showed nothing for so long is broken. */
  readonly staleMs: number;
  /** How long to wait for it. */
  readonly waitMs: number;
}

const TIMES: LockTimes = { beatMs: 5_000, staleMs: 60_000, waitMs: 20 * 60_000 };
/** For a memory: what its holder has to do takes no longer than reading some commits, or moving two refs. */
export const MEMORY_TIMES: LockTimes = { beatMs: 2_000, staleMs: 30_000, waitMs: 5 * 60_000 };

/**
 * Runs `act` while holding a lock that all processes see, a directory with a file in it that is named after its holder. A
 * holder that died is told by its silence, not by its process id: processes may live in different containers or machines. A
 * holder that was merely suspended loses the lock like that as well, and learns nothing of it: what `act` must not do then it
 * has to look after itself, right before it does it. Whoever holds the lock by then keeps it.
 */
export async function withLock<T>(path: string, act: () => Promise<T>, times: LockTimes = TIMES): Promise<T> {
  const token = await acquire(path, times);
  const beat = setInterval(() => {
    const now = new Date();
    access(token)
      .then(() => utimes(path, now, now))
      .catch(() => undefined);
  }, times.beatMs);
  beat.unref();
  try {
    return await act();
  } finally {
    clearInterval(beat);
    await release(path, token);
  }
}

/** @returns the file that says that the lock is ours */
async function acquire(path: string, times: LockTimes): Promise<string> {
  const start = Date.now();
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    try {
      await mkdir(path);
      const token = await sign(path);
      if (token !== null) return token;
    } catch (error) {
      if (!isOneOf(error, ['EEXIST'])) throw error;
    }
    await breakStale(path, times.staleMs);
    if (Date.now() - start > times.waitMs) {
      throw new Unreadable('git-failed', 'another process has been fetching into the mirror for too long');
    }
    await sleep(pause);
  }
}

/** `null`: the directory that we made was taken for a dead holder's before we had signed it. */
async function sign(path: string): Promise<string | null> {
  const name = randomUUID();
  const token = join(path, name);
  try {
    await writeFile(token, '', { flag: 'wx' });
    if ((await readdir(path)).every((other) => other === name)) return token;
  } catch (error) {
    if (!isOneOf(error, ['ENOENT'])) {
      await rmdir(path).catch(() => undefined);
      throw error;
    }
    return null;
  }
  await release(path, token);
  return null;
}

/**
 * Neither removes what another holder has signed: a directory with a file in it is not empty. What was done is done, whatever
 * is wrong here: a lock that stays is broken once it is stale.
 */
async function release(path: string, token: string): Promise<void> {
  try {
    await unlink(token);
    await rmdir(path);
  } catch {
    return;
  }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Renaming is what only one of several waiting processes succeeds in. */
async function breakStale(path: string, staleMs: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || Date.now() - found.mtimeMs < staleMs) return;
  const aside = `${path}.stale-${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}
