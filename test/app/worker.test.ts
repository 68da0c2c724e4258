import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SILENT } from '../../src/app/log.ts';
import { backoff, startWorker, type Ending, type Turn, type Worker } from '../../src/app/worker.ts';
import { ForgeFailure } from '../../src/github/client.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Lease, Store } from '../../src/store/store.ts';

describe('the worker', () => {
  let directory = '';
  let store: Store;
  let worker: Worker | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wo-'));
    store = openStore(join(directory, 's.sqlite'));
  });
  afterEach(async () => {
    await worker?.stop();
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const done: Ending = { kind: 'done' };
  const want = (...keys: string[]): void => {
    store.want(
      keys.map((key) => ({ key, body: key, priority: 0 })),
      Date.now(),
    );
  };
  const start = (
    handle: (lease: Lease, turn: Turn) => Promise<Ending>,
    more: { backoffMs?: number; leaseMs?: number; graceMs?: number } = {},
  ): Worker => {
    worker = startWorker({ store, log: SILENT, backoffMs: 20, handle, ...more });
    return worker;
  };
  /** A promise and what resolves it. */
  const gate = (): { opened: Promise<void>; open: () => void } => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { opened, open };
  };

  test('does two things at a time, and never one thing twice at a time', async () => {
    const now = new Set<string>();
    let most = 0;
    const runs: string[] = [];
    const working = start(async ({ key }) => {
      expect(now.has(key)).toBe(false);
      now.add(key);
      most = Math.max(most, now.size);
      runs.push(key);
      if (runs.length === 1) want('a', 'b', 'c');
      await new Promise((resolve) => setTimeout(resolve, 5));
      now.delete(key);
      return done;
    });
    want('a', 'b', 'c', 'd');
    working.wake();
    await working.idle();
    expect(most).toBe(2);
    expect(runs.filter((key) => key === 'a')).toHaveLength(2);
    expect(new Set(runs)).toEqual(new Set(['a', 'b', 'c', 'd']));
  });

  test('repeats what throws until it does not, and what could not be told', async () => {
    const attempts: number[] = [];
    const working = start((lease) => {
      attempts.push(lease.attempts);
      if (attempts.length < 3) throw new Error('no luck');
      return Promise.resolve(attempts.length < 4 ? { kind: 'retry', reason: 'unclear' } : done);
    });
    want('a');
    working.wake();
    await working.idle();
    expect(attempts).toEqual([0, 1, 2, 3]);
  });

  test('waits for the end of a rate limit', async () => {
    const until = Date.now() + 400;
    const at: number[] = [];
    const working = start(() => {
      at.push(Date.now());
      if (at.length === 1) throw new ForgeFailure('slow down', { status: 429, notBefore: until });
      return Promise.resolve(done);
    });
    want('a');
    working.wake();
    await working.idle();
    expect(at[1]).toBeGreaterThanOrEqual(until);
  });

  test('comes back soon to what another is at, without counting a failure', async () => {
    const attempts: number[] = [];
    const working = start((lease) => {
      attempts.push(lease.attempts);
      return Promise.resolve(attempts.length < 2 ? { kind: 'busy' } : done);
    });
    want('a');
    working.wake();
    await working.idle();
    expect(attempts).toEqual([0, 0]);
  });

  test('keeps a lease for as long as the work takes, and tells the work when it is lost', async () => {
    const { opened, open } = gate();
    let lost = false;
    start(
      async (lease, turn) => {
        await new Promise((resolve) => setTimeout(resolve, 250));
        expect(store.lease(Date.now(), 1000)).toBeNull();
        store.release(lease, Date.now() + 60_000);
        await new Promise((resolve) => {
          turn.signal.addEventListener('abort', resolve);
        });
        lost = !turn.holds();
        open();
        return done;
      },
      { leaseMs: 90 },
    );
    want('a');
    worker?.wake();
    await opened;
    expect(lost).toBe(true);
  });

  test('gives back what it cannot finish when it stops', async () => {
    const { opened, open } = gate();
    const never = gate();
    start(
      async () => {
        open();
        await never.opened;
        return done;
      },
      { graceMs: 30 },
    );
    want('a', 'b', 'c');
    worker?.wake();
    await opened;
    await worker?.stop();
    expect(store.backlog(Date.now())).toMatchObject({ waiting: 3, leased: 0 });
    never.open();
  });

  test('lets work end when it stops, without a failure on its account', async () => {
    const { opened, open } = gate();
    start(async (_, { signal }) => {
      open();
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('stopping'));
        });
      });
      return done;
    });
    want('a');
    worker?.wake();
    await opened;
    await worker?.stop();
    expect(store.lease(Date.now(), 1000)).toMatchObject({ key: 'a', attempts: 0 });
  });
});

describe('backoff', () => {
  test('doubles, has a ceiling, and is spread over its second half', () => {
    const longest = [0, 1, 2, 3].map((attempts) => backoff(1000, attempts, () => 0));
    expect(longest).toEqual([1000, 2000, 4000, 8000]);
    expect(backoff(1000, 3, () => 0.999)).toBe(4004);
    expect(backoff(1000, 500, () => 0)).toBe(15 * 60_000);
  });
});
