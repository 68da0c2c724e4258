import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOf, parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { makeFolders } from '../disk/make-folders.ts';
import { Unreadable } from '../gather/ports.ts';
import { MEMORY_TIMES, withLock } from './lock.ts';

/** The ledger whose last seen state is remembered: a repository by its URL, and the project that its statements name. */
export interface LedgerMemory {
  /** The folder of this program's state, such as `~/.local/state/countersign`. */
  readonly directory: string;
  readonly url: string;
  readonly project: string;
}

/**
 * The commit that the ledger was seen at last; `null` where it never was. Throws `Unreadable('file-unreadable')` for what
 * is no such memory: forgetting silently is what an attacker would want.
 */
export async function readSeen(memory: LedgerMemory, format: ObjectFormat): Promise<Oid | null> {
  const path = pathOf(memory);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw notReadable(path, error);
  }
  let tip: unknown = null;
  try {
    const read: unknown = JSON.parse(text);
    tip = typeof read === 'object' && read !== null && 'tip' in read ? read.tip : null;
  } catch (error) {
    throw notReadable(path, error);
  }
  const id = typeof tip === 'string' ? parseOid(tip) : null;
  if (id === null || formatOf(id) !== format) throw notReadable(path, null);
  return id;
}

const MOST_TURNS = 5;

/**
 * Reads again and remembers what `choose` makes of it (`null`: it stays as it is), while no other process does: what another
 * one has seen meanwhile must not be put back (attack 63). Throws `Unreadable('file-unreadable')` as `readSeen` does, and
 * where it cannot be kept.
 */
export async function updateSeen(
  memory: LedgerMemory,
  format: ObjectFormat,
  choose: (last: Oid | null) => Promise<Oid | null>,
): Promise<void> {
  const path = pathOf(memory);
  const held = { begun: false };
  try {
    await makeFolder(memory);
    await withLock(
      `${path}.lock`,
      async () => {
        held.begun = true;
        let last = await readSeen(memory, format);
        for (let turn = 0; turn < MOST_TURNS; turn += 1) {
          const tip = await choose(last);
          if (tip === null || tip === last) return;
          // A lock is lost while a machine sleeps: what was chosen rests on what was read.
          const now = await readSeen(memory, format);
          if (now === last) {
            await replace(memory, tip);
            return;
          }
          last = now;
        }
        throw notKept(path, 'other commands write it all the time');
      },
      MEMORY_TIMES,
    );
  } catch (error) {
    if (!held.begun && error instanceof Unreadable) {
      throw notKept(path, `another process keeps \`${path}.lock\``);
    }
    // Nothing but the operating system's errors have a system call.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw notKept(path, 'code' in error ? String(error.code) : error.message);
  }
}

async function makeFolder({ directory }: LedgerMemory): Promise<void> {
  await makeFolders(join(directory, 'ledgers'), 0o700);
}

/** Whole or not at all, for the user alone. */
async function replace(memory: LedgerMemory, tip: Oid): Promise<void> {
  const path = pathOf(memory);
  const aside = `${path}.${randomUUID()}`;
  const { url, project } = memory;
  try {
    await writeFile(aside, `${JSON.stringify({ url: withoutCredentials(url), project, tip })}\n`, {
      mode: 0o600,
    });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

function pathOf({ directory, url, project }: LedgerMemory): string {
  const key = createHash('sha256')
    .update(`${withoutCredentials(url)}\n${project}`)
    .digest('hex');
  return join(directory, 'ledgers', `${key}.json`);
}

/** Tokens come and go, and belong in no file. */
function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

function notReadable(path: string, cause: unknown): Unreadable {
  return new Unreadable(
    'file-unreadable',
    `the memory of the ledger's last state, \`${path}\`, cannot be read: look at the ledger, then remove that file`,
    { passing: false, cause },
  );
}

function notKept(path: string, why: string): Unreadable {
  return new Unreadable(
    'file-unreadable',
    `the last state of the ledger cannot be remembered in \`${path}\`: ${why}; without it, nobody would notice that an older one is served`,
    { passing: false },
  );
}
