import type { DatabaseSync } from 'node:sqlite';

/** How long judgements are kept, in days: as long as GitHub keeps the checks that they explain. */
export const KEEP_JUDGEMENTS = 400;
export const KEEP_DELIVERIES = 30;

const VERSION = 3;
const DAY = 86_400_000;

const SCHEMA = `
CREATE TABLE work (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  priority INTEGER NOT NULL,
  wanted_at INTEGER NOT NULL,
  -- Grows whenever the work is wanted; a lease remembers which generation it does.
  generation INTEGER NOT NULL,
  leased_generation INTEGER,
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  last_error TEXT
) STRICT;
CREATE INDEX work_order ON work (priority, wanted_at);
CREATE TABLE claims (
  name TEXT PRIMARY KEY,
  lease TEXT NOT NULL,
  claimed_until INTEGER NOT NULL
) STRICT;
CREATE TABLE deliveries (
  guid TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  times INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX deliveries_age ON deliveries (received_at);
CREATE TABLE judgements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  judged_at INTEGER NOT NULL,
  subject TEXT NOT NULL,
  project TEXT NOT NULL,
  branch TEXT NOT NULL,
  head TEXT NOT NULL,
  base TEXT NOT NULL,
  outcome TEXT NOT NULL,
  check_run INTEGER,
  verdict TEXT NOT NULL,
  facts BLOB
) STRICT;
CREATE INDEX judgements_age ON judgements (judged_at);
CREATE INDEX judgements_head ON judgements (head);
CREATE INDEX judgements_subject ON judgements (subject);
CREATE TRIGGER judgements_stay BEFORE UPDATE ON judgements
BEGIN SELECT RAISE(ABORT, 'judgements are never changed'); END;
CREATE TRIGGER judgements_last BEFORE DELETE ON judgements
WHEN OLD.judged_at > unixepoch() * 1000 - ${KEEP_JUDGEMENTS * DAY}
BEGIN SELECT RAISE(ABORT, 'judgements are kept for ${KEEP_JUDGEMENTS} days'); END;
CREATE TABLE statements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project TEXT NOT NULL,
  head TEXT NOT NULL,
  digest TEXT NOT NULL,
  text BLOB NOT NULL,
  armor BLOB NOT NULL,
  form TEXT NOT NULL CHECK (form IN ('detached', 'cleartext')),
  source TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  UNIQUE (project, head, digest)
) STRICT;
CREATE TRIGGER statements_stay BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are never changed'); END;
`;

const STATEMENTS_LAST = `
CREATE TRIGGER statements_last BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are never forgotten'); END;
`;

/** What version 2 adds. */
const HEADS = `
CREATE TABLE heads (
  subject TEXT NOT NULL,
  head TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  UNIQUE (subject, head)
) STRICT;
CREATE INDEX heads_head ON heads (head);
CREATE TRIGGER heads_stay BEFORE UPDATE ON heads
BEGIN SELECT RAISE(ABORT, 'heads are never changed'); END;
CREATE TRIGGER heads_last BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'heads are never forgotten'); END;
`;

/**
 * What version 3 changes: a statement is kept once for each key and time that it was signed with. Before, each way to
 * write its armor down made another one; of those that differ in nothing else the first stays.
 */
const ONCE = `
DROP TRIGGER IF EXISTS statements_last;
DELETE FROM statements WHERE id NOT IN (
  SELECT min(id) FROM statements GROUP BY project, head, text, form, armored(armor));
${STATEMENTS_LAST}
CREATE INDEX judgements_branch ON judgements (project, branch);
`;

/** Makes the tables where there are none, and brings older ones up to date. Of several processes that start at once, one does. */
export function openSchema(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found >= 0 && found < VERSION) {
      if (found === 0) database.exec(SCHEMA);
      if (found < 2) database.exec(HEADS);
      database.function('armored', { deterministic: true }, (armor) =>
        armor instanceof Uint8Array ? armoredIn(armor) : '',
      );
      database.exec(ONCE);
      database.exec(`PRAGMA user_version = ${VERSION}`);
    } else if (found !== VERSION) {
      throw new Error(`the store has version ${found} of its tables, and this program knows ${VERSION}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** What an armor carries: its base64 without line ends and padding, headers and check sum (RFC 9580 section 6.2). */
function armoredIn(armor: Uint8Array): string {
  const lines = Buffer.from(armor).toString('latin1').split('\n');
  return lines
    .filter((line) => !line.includes(':') && !line.startsWith('-') && !line.startsWith('='))
    .join('')
    .replaceAll(/[=\s]/g, '');
}
