import { createHash } from 'node:crypto';
import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { checkTree, entriesOf, findEntry } from '../core/object/tree.ts';
import type { Tree, TreeEntry } from '../core/object/tree.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import {
  HEAD_FOLDERS,
  isLedgerName,
  LEDGER_BRANCH,
  LEDGER_LIMITS,
  ledgerName,
  REVOKED_KEYS,
} from '../core/statement/ledger.ts';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectReader } from './objects.ts';
import { forged } from './objects.ts';
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
  /** The entries of a folder of statements such as `review/<head>`; empty where there is none. */
  list(folder: string, key: string): Promise<readonly TreeEntry[]>;
  /** A folder of the top such as `review`, and the top itself for an empty name; `null` where there is none. */
  top(folder: string): Tree | null;
}

/** With no more entries than this nothing is sorted out: what does not count gets explained. */
const CROWD = 500;
/** At most 128 MiB of files at a time. */
const BATCH_FILES = 500;

/** Opens the ledger at a commit. The trees of the folders that are asked for are read then; no other. */
export async function openLedger(place: LedgerPlace, tip: Oid): Promise<Ledger> {
  const { objects } = place;
  const [raw] = await objects.readObjects([tip], 'commit', COMMIT_BYTES);
  const commit = parseCommit(tip, raw ?? new Uint8Array());
  if (!commit.ok) {
    throw new Unreadable('object-forged', `commit \`${tip}\` of the ledger: ${commit.detail}`, {
      passing: false,
    });
  }
  const top = await readFolder(objects, commit.commit.tree);
  const tops = new Map([['', top]]);
  const keys = new Map<string, ReadonlyMap<string, TreeEntry>>();
  for (const folder of [...HEAD_FOLDERS, 'revoke']) {
    const entry = findEntry(top, Buffer.from(folder, 'latin1'));
    if (entry?.mode !== '40000') continue;
    const tree = await readFolder(objects, entry.id);
    tops.set(folder, tree);
    const folders = entriesOf(tree).filter(({ mode }) => mode === '40000');
    keys.set(folder, new Map(folders.map((one) => [textOf(one.name), one])));
  }
  const treesOf = (heads: readonly Oid[]): Oid[] => {
    const revoked = keys.get('revoke')?.get(REVOKED_KEYS);
    const about = HEAD_FOLDERS.flatMap((folder) => heads.map((head) => keys.get(folder)?.get(head)));
    return [...about, revoked].flatMap((entry) => entry?.id ?? []);
  };
  const list = async (folder: string, key: string): Promise<readonly TreeEntry[]> => {
    const found = keys.get(folder)?.get(key);
    return found === undefined ? [] : entriesOf(await readFolder(objects, found.id));
  };
  return {
    tip,
    top: (folder) => tops.get(folder) ?? null,
    list,
    stateOf: (heads) => createHash('sha256').update(treesOf(heads).join('\n')).digest('hex'),
    read: (heads, keep) => readEntries(place, treesOf(heads), keep),
  };
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
    for (const { mode, name, id } of entriesOf(await readFolder(objects, tree))) {
      const file = textOf(name);
      if (mode === '100644' && isLedgerName(file)) wanted.set(`${file} ${id}`, { name: file, id });
    }
    if (wanted.size > LEDGER_LIMITS.entries) throw tooMuch(`${LEDGER_LIMITS.entries} entries`);
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
  const checked = checkTree(id, raw ?? new Uint8Array());
  if (checked.ok) return checked.tree;
  if (checked.problem === 'tree-hash-mismatch') throw forged('tree', id);
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
