import { ForgeFailure } from '../github/client.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Lease, Store } from '../store/store.ts';
import { reasonOf, type Log } from './log.ts';

/** How a piece of work ended, when it did not throw. */
export type Ending =
  | { readonly kind: 'done' }
  /** Somebody else is at the same commit: in a moment again. */
  | { readonly kind: 'busy' }
  /** What could not be told has been published; later it may be told. */
  | { readonly kind: 'retry'; readonly reason: string };

/** What a handler may do under its lease. */
export interface Turn {
  /** Claims a name among all processes for the time of this turn. */
  claim(name: string): boolean;
  /** Whether the lease still holds. To be asked right before something is published. */
  holds(): boolean;
  /** Aborted when the program stops or the lease is lost. */
  readonly signal: AbortSignal;
  /** How often this has failed in a row. */
  readonly attempts: number;
}

export interface WorkerOptions {
  readonly store: Store;
  readonly handle: (lease: Lease, turn: Turn) => Promise<Ending>;
  readonly log: Log;
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  readonly backoffMs: number;
  readonly concurrency?: number;
  readonly leaseMs?: number;
  /** How long running work may go on after `stop`. */
  readonly graceMs?: number;
}

export interface Worker {
  /** There may be work. */
  wake(): void;
  /** Resolves once no work waits, put off or not, and none is being done by anybody. */
  idle(): Promise<void>;
  /** Leases nothing more; ends or gives back what is being done. */
  stop(): Promise<void>;
}

const LONGEST_BACKOFF = 15 * 60_000;
const LONGEST_SLEEP = 5_000;
const BUSY_MS = 300;

/** Does the work of the store: leases, handles, and puts off what failed. Nothing that fails is ever dropped. */
export function startWorker(options: WorkerOptions): Worker {
  const { store, log, concurrency = 2, leaseMs = 120_000, graceMs = 10_000 } = options;
  const running = new Map<Lease, Promise<void>>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function run(lease: Lease): Promise<void> {
    const lost = new AbortController();
    const turn: Turn = {
      claim: (name) => store.claim(lease, name, Date.now(), leaseMs),
      holds: () => store.renew(lease, Date.now(), leaseMs),
      signal: AbortSignal.any([stopping.signal, lost.signal]),
      attempts: lease.attempts,
    };
    const heart = setInterval(() => {
      try {
        if (!turn.holds()) lost.abort();
      } catch (error) {
        log.error({ key: lease.key, reason: reasonOf(error) }, 'a lease could not be prolonged');
      }
    }, leaseMs / 3);
    try {
      settle(lease, await options.handle(lease, turn));
    } catch (error) {
      fail(lease, error);
    } finally {
      clearInterval(heart);
    }
  }

  function settle(lease: Lease, ending: Ending): void {
    if (ending.kind === 'done') store.done(lease);
    else if (ending.kind === 'busy') store.release(lease, Date.now() + BUSY_MS);
    else {
      log.warn({ key: lease.key, reason: ending.reason }, 'could not tell; tried again later');
      store.retry(lease, Date.now() + backoff(options.backoffMs, lease.attempts), ending.reason);
    }
  }

  function fail(lease: Lease, error: unknown): void {
    if (stopping.signal.aborted) {
      store.release(lease, 0);
      return;
    }
    const wait = Date.now() + backoff(options.backoffMs, lease.attempts);
    const limit = error instanceof ForgeFailure ? (error.notBefore ?? 0) : 0;
    const defect = !(error instanceof Unreadable) && error instanceof Error ? (error.stack ?? '') : '';
    log.error(
      { key: lease.key, attempts: lease.attempts + 1, reason: reasonOf(error), stack: defect },
      'failed',
    );
    store.retry(lease, Math.max(wait, limit), reasonOf(error));
  }

  function fill(): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    let sleep = LONGEST_SLEEP;
    try {
      while (running.size < concurrency) {
        const lease = store.lease(Date.now(), leaseMs);
        if (lease === null) break;
        const work = run(lease)
          .catch((error: unknown) => {
            // The store itself failed: the lease runs out, and the work is leased again.
            log.error({ key: lease.key, reason: reasonOf(error) }, 'the end of work could not be stored');
          })
          .finally(() => {
            running.delete(lease);
            fill();
          });
        running.set(lease, work);
      }
      const { nextDue } = store.backlog(Date.now());
      if (nextDue !== null) sleep = Math.min(sleep, Math.max(20, nextDue - Date.now()));
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'the store does not answer');
    }
    if (running.size < concurrency) timer = setTimeout(fill, sleep);
  }

  fill();
  return {
    wake: fill,
    async idle() {
      for (;;) {
        const { waiting, leased } = store.backlog(Date.now());
        if (waiting === 0 && leased === 0 && running.size === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      let late: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        late = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(running.values()), grace]);
      clearTimeout(late);
      // What is still at it finds its lease gone before it publishes anything.
      for (const lease of running.keys()) store.release(lease, 0);
    },
  };
}

/** Doubles with every failure, up to 15 minutes, less a random part of up to a half so that not all come at once. */
export function backoff(base: number, attempts: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_BACKOFF, base * 2 ** Math.min(attempts, 30));
  return Math.round(full * (1 - random() / 2));
}
