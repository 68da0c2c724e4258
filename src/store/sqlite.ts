import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { packFacts } from './pack-facts.ts';
import { judgedBy, subjectOf } from '../core/facts/target.ts';
import { parseOid } from '../core/object/id.ts';
import type { SignedText } from '../core/statement/extract.ts';
import type { Store } from './store.ts';
import { KEEP_DELIVERIES, KEEP_JUDGEMENTS, openSchema } from './schema.ts';
import { openWork } from './work.ts';

const DAY = 86_400_000;
/** A verdict's JSON may quote much of a hostile change. */
const LONGEST_VERDICT = 4 * 1024 * 1024;

/**
 * Opens the store in an SQLite file, made when missing. WAL with `synchronous=FULL`: what a call wrote survives the end
 * of the process and of the machine. Other processes are waited for, ten seconds at most.
 */
export function openStore(path: string): Store {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 10_000 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
    openSchema(database);
    return storeOver(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function storeOver(database: DatabaseSync): Store {
  const prepare = (sql: string) => database.prepare(sql);
  const judge = prepare(`
    INSERT INTO judgements (judged_at, subject, project, branch, head, base, outcome, check_run, verdict, facts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const last = prepare(`
    SELECT head, base, outcome, verdict FROM judgements WHERE subject = ? ORDER BY id DESC LIMIT 1`);
  const judgedOn = prepare(`
    SELECT subject FROM judgements WHERE head = ? AND branch = ? AND project = ?
    GROUP BY subject ORDER BY max(id) DESC LIMIT 20`);
  const branches = prepare(`
    SELECT branch FROM judgements WHERE project = ? GROUP BY branch ORDER BY max(id) DESC LIMIT ?`);
  const passed = prepare(`
    SELECT head FROM judgements WHERE project = ? AND branch = ? AND outcome = 'pass'
    GROUP BY head ORDER BY max(id) DESC LIMIT ?`);
  const note = prepare('INSERT INTO heads (subject, head, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const noted = prepare(`
    SELECT head FROM heads WHERE subject IN (SELECT value FROM json_each(?))
    GROUP BY head ORDER BY max(rowid) DESC LIMIT ?`);
  const holders = prepare('SELECT subject FROM heads WHERE head = ? LIMIT 100');
  const keep = prepare(`
    INSERT INTO statements (project, head, digest, text, armor, form, source, seen_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const kept = prepare(`
    SELECT text, armor, form, source FROM statements
    WHERE project = ? AND head IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`);
  const pruneDeliveries = prepare('DELETE FROM deliveries WHERE received_at < ?');
  const pruneJudgements = prepare('DELETE FROM judgements WHERE judged_at < ?');
  const pruneClaims = prepare('DELETE FROM claims WHERE claimed_until < ?');
  const ping = prepare('SELECT count(*) FROM work');

  const work = openWork(database);

  return {
    ...work.operations,
    recordJudgement({ subject, project, verdict, facts, checkRun }, now) {
      const { target, outcome } = verdict;
      const json = JSON.stringify(verdict);
      const shown =
        json.length > LONGEST_VERDICT ? JSON.stringify({ outcome, target, cut: json.length }) : json;
      const [head, base] = [subjectOf(target), judgedBy(target)];
      // Judging again without any change adds nothing to the trail: whoever may comment could fill it otherwise.
      const before = last.get(subject);
      const same = before?.['head'] === head && before['base'] === base && before['outcome'] === outcome;
      if (same && before['verdict'] === shown) return;
      const packed = facts === null ? null : packFacts(facts);
      judge.run(now, subject, project, target.branch, head, base, outcome, checkRun, shown, packed);
    },
    judgedSubjects(project, branch, head) {
      return judgedOn.all(head, branch, project).map((row) => String(row['subject']));
    },
    judgedBranches: (project, limit) => branches.all(project, limit).map((row) => String(row['branch'])),
    passedHeads: (project, branch, limit) =>
      passed.all(project, branch, limit).flatMap((row) => parseOid(String(row['head'])) ?? []),
    noteHead(subject, head, now) {
      note.run(subject, head, now);
    },
    headsOf(subjects, limit) {
      const rows = noted.all(JSON.stringify(subjects), limit + 1);
      return rows.flatMap((row) => parseOid(String(row['head'])) ?? []);
    },
    subjectsWith: (head) => holders.all(head).map((row) => String(row['subject'])),
    keepStatements: (statements, now, concerned) =>
      work.transaction(() => {
        const news = statements.filter(({ project, head, text, armor, form, from, sameAs }) => {
          const digest = createHash('sha256').update(sameAs).digest('hex');
          const place = project.toLowerCase();
          return keep.run(place, head, digest, text, armor, form, from, now).changes === 1;
        });
        if (concerned !== undefined && news.length > 0) work.add(concerned(news), now);
        return news;
      }),
    keptStatements(project, heads, limit) {
      const rows = kept.all(project.toLowerCase(), JSON.stringify(heads), limit + 1);
      return rows.map((row): SignedText => ({
        text: bytesOf(row['text']),
        armor: bytesOf(row['armor']),
        form: row['form'] === 'cleartext' ? 'cleartext' : 'detached',
        from: String(row['source']),
      }));
    },
    prune(now) {
      pruneDeliveries.run(now - KEEP_DELIVERIES * DAY);
      // A day more than the trigger guards, so that a clock that is a little off makes no error of it.
      pruneJudgements.run(now - (KEEP_JUDGEMENTS + 1) * DAY);
      pruneClaims.run(now);
    },
    ping: () => {
      ping.get();
    },
    close: () => {
      database.close();
    },
  };
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
