import { formatOf, parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { missing } from './objects.ts';

/** A commit as the store has it: its bytes need not have its id. */
export interface StoredCommit {
  readonly id: Oid;
  /** Cut after one byte more than a commit may have. */
  readonly raw: Uint8Array;
  /** The parents by which the list went on, a blank between them: what the bytes say must be the same. */
  readonly listedParents: string;
}

export interface RecordReader {
  /** The commits that end in this piece of git's answer. Throws `Unreadable` for what is missing or no answer. */
  take(chunk: Buffer): readonly StoredCommit[];
  /** Whether the answer so far ends within a commit. */
  open(): boolean;
}

const LF = 0x0a;
/** Id, type and size, with the blanks. */
const BEFORE_PARENTS = 64 + 1 + 6 + 1 + 15 + 1;
/** Bytes of the lists of those commits that have more than a few parents: some 1.6 million parents in one reading. */
const MANY_PARENTS = 1 << 10;
const MOST_PARENT_BYTES = 64 << 20;
const HEADER = /^([0-9a-f]{40,64}) commit ([0-9]{1,15}) ([0-9a-f ]*)$/;
/** What git is to print before each commit: git-cat-file(1), BATCH OUTPUT. The rest is what followed the id in its input. */
export const RECORD_FORMAT = '%(objectname) %(objecttype) %(objectsize) %(rest)';

/**
 * Reads what `git cat-file --batch` says (git-cat-file(1), BATCH OUTPUT): `<id> SP commit SP <size> SP <parents> LF
 * <bytes> LF` each.
 * Commits that lie within one piece are not copied.
 */
export function commitRecords(format: ObjectFormat, maxBytes: number): RecordReader {
  const maxHeader = BEFORE_PARENTS + maxBytes;
  // Pieces of a line that goes on: joined once, when it ends.
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let long: LongCommit | null = null;
  let parentBytes = 0;

  const readHeader = (line: string): RecordHeader => {
    const header = parseHeader(line, format);
    const { length } = header.listedParents;
    if (length > MANY_PARENTS) parentBytes += length;
    if (parentBytes <= MOST_PARENT_BYTES) return header;
    throw tooMany(
      `commit \`${header.id}\` and others name more parents than fit into ${MOST_PARENT_BYTES} bytes`,
    );
  };
  const begin = (bytes: Buffer): void => {
    begunBytes += bytes.length;
    if (bytes.length > 0) begun.push(bytes);
    if (begunBytes > maxHeader) throw tooLong(Buffer.concat(begun), format, maxBytes);
  };
  const whole = (chunk: Buffer): Buffer | null => {
    if (begunBytes === 0) return chunk;
    if (!chunk.includes(LF)) {
      begin(chunk);
      return null;
    }
    const bytes = Buffer.concat([...begun, chunk]);
    begun = [];
    begunBytes = 0;
    return bytes;
  };

  return {
    take(chunk) {
      const found: StoredCommit[] = [];
      let left: Buffer | null = chunk;
      if (long !== null) {
        left = long.take(chunk);
        if (left === null) return found;
        found.push(long.commit());
        long = null;
      }
      const bytes = whole(left);
      if (bytes === null) return found;
      let at = 0;
      while (at < bytes.length) {
        const end = bytes.indexOf(LF, at);
        if (end < 0) break;
        if (end - at > maxHeader) throw tooLong(bytes.subarray(at, end), format, maxBytes);
        const { id, size, listedParents } = readHeader(bytes.toString('latin1', at, end));
        const start = end + 1;
        if (start + size >= bytes.length) {
          long = longCommit(id, size, listedParents, maxBytes);
          long.take(bytes.subarray(start));
          at = bytes.length;
          break;
        }
        if (bytes[start + size] !== LF) throw outOfStep();
        found.push({ id, raw: bytes.subarray(start, start + Math.min(size, maxBytes + 1)), listedParents });
        at = start + size + 1;
      }
      begin(bytes.subarray(at));
      return found;
    },
    open: () => begunBytes > 0 || long !== null,
  };
}

interface RecordHeader {
  readonly id: Oid;
  readonly size: number;
  readonly listedParents: string;
}

function parseHeader(line: string, format: ObjectFormat): RecordHeader {
  const [, name = '', size = '', listedParents = ''] = HEADER.exec(line) ?? [];
  const id = parseOid(name);
  if (id !== null && formatOf(id) === format) {
    return { id, size: Number(size), listedParents };
  }
  const [lost = ''] = line.split(' ', 1);
  if (line === `${lost} missing` && parseOid(lost) !== null) throw missing('commit', lost);
  throw outOfStep();
}

interface LongCommit {
  /** What is left of the piece once the commit is whole; `null` where there is more to come. */
  take(piece: Buffer): Buffer | null;
  commit(): StoredCommit;
}

/** A commit that goes on in the next piece. No more of it is kept than tells that it is too large. */
function longCommit(id: Oid, size: number, listedParents: string, maxBytes: number): LongCommit {
  const kept = Buffer.allocUnsafe(Math.min(size, maxBytes + 1));
  let seen = 0;
  return {
    take(piece) {
      if (seen < kept.length) piece.copy(kept, seen, 0, Math.min(piece.length, kept.length - seen));
      const needed = size - seen;
      if (piece.length <= needed) {
        seen += piece.length;
        return null;
      }
      if (piece[needed] !== LF) throw outOfStep();
      seen = size;
      return piece.subarray(needed + 1);
    },
    commit: () => ({ id, raw: kept, listedParents }),
  };
}

/** A line that has no end within what the parents of a commit may take. */
function tooLong(line: Buffer, format: ObjectFormat, maxBytes: number): Unreadable {
  const start = line.toString('latin1', 0, BEFORE_PARENTS);
  const id = parseOid(start.split(' ', 1)[0] ?? '');
  const known = id !== null && formatOf(id) === format && start.startsWith(`${id} commit `);
  return known ? tooMany(`commit \`${id}\` names more parents than fit into ${maxBytes} bytes`) : outOfStep();
}

function tooMany(message: string): Unreadable {
  return new Unreadable('list-cut', message, { passing: false });
}

function outOfStep(): Unreadable {
  return new Unreadable('git-failed', 'git cat-file gave an answer that was not asked for');
}
