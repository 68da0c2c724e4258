import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
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

/**
 * Runs `act` while holding a lock that all processes see, a directory. A holder that died is told by its silence, not
 * by its process id: processes may live in different containers or machines. Waiting saves work; that two fetches never
 * damage each other is up to git, so a lock broken too early costs time only.
 */
export async function withLock<T>(path: string, act: () => Promise<T>, times: LockTimes = TIMES): Promise<T> {
  await acquire(path, times);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, times.beatMs);
  beat.unref();
  try {
    return await act();
  } finally {
    clearInterval(beat);
    await rm(path, { recursive: true, force: true });
  }
}

async function acquire(path: string, times: LockTimes): Promise<void> {
  const start = Date.now();
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    try {
      await mkdir(path);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    await breakStale(path, times.staleMs);
    if (Date.now() - start > times.waitMs) {
      throw new Unreadable('git-failed', 'another process has been fetching into the mirror for too long');
    }
    await sleep(pause);
  }
}

/** Renaming is what only one of several waiting processes succeeds in. */
async function breakStale(path: string, staleMs: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || Date.now() - found.mtimeMs < staleMs) return;
  const aside = `${path}.stale-${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}
