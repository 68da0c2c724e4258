import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import type { KeptStatement, Lease, Store, Work } from '../../src/store/store.ts';
import { unreadable } from '../../src/core/verdict/evaluate.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';

const work = (key: string, priority = 0): Work => ({ key, body: `{"of":"${key}"}`, priority });
const id = (digit: string): Oid => {
  const parsed = parseOid(digit.repeat(40));
  if (!parsed) throw new Error('no id');
  return parsed;
};

describe('the store', () => {
  let directory = '';
  let path = '';
  let store: Store;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'st-'));
    path = join(directory, 's.sqlite');
    store = openStore(path);
  });
  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function leased(now: number, from = store): Lease {
    const lease = from.lease(now, 1000);
    if (!lease) throw new Error('nothing to lease');
    return lease;
  }

  test('leases what was wanted first, and each thing once', () => {
    store.want([work('a')], 1);
    store.want([work('b')], 2);
    expect(leased(10)).toMatchObject({ key: 'a', body: '{"of":"a"}', attempts: 0 });
    expect(leased(10).key).toBe('b');
    expect(store.lease(10, 1000)).toBeNull();
  });

  test('lets events go before what is looked through in the background', () => {
    store.want([work('slow', 1)], 1);
    store.want([work('fast', 0)], 2);
    expect(leased(10).key).toBe('fast');
  });

  test('does once what is wanted several times while it waits', () => {
    for (const at of [1, 2, 3]) store.want([work('a')], at);
    store.done(leased(10));
    expect(store.lease(10, 1000)).toBeNull();
    expect(store.backlog(10)).toEqual({ waiting: 0, leased: 0, nextDue: null });
  });

  test('does again what is wanted while it is being done', () => {
    store.want([work('a')], 1);
    const lease = leased(10);
    store.want([work('a')], 11);
    expect(store.lease(12, 1000)).toBeNull();
    store.done(lease);
    store.done(leased(13));
    expect(store.lease(14, 1000)).toBeNull();
  });

  test('puts off what failed, counts, and takes it at once when it is wanted again', () => {
    store.want([work('a')], 1);
    store.retry(leased(10), 500, 'no luck');
    expect(store.lease(499, 1000)).toBeNull();
    expect(store.backlog(20).nextDue).toBe(500);
    const again = leased(500);
    expect(again.attempts).toBe(1);
    store.retry(again, 9000, 'no luck');
    store.want([work('a')], 600);
    expect(leased(601).attempts).toBe(2);
  });

  test('hands over what a process left behind, which can then change nothing any more', () => {
    store.want([work('a')], 1);
    const dead = leased(10);
    expect(store.lease(1009, 1000)).toBeNull();
    const taken = leased(1010);
    expect(store.renew(dead, 1011, 1000)).toBe(false);
    store.done(dead);
    store.retry(dead, 9999, 'late');
    expect(store.renew(taken, 1012, 1000)).toBe(true);
    expect(store.backlog(1013)).toMatchObject({ waiting: 0, leased: 1 });
  });

  test('keeps a lease that is prolonged', () => {
    store.want([work('a')], 1);
    const lease = leased(10);
    expect(store.renew(lease, 900, 1000)).toBe(true);
    expect(store.lease(1500, 1000)).toBeNull();
  });

  test('gives a name to one lease at a time, until that ends or runs out', () => {
    store.want([work('a'), work('b')], 1);
    const [one, two] = [leased(10), leased(10)];
    expect(store.claim(one, 'head', 10, 1000)).toBe(true);
    expect(store.claim(one, 'head', 11, 1000)).toBe(true);
    expect(store.claim(two, 'head', 11, 1000)).toBe(false);
    expect(store.claim(two, 'other', 11, 1000)).toBe(true);
    expect(store.renew(one, 900, 1000)).toBe(true);
    expect(store.claim(two, 'head', 1500, 1000)).toBe(false);
    store.done(one);
    expect(store.claim(two, 'head', 1501, 1000)).toBe(true);
    store.want([work('c')], 1600);
    expect(store.claim(leased(1700), 'head', 9999, 1000)).toBe(true);
  });

  test('has everything after it was closed and opened again', () => {
    store.want([work('a')], 1, { guid: 'g', event: 'push' });
    store.close();
    store = openStore(path);
    expect(leased(10).key).toBe('a');
  });

  test('takes a delivery that comes twice, and wants its work again', () => {
    store.want([work('a')], 1, { guid: 'g', event: 'push' });
    store.done(leased(2));
    store.want([work('a')], 3, { guid: 'g', event: 'push' });
    expect(leased(4).key).toBe('a');
  });

  const statement = (text: string, head = 'f'.repeat(40)): KeptStatement => ({
    project: 'github.com/Acme/nixpkgs',
    head,
    text: new TextEncoder().encode(text),
    armor: new TextEncoder().encode('armor'),
    form: 'detached',
    from: 'comment 1 in #2',
    sameAs: text,
  });

  test('keeps statements, each once, and gives them back byte for byte', () => {
    expect(store.keepStatements([statement('one'), statement('two'), statement('one')], 5)).toHaveLength(2);
    expect(store.keepStatements([statement('two'), statement('other', 'e'.repeat(40))], 6)).toHaveLength(1);
    const kept = store.keptStatements('GITHUB.com/acme/nixpkgs', ['f'.repeat(40)], 10);
    expect(kept.map(({ text }) => Buffer.from(text).toString())).toEqual(['one', 'two']);
    expect(kept[0]).toMatchObject({ form: 'detached', from: 'comment 1 in #2' });
    expect(store.keptStatements('github.com/acme/other', ['f'.repeat(40)], 10)).toEqual([]);
    expect(store.keptStatements('github.com/acme/nixpkgs', ['f'.repeat(40)], 0)).toHaveLength(1);
  });

  test('keeps of equal revocations one, whatever their words', () => {
    const revoked = (text: string, sameAs: string): KeptStatement => ({
      ...statement(text, 'revoke'),
      sameAs,
    });
    expect(
      store.keepStatements([revoked('one', 'k'), revoked('two', 'k'), revoked('three', 'l')], 5),
    ).toHaveLength(2);
    const kept = store.keptStatements('github.com/acme/nixpkgs', ['revoke'], 10);
    expect(kept.map(({ text }) => Buffer.from(text).toString())).toEqual(['one', 'three']);
  });

  test('remembers every head of a subject, the latest first, and whose a head was', () => {
    for (const [at, head] of ['a', 'b', 'a', 'c'].entries()) store.noteHead('one', id(head), at);
    store.noteHead('two', id('b'), 9);
    expect(store.headsOf(['one'], 10)).toEqual([id('c'), id('b'), id('a')]);
    expect(store.headsOf(['one', 'two'], 10)).toHaveLength(3);
    expect(store.headsOf(['one'], 1)).toHaveLength(2);
    expect(store.headsOf(['three'], 10)).toEqual([]);
    expect([...store.subjectsWith(id('b'))].sort()).toEqual(['one', 'two']);
    const raw = new DatabaseSync(path);
    expect(() => {
      raw.exec('DELETE FROM heads');
    }).toThrow(/never forgotten/);
    raw.close();
  });

  test('brings the tables of version 1 up to date, with all that is in them', () => {
    store.keepStatements([statement('one')], 5);
    store.close();
    const raw = new DatabaseSync(path);
    raw.exec('DROP TABLE heads; DROP INDEX judgements_branch; PRAGMA user_version = 1');
    raw.close();
    store = openStore(path);
    store.noteHead('one', id('a'), 1);
    expect(store.headsOf(['one'], 1)).toEqual([id('a')]);
    expect(store.keptStatements('github.com/acme/nixpkgs', ['f'.repeat(40)], 10)).toHaveLength(1);
  });

  test('lets nobody change or remove what it must keep', () => {
    const now = Date.now();
    store.keepStatements([statement('one')], now);
    const target = { kind: 'change', branch: 'master', tip: id('a'), head: id('b') } as const;
    const verdict = unreadable(target, 'git-failed', 'no answer');
    store.recordJudgement({ subject: 's', project: 'p', verdict, facts: null, checkRun: 3 }, now);
    const raw = new DatabaseSync(path);
    for (const table of ['statements', 'judgements']) {
      expect(() => {
        raw.exec(`DELETE FROM ${table}`);
      }).toThrow(/forgotten|kept/);
      expect(() => {
        raw.exec(`UPDATE ${table} SET head = 'x'`);
      }).toThrow(/never changed/);
    }
    expect(raw.prepare('SELECT outcome, head, base, check_run FROM judgements').get()).toEqual({
      outcome: 'undetermined',
      head: id('b'),
      base: id('a'),
      check_run: 3,
    });
    raw.close();
  });

  test('forgets old deliveries and judgements, and nothing else', () => {
    const now = Date.now();
    const old = now - 402 * 86_400_000;
    const target = { kind: 'change', branch: 'master', tip: id('a'), head: id('b') } as const;
    for (const at of [old, now]) {
      const verdict = unreadable(target, 'git-failed', `no answer at ${at}`);
      store.recordJudgement({ subject: 's', project: 'p', verdict, facts: null, checkRun: null }, at);
      store.want([], at, { guid: `g${at}`, event: 'push' });
    }
    store.prune(now);
    const raw = new DatabaseSync(path);
    expect(raw.prepare('SELECT judged_at FROM judgements').all()).toEqual([{ judged_at: now }]);
    expect(raw.prepare('SELECT guid FROM deliveries').all()).toEqual([{ guid: `g${now}` }]);
    raw.close();
  });

  test('adds nothing to the trail where judging again changed nothing', () => {
    const target = { kind: 'change', branch: 'master', tip: id('a'), head: id('b') } as const;
    const record = (message: string, at: number): void => {
      const verdict = unreadable(target, 'git-failed', message);
      store.recordJudgement({ subject: 's', project: 'p', verdict, facts: null, checkRun: null }, at);
    };
    for (const [at, message] of ['one', 'one', 'two', 'two', 'one'].entries()) record(message, at + 1);
    const raw = new DatabaseSync(path);
    const rows = raw.prepare('SELECT judged_at FROM judgements ORDER BY id').all();
    raw.close();
    expect(rows).toEqual([{ judged_at: 1 }, { judged_at: 3 }, { judged_at: 5 }]);
    expect(store.judgedSubjects('p', 'master', id('b'))).toEqual(['s']);
    expect(store.judgedSubjects('p', 'other', id('b'))).toEqual([]);
  });

  test('lets what waits go before what is wanted again and again', () => {
    const work = (key: string, priority = 1): { key: string; body: string; priority: number } => ({
      key,
      body: '{}',
      priority,
    });
    store.want([work('busy')], 1000);
    store.want([work('waiting')], 1001);
    const lease = store.lease(1002, 60_000);
    store.want([work('busy')], 1003);
    if (lease) store.done(lease);
    expect([lease?.key, store.lease(1004, 60_000)?.key]).toEqual(['busy', 'waiting']);
  });

  test('gives the background its turn after ten minutes', () => {
    const minute = 60_000;
    store.want([{ key: 'background', body: '{}', priority: 2 }], 0);
    store.want([{ key: 'event', body: '{}', priority: 1 }], 9 * minute);
    expect(store.lease(12 * minute, minute)?.key).toBe('event');
    store.want([{ key: 'late event', body: '{}', priority: 1 }], 11 * minute);
    expect(store.lease(12 * minute, minute)?.key).toBe('background');
  });

  test('refuses tables of another version', () => {
    const raw = new DatabaseSync(path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(() => openStore(path)).toThrow(/version 99/);
  });
});
