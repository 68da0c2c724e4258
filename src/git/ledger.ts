import { createHash } from 'node:crypto';
import { parseCommit } from '../core/object/commit.ts';
import { formatOf } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { entryAt, findEntry, nameEnd, nameStart, scanTree, sizeOf } from '../core/object/tree.ts';
import type { Tree } from '../core/object/tree.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import {
  HEAD_FOLDERS,
  isLedgerName,
  LEDGER_LIMITS,
  ledgerName,
  REVOKED_KEYS,
} from '../core/statement/ledger.ts';
import { LEDGER_BRANCH } from '../core/statement/names.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import type { Refs } from './refs.ts';
import { COMMIT_BYTES } from './walk.ts';

/** Where the ledger's objects are. */
export interface LedgerPlace {
  readonly objects: ObjectReader;
  /** Makes contents readable: a mirror fetches them. */
  readonly fetchBlobs?: (ids: readonly Oid[]) => Promise<void>;
}

/**
 * Picks from texts those that are worth keeping, by the signatures under them. Asked only about a crowd: where anybody
 * has put so much into a folder that keeping it all would be their way to fill our memory.
 */
export type KeepSources = (sources: readonly StatementSource[]) => Promise<readonly StatementSource[]>;

/** A ledger at one commit. All that it gives was hashed by us; nothing that it says is proof of anything. */
export interface Ledger {
  readonly tip: Oid;
  /** Files in the folders of these heads, and all revocations. Throws `Unreadable('list-cut')` beyond `LEDGER_LIMITS`. */
  read(heads: readonly Oid[], keep?: KeepSources): Promise<readonly StatementSource[]>;
  /** Equal for two ledgers that give the same answer to `read(heads)`. */
  stateOf(heads: readonly Oid[]): string;
  /** A folder of statements such as `review/<head>`; `null` where there is none. */
  list(folder: string, key: string): Promise<Tree | null>;
  /** A folder of the top such as `review`, and the top itself for an empty name; `null` where there is none. */
  top(folder: string): Tree | null;
}

/** With no more entries than this nothing is sorted out: what does not count gets explained. */
const CROWD = 500;
/** At most 128 MiB of files at a time. */
const BATCH_FILES = 500;

/** What a file of a statement is called: SHA-256 in hex. */
const NAME_BYTES = 64;

/**
 * Opens the ledger at a commit: reads its top and the lists of heads, each list once however many folders are that one,
 * and keeps their bytes. The folders of the heads that are asked for are read then; no other. Throws
 * `Unreadable('list-cut')` where the lists have more bytes than `LEDGER_LIMITS` allows to be held.
 */
export async function openLedger(place: LedgerPlace, tip: Oid): Promise<Ledger> {
  const { objects } = place;
  const [raw] = await objects.readObjects([tip], 'commit', COMMIT_BYTES);
  const commit = parseCommit(tip, raw ?? new Uint8Array());
  if (!commit.ok) {
    throw new Unreadable('object-forged', `commit \`${tip}\` of the ledger: ${commit.detail}`, {
      passing: false,
    });
  }
  const tops = await readTops(objects, commit.commit.tree);
  const find = (folder: string, key: string): Oid | null => {
    const tree = tops.get(folder);
    const found = tree && findEntry(tree, Buffer.from(key, 'latin1'));
    return found?.mode === '40000' ? found.id : null;
  };
  const treesOf = (heads: readonly Oid[]): Oid[] => {
    const about = HEAD_FOLDERS.flatMap((folder) => heads.map((head) => find(folder, head)));
    return [...about, find('revoke', REVOKED_KEYS)].filter((id) => id !== null);
  };
  const list = async (folder: string, key: string): Promise<Tree | null> => {
    const found = find(folder, key);
    return found && (await readFolder(objects, found));
  };
  return {
    tip,
    top: (folder) => tops.get(folder) ?? null,
    list,
    stateOf: (heads) => createHash('sha256').update(treesOf(heads).join('\n')).digest('hex'),
    read: (heads, keep) => readEntries(place, treesOf(heads), keep),
  };
}

/** The top under an empty name, and its folders. */
async function readTops(objects: ObjectReader, id: Oid): Promise<ReadonlyMap<string, Tree>> {
  const read = new Map<Oid, Tree>();
  let held = 0;
  const readOnce = async (one: Oid): Promise<Tree> => {
    const known = read.get(one);
    if (known !== undefined) return known;
    const tree = await readFolder(objects, one);
    held += tree.bytes.length;
    if (held > LEDGER_LIMITS.folders) throw tooMuch(`${LEDGER_LIMITS.folders} bytes of folders`);
    read.set(one, tree);
    return tree;
  };
  const top = await readOnce(id);
  const tops = new Map([['', top]]);
  for (const folder of [...HEAD_FOLDERS, 'revoke']) {
    const entry = findEntry(top, Buffer.from(folder, 'latin1'));
    if (entry?.mode === '40000') tops.set(folder, await readOnce(entry.id));
  }
  return tops;
}

/**
 * The ledger of a repository with both of its branches, the person's own and the one that they last saw at a remote: what
 * is in either counts. Empty where there is none.
 */
export async function findLedgers(
  refs: Refs,
  remote: string,
): Promise<readonly { readonly ref: string; readonly id: Oid }[]> {
  const wanted = [`refs/heads/${LEDGER_BRANCH}`, `refs/remotes/${remote}/${LEDGER_BRANCH}`];
  return refs.findThese(wanted);
}

/** Tips of the ledgers that a repository knows of a remote, the remote's own one first, each once. */
export async function tipsOfLedgers(refs: Refs, remote: string | null): Promise<readonly Oid[]> {
  const theirs = remote === null ? [] : [`refs/remotes/${remote}/${LEDGER_BRANCH}`];
  const found = await refs.findThese([...theirs, `refs/heads/${LEDGER_BRANCH}`]);
  return [...new Set(found.map(({ id }) => id))];
}

/** Statements about these heads, and all revocations, in the ledger at a commit. `null`, a missing branch, is empty. */
export async function readLedger(
  place: LedgerPlace,
  tip: Oid | null,
  heads: readonly Oid[],
  keep?: KeepSources,
): Promise<readonly StatementSource[]> {
  return tip === null ? [] : (await openLedger(place, tip)).read(heads, keep);
}

async function readEntries(
  { objects, fetchBlobs }: LedgerPlace,
  trees: readonly Oid[],
  keep: KeepSources | undefined,
): Promise<readonly StatementSource[]> {
  const wanted = new Map<string, { readonly name: string; readonly id: Oid }>();
  for (const tree of new Set(trees)) {
    for (const { name, id } of filesIn(await readFolder(objects, tree))) {
      wanted.set(`${name} ${id}`, { name, id });
      if (wanted.size > LEDGER_LIMITS.entries) throw tooMuch(`${LEDGER_LIMITS.entries} entries`);
    }
  }
  const entries = [...wanted.values()];
  const crowded = entries.length > CROWD;
  const seen = new Set<string>();
  const found: StatementSource[] = [];
  let read = 0;
  let kept = 0;
  for (let from = 0; from < entries.length; from += BATCH_FILES) {
    const batch = entries.slice(from, from + BATCH_FILES);
    // Sizes are not known before a mirror has fetched what has them, so it fetches no more than a batch at a time.
    await fetchBlobs?.(batch.map(({ id }) => id));
    const infos = await objects.readInfo(batch.map(({ id }) => id));
    // What is too large, or no file, is no entry. What is missing is asked for, so that it is said which one.
    const files = batch.filter((_, index) => {
      const info = infos[index] ?? null;
      read += info?.size ?? 0;
      return info === null || (info.type === 'blob' && info.size <= LEDGER_LIMITS.file);
    });
    if (read > LEDGER_LIMITS.read) throw tooMuch(`${LEDGER_LIMITS.read} bytes`);
    const sources = await readFiles(objects, files, seen);
    for (const source of crowded && keep !== undefined ? await keep(sources) : sources) {
      found.push(source);
      kept += source.text.length;
    }
    if (kept > LEDGER_LIMITS.kept) throw tooMuch(`${LEDGER_LIMITS.kept} bytes of statements`);
  }
  return found;
}

/** The files of a folder that have a name of ours, one at a time: whoever fills a folder chooses how many there are. */
function* filesIn(tree: Tree): Generator<{ readonly name: string; readonly id: Oid }> {
  for (let index = 0; index < sizeOf(tree); index += 1) {
    if (nameEnd(tree, index) - nameStart(tree, index) !== NAME_BYTES) continue;
    const { mode, name, id } = entryAt(tree, index);
    const file = textOf(name);
    if (mode === '100644' && isLedgerName(file)) yield { name: file, id };
  }
}

/** A file under a name that its bytes do not have was never written by us. */
async function readFiles(
  objects: ObjectReader,
  entries: readonly { readonly name: string; readonly id: Oid }[],
  seen: Set<string>,
): Promise<readonly StatementSource[]> {
  const files = await objects.readObjects(
    entries.map(({ id }) => id),
    'blob',
    LEDGER_LIMITS.file,
  );
  return entries.flatMap(({ name }, index) => {
    const file = files[index];
    if (file === undefined || seen.has(name) || ledgerName(file) !== name) return [];
    seen.add(name);
    return [
      {
        from: `ledger file ${name.slice(0, 16)}`,
        text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(file),
      },
    ];
  });
}

async function readFolder(objects: ObjectReader, id: Oid): Promise<Tree> {
  const [raw] = await objects.readObjects([id], 'tree', LEDGER_LIMITS.folder);
  if (raw === undefined) throw new Error('a tree that was asked for was not read');
  // The reader has hashed it.
  const checked = scanTree(raw, formatOf(id));
  if (checked.ok) return checked.tree;
  throw new Unreadable('object-forged', `tree \`${id}\` of the ledger is malformed: ${checked.detail}`, {
    passing: false,
  });
}

function tooMuch(bound: string): Unreadable {
  return new Unreadable(
    'list-cut',
    `the ledger holds more than ${bound} about this change, and what is left out could matter: give the statements with --statements and leave the ledger out with --no-ledger`,
    { passing: false },
  );
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
