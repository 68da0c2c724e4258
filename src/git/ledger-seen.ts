import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOf, parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';

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

/** Remembers a state, for the user alone. Of writers at one time one wins, whole. */
export async function writeSeen(memory: LedgerMemory, tip: Oid): Promise<void> {
  const path = pathOf(memory);
  await mkdir(join(memory.directory, 'ledgers'), { recursive: true, mode: 0o700 });
  const aside = `${path}.${randomUUID()}`;
  const { url, project } = memory;
  await writeFile(aside, `${JSON.stringify({ url: withoutCredentials(url), project, tip })}\n`, {
    mode: 0o600,
  });
  await rename(aside, path);
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
