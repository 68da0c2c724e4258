import type { Oid } from '../core/object/id.ts';
import { entryAt, findIndex, sizeOf } from '../core/object/tree.ts';
import type { Tree } from '../core/object/tree.ts';
import { diffTreeLevel } from '../core/object/tree-diff.ts';
import { HEAD_FOLDERS, LEDGER_LIMITS, parseLedgerPath } from '../core/statement/ledger.ts';
import { Unreadable } from '../gather/ports.ts';
import { openLedger } from './ledger.ts';
import type { Ledger, LedgerPlace } from './ledger.ts';
import { nextTree, readTrees } from './trees.ts';

/** Folders of heads that are compared at a time. */
const BATCH = 1_000;

export interface Gone {
  readonly path: string;
  readonly id: Oid;
}

/** The folder of one head in both; `null` where it is gone. */
interface Pair {
  readonly prefix: string;
  readonly before: Oid;
  readonly after: Oid | null;
}

/**
 * Statements of one commit of a ledger that another lacks, or has with other content. Only trees are read, and of these
 * only what the old one has and the new one has otherwise: however much was added costs nothing. Throws
 * `Unreadable('list-cut')` beyond `LEDGER_LIMITS`.
 */
export async function findGone(place: LedgerPlace, seen: Oid, tip: Oid | null): Promise<readonly Gone[]> {
  const old = await openLedger(place, seen);
  const now = tip === null ? null : await openLedger(place, tip);
  const gone: Gone[] = [];
  let compared = 0;
  for (const batch of batches(changedFolders(old, now))) {
    const ids = batch.flatMap(({ before, after }) => (after === null ? [before] : [before, after]));
    const trees = (await readTrees(place.objects, ids)).values();
    for (const { prefix, after } of batch) {
      const old = nextTree(trees);
      const young = after && nextTree(trees);
      compared += old.bytes.length + (young?.bytes.length ?? 0);
      if (compared > LEDGER_LIMITS.compared) throw tooManyGone(`${LEDGER_LIMITS.compared} bytes of folders`);
      for (const { name, before: was } of diffTreeLevel(old, young)) {
        const path = `${prefix}${Buffer.from(name).toString('latin1')}`;
        if (was?.mode !== '100644' || parseLedgerPath(path) === null) continue;
        gone.push({ path, id: was.id });
        if (gone.length > LEDGER_LIMITS.entries) throw tooManyGone(`${LEDGER_LIMITS.entries} files`);
      }
    }
  }
  return gone;
}

/** The folders of heads that one ledger has and the other has not, or has otherwise; one at a time. */
function* changedFolders(old: Ledger, now: Ledger | null): Generator<Pair> {
  let count = 0;
  for (const folder of [...HEAD_FOLDERS, 'revoke']) {
    const [before, after] = [old.top(folder), now?.top(folder) ?? null];
    if (before === null || (after !== null && before.bytes.equals(after.bytes))) continue;
    for (const { name, ...pair } of changedEntries(before, after)) {
      count += 1;
      if (count > LEDGER_LIMITS.changed) throw tooManyGone(`${LEDGER_LIMITS.changed} folders`);
      yield { ...pair, prefix: `${folder}/${Buffer.from(name).toString('latin1')}/` };
    }
  }
}

/** What is a folder in one tree and is none, or another one, in the other. Both are walked in their order, which is one. */
function* changedEntries(
  old: Tree,
  now: Tree | null,
): Generator<{ readonly name: Uint8Array; readonly before: Oid; readonly after: Oid | null }> {
  let at = 0;
  for (let index = 0; index < sizeOf(old); index += 1) {
    if (now !== null && sameEntry(old, index, now, at)) {
      at += 1;
      continue;
    }
    const { mode, name, id } = entryAt(old, index);
    const found = now && findIndex(now, name);
    if (found !== null) at = found + 1;
    const entry = now === null || found === null ? null : entryAt(now, found);
    const after = entry?.mode === '40000' ? entry.id : null;
    if (mode === '40000' && after !== id) yield { name, before: id, after };
  }
}

function sameEntry(a: Tree, index: number, b: Tree, other: number): boolean {
  const [start = 0, end = 0] = [a.starts[index], a.starts[index + 1]];
  const [from = 0, to] = [b.starts[other], b.starts[other + 1]];
  return to !== undefined && a.bytes.compare(b.bytes, from, to, start, end) === 0;
}

function* batches(pairs: Iterable<Pair>): Generator<readonly Pair[]> {
  let batch: Pair[] = [];
  for (const pair of pairs) {
    if (batch.push(pair) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function tooManyGone(bound: string): Unreadable {
  return new Unreadable('list-cut', `more than ${bound} of the ledger are gone or changed`, {
    passing: false,
  });
}
