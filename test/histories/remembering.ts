/**
 * A process that proves a history as `countersign verify` does and remembers it when told to: once it has read the memory,
 * it stays there until it is told to go on. Says `proven`, `reading` and `remembered`.
 */
import { createInterface } from 'node:readline/promises';
import { PLAIN } from '../../src/core/report/paint.ts';
import { proveTrusted } from '../../src/cli/history/trusted.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { findLedgers } from '../../src/git/ledger.ts';
import { oid } from '../git/scratch.ts';

const [dir = '', home = '', introduction = '', to = ''] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

let remembering = false;
const opened = await openRepository(dir);
const paused: OpenRepository = {
  ...opened,
  // Which state follows which is asked for between reading the memory and writing it.
  async line(from, head) {
    if (remembering) {
      remembering = false;
      say('reading');
      await lines.next();
    }
    return opened.line(from, head);
  },
};
try {
  const ledgers = (await findLedgers(opened.refs, 'origin')).map(({ id }) => id);
  const options = {
    ...{ opened: paused, branch: 'master', introduction: oid(introduction), to: oid(to), ledgers },
    ...{ policyDigest: null, project: null, heads: new Map<string, never>() },
    ...{ allowDowngrade: false, newestProven: false },
  };
  const io = { out: say, err: say, path: String, paint: PLAIN, environment: { HOME: home } };
  const trusted = await proveTrusted(options, io);
  say(trusted.accepted === to ? 'proven' : 'refused');
  await lines.next();
  remembering = true;
  await trusted.remember();
  say('remembered');
} finally {
  await opened.dispose();
  process.stdin.destroy();
}
