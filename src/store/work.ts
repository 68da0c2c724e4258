import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Lease, Store, Work } from './store.ts';

const LONGEST_ERROR = 2000;
/** By how much one level of priority goes before the next, in milliseconds: an advantage, not for ever. */
const HEAD_START = 600_000;

type WorkStore = Pick<Store, 'want' | 'lease' | 'renew' | 'claim' | 'done' | 'retry' | 'release' | 'backlog'>;

export interface WorkList {
  readonly operations: WorkStore;
  /** One transaction that takes the write lock first; undone where `act` throws. */
  transaction<T>(act: () => T): T;
  /** As `want`, within a transaction. */
  add(work: readonly Work[], now: number): void;
}

/** The work list. Each operation is one transaction that takes the write lock first, so no two leases cross. */
export function openWork(database: DatabaseSync): WorkList {
  const prepare = (sql: string) => database.prepare(sql);
  const statements = {
    want: prepare(`
      INSERT INTO work (key, body, priority, wanted_at, generation) VALUES (?, ?, ?, ?, 1)
      ON CONFLICT (key) DO UPDATE SET body = excluded.body, priority = min(priority, excluded.priority),
        generation = generation + 1, not_before = 0,
        -- Wanted again while it is done: behind what waits already, or two busy subjects would starve all others.
        wanted_at = CASE WHEN leased_until > excluded.wanted_at THEN excluded.wanted_at ELSE wanted_at END`),
    deliver: prepare(`
      INSERT INTO deliveries (guid, event, received_at) VALUES (?, ?, ?)
      ON CONFLICT (guid) DO UPDATE SET times = times + 1`),
    due: prepare(`
      SELECT key, body, priority, attempts FROM work WHERE not_before <= ? AND leased_until <= ?
      ORDER BY wanted_at + priority * ${HEAD_START}, key LIMIT 1`),
    lease: prepare(
      'UPDATE work SET lease = ?, leased_until = ?, leased_generation = generation WHERE key = ?',
    ),
    renew: prepare('UPDATE work SET leased_until = ? WHERE key = ? AND lease = ?'),
    renewClaims: prepare('UPDATE claims SET claimed_until = ? WHERE lease = ?'),
    claim: prepare(`
      INSERT INTO claims (name, lease, claimed_until) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET lease = excluded.lease, claimed_until = excluded.claimed_until
        WHERE claims.lease = excluded.lease OR claims.claimed_until <= ?`),
    unclaim: prepare('DELETE FROM claims WHERE lease = ?'),
    finish: prepare('DELETE FROM work WHERE key = ? AND lease = ? AND generation = leased_generation'),
    // Wanted again meanwhile: what was done is not what is wanted now.
    again: prepare(`
      UPDATE work SET lease = NULL, leased_until = 0, attempts = 0, last_error = NULL
      WHERE key = ? AND lease = ?`),
    retry: prepare(`
      UPDATE work SET lease = NULL, leased_until = 0, attempts = attempts + 1, last_error = ?,
        not_before = CASE WHEN generation = leased_generation THEN ? ELSE 0 END
      WHERE key = ? AND lease = ?`),
    release: prepare(
      'UPDATE work SET lease = NULL, leased_until = 0, not_before = ? WHERE key = ? AND lease = ?',
    ),
    backlog: prepare(`
      SELECT count(*) AS waiting, coalesce(sum(leased_until > ?), 0) AS leased,
        min(max(not_before, leased_until)) AS next_due FROM work`),
  };
  const transaction = <T>(act: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = act();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const add = (work: readonly Work[], now: number): void => {
    for (const { key, body, priority } of work) statements.want.run(key, body, priority, now);
  };

  const operations: WorkStore = {
    want: (work, now, delivery) => {
      transaction(() => {
        if (delivery) statements.deliver.run(delivery.guid, delivery.event, now);
        add(work, now);
      });
    },
    lease: (now, forMs) =>
      transaction((): Lease | null => {
        const row = statements.due.get(now, now);
        if (!row) return null;
        const token = randomUUID();
        const key = String(row['key']);
        statements.lease.run(token, now + forMs, key);
        return {
          token,
          key,
          body: String(row['body']),
          priority: Number(row['priority']),
          attempts: Number(row['attempts']),
        };
      }),
    renew: (lease, now, forMs) =>
      transaction(() => {
        const held = statements.renew.run(now + forMs, lease.key, lease.token).changes === 1;
        if (held) statements.renewClaims.run(now + forMs, lease.token);
        return held;
      }),
    claim: (lease, name, now, forMs) =>
      transaction(() => statements.claim.run(name, lease.token, now + forMs, now).changes === 1),
    done: (lease) => {
      transaction(() => {
        statements.unclaim.run(lease.token);
        const { changes } = statements.finish.run(lease.key, lease.token);
        if (changes === 0) statements.again.run(lease.key, lease.token);
      });
    },
    retry: (lease, notBefore, error) => {
      transaction(() => {
        statements.unclaim.run(lease.token);
        statements.retry.run(error.slice(0, LONGEST_ERROR), notBefore, lease.key, lease.token);
      });
    },
    release: (lease, notBefore) => {
      transaction(() => {
        statements.unclaim.run(lease.token);
        statements.release.run(notBefore, lease.key, lease.token);
      });
    },
    backlog: (now) => {
      const row = statements.backlog.get(now) ?? {};
      const due = row['next_due'];
      return {
        waiting: Number(row['waiting']) - Number(row['leased']),
        leased: Number(row['leased']),
        nextDue: typeof due === 'number' ? due : null,
      };
    },
  };
  return { operations, transaction, add };
}
