import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { unreadable } from '../../src/core/verdict/evaluate.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { KeptStatement, Lease, Store, Work } from '../../src/store/store.ts';

const work = (key: string): Work => ({ key, body: '{}', priority: 0 });
const id = (digit: string): Oid => {
  const parsed = parseOid(digit.repeat(40));
  if (!parsed) throw new Error('no id');
  return parsed;
};
const statement = (text: string): KeptStatement => ({
  project: 'github.com/Acme/nixpkgs',
  head: 'f'.repeat(40),
  text: new TextEncoder().encode(text),
  armor: new TextEncoder().encode('armor'),
  form: 'detached',
  from: 'comment 1 in #2',
  sameAs: text,
});

describe('what the store keeps', () => {
  let directory = '';
  let path = '';
  let store: Store;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sk-'));
    path = join(directory, 's.sqlite');
    store = openStore(path);
  });
  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function leased(now: number): Lease {
    const lease = store.lease(now, 1000);
    if (!lease) throw new Error('nothing to lease');
    return lease;
  }

  test('keeps once what was signed once, however its signature is written down', () => {
    const again = (armor: string): KeptStatement => ({
      ...statement('one'),
      armor: new TextEncoder().encode(armor),
    });
    expect(store.keepStatements([statement('one'), again('ar\nmor'), again('a\nrmor')], 5)).toHaveLength(1);
    expect(store.keepStatements([again('arm\nor')], 6)).toEqual([]);
  });

  test('wants what new statements concern in the same breath, or keeps none of them', () => {
    const concerned = (): Work[] => [work('a')];
    store.keepStatements([statement('one')], 5, concerned);
    store.done(leased(10));
    store.keepStatements([statement('one')], 11, concerned);
    expect(store.lease(12, 1000)).toBeNull();
    expect(() =>
      store.keepStatements([statement('two')], 13, () => {
        throw new Error('cannot tell');
      }),
    ).toThrow('cannot tell');
    expect(store.keptStatements('github.com/acme/nixpkgs', ['f'.repeat(40)], 10)).toHaveLength(1);
  });

  test('brings the tables of version 2 up to date: of many ways to write one armor down the first stays', () => {
    store.close();
    const raw = new DatabaseSync(path);
    raw.exec('DROP INDEX judgements_branch; PRAGMA user_version = 2');
    const insert = raw.prepare(`INSERT INTO statements
      (project, head, digest, text, armor, form, source, seen_at) VALUES (?, 'h', ?, ?, ?, 'detached', 's', 1)`);
    const armors = ['AAAA\n=abcd', 'AA\nAA', 'Comment: x\n\nAAA\nA==', 'BBBB'];
    for (const [index, armor] of armors.entries()) {
      const whole = `-----BEGIN SSH SIGNATURE-----\n${armor}\n-----END SSH SIGNATURE-----\n`;
      for (const text of ['one', 'two']) {
        insert.run('p', `${text} ${index}`, Buffer.from(text), Buffer.from(whole));
      }
    }
    raw.close();
    store = openStore(path);
    const kept = store.keptStatements('p', ['h'], 10);
    const found = kept.map(({ text, armor }) => {
      const [, first = ''] = Buffer.from(armor).toString().split('\n');
      return `${Buffer.from(text).toString()} ${first}`;
    });
    expect(found).toEqual(['one AAAA', 'two AAAA', 'one BBBB', 'two BBBB']);
    const after = new DatabaseSync(path);
    expect(() => {
      after.exec('DELETE FROM statements');
    }).toThrow(/never forgotten/);
    after.close();
  });

  test('knows which branches were judged, and what passed there, the latest first', () => {
    const judged = (branch: string, head: string, outcome: 'pass' | 'fail'): void => {
      const target = { kind: 'change', branch, tip: id('a'), head: id(head) } as const;
      const verdict = { ...unreadable(target, 'git-failed', `${head} ${outcome}`), outcome };
      store.recordJudgement({ subject: head, project: 'p', verdict, facts: null, checkRun: null }, 1);
    };
    judged('master', 'b', 'pass');
    judged('stable', 'c', 'pass');
    judged('master', 'd', 'pass');
    judged('master', 'e', 'fail');
    expect(store.judgedBranches('p', 10)).toEqual(['master', 'stable']);
    expect(store.judgedBranches('other', 10)).toEqual([]);
    expect(store.passedHeads('p', 'master', 10)).toEqual([id('d'), id('b')]);
    expect(store.passedHeads('p', 'master', 1)).toEqual([id('d')]);
  });
});
