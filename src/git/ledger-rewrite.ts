import type { Oid } from '../core/object/id.ts';
import { HEAD_FOLDERS, LEDGER_LIMITS, ledgerName, parseLedgerPath } from '../core/statement/ledger.ts';
import { diffTreeLevel } from '../core/object/tree-diff.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Repository } from '../gather/ports.ts';
import { openLedger } from './ledger.ts';
import type { LedgerPlace } from './ledger.ts';
import { nextTree, readTrees } from './trees.ts';

/** A ledger's place in which commits can be followed: what `openRepository` gives. */
export interface FollowedPlace extends LedgerPlace {
  readonly repository: Pick<Repository, 'isReachable'>;
}

/** Folders of heads that are compared at a time. */
const BATCH = 1_000;

/** How a ledger's tip stands to the state that was last seen. */
export type SeenState =
  | 'first' // none was seen before
  | 'contained' // grown, or the same
  | 'behind' // an older state of the same ledger: a clone that was not fetched for a while
  | 'rewritten' // it lacks what was there
  | 'unknown'; // what was seen is not in this repository

/**
 * Whether a ledger still contains what was last seen of it. Where the tip has just been fetched with its whole history,
 * `unknown` means rewritten as well: what it contains would be here.
 */
export async function stateOfLedger(place: FollowedPlace, seen: Oid | null, tip: Oid): Promise<SeenState> {
  if (seen === null) return 'first';
  const { objects, repository } = place;
  const [info] = await objects.readInfo([seen]);
  if (info?.type !== 'commit') return 'unknown';
  if (await repository.isReachable(seen, tip)) {
    // A commit on top may take a statement out: nobody does that but to hide it.
    const gone = seen === tip ? [] : await findGone(place, seen, tip);
    return gone.length === 0 ? 'contained' : 'rewritten';
  }
  return (await repository.isReachable(tip, seen)) ? 'behind' : 'rewritten';
}

/** The same for a tip that was fetched just now: a remote never goes back by itself. `null`: it has no ledger. */
export async function compareWithSeen(
  place: FollowedPlace,
  seen: Oid | null,
  tip: Oid | null,
): Promise<'first' | 'contained' | 'rewritten'> {
  if (seen === null) return 'first';
  if (tip === null) return 'rewritten';
  const state = await stateOfLedger(place, seen, tip);
  return state === 'contained' ? 'contained' : 'rewritten';
}

/** Files of the state last seen that a tip lacks, by path; `null` where that state is not in this repository any more. */
export async function lostFiles(
  place: LedgerPlace,
  seen: Oid,
  tip: Oid | null,
): Promise<ReadonlyMap<string, Uint8Array> | null> {
  const { objects } = place;
  const [info] = await objects.readInfo([seen]);
  if (info?.type !== 'commit') return null;
  const gone = await findGone(place, seen, tip);
  const infos = await objects.readInfo(gone.map(({ id }) => id));
  const small = gone.filter((_, index) => (infos[index]?.size ?? Infinity) <= LEDGER_LIMITS.file);
  const contents = await objects.readObjects(
    small.map(({ id }) => id),
    'blob',
    LEDGER_LIMITS.file,
  );
  return new Map(
    small.flatMap(({ path }, index) => {
      const bytes = contents[index];
      return bytes !== undefined && path.endsWith(ledgerName(bytes)) ? [[path, bytes] as const] : [];
    }),
  );
}

/**
 * Statements of one commit of a ledger that another lacks, or has with other content. Only trees are read, and of these
 * only what the old one has and the new one has otherwise: however much was added costs nothing. Throws
 * `Unreadable('list-cut')` beyond `LEDGER_LIMITS`.
 */
async function findGone(place: LedgerPlace, seen: Oid, tip: Oid | null): Promise<readonly Gone[]> {
  const old = await openLedger(place, seen);
  const now = tip === null ? null : await openLedger(place, tip);
  const pairs = [...HEAD_FOLDERS, 'revoke'].flatMap((folder) =>
    diffTreeLevel(old.top(folder), now?.top(folder) ?? null).flatMap(({ name, before, after }): Pair[] => {
      if (before?.mode !== '40000') return [];
      const prefix = `${folder}/${Buffer.from(name).toString('latin1')}/`;
      return [{ prefix, before: before.id, after: after?.mode === '40000' ? after.id : null }];
    }),
  );
  const gone: Gone[] = [];
  for (let from = 0; from < pairs.length; from += BATCH) {
    const batch = pairs.slice(from, from + BATCH);
    const ids = batch.flatMap(({ before, after }) => (after === null ? [before] : [before, after]));
    const trees = (await readTrees(place.objects, ids)).values();
    for (const { prefix, after } of batch) {
      const old = nextTree(trees);
      const young = after && nextTree(trees);
      for (const { name, before: was } of diffTreeLevel(old, young)) {
        const path = `${prefix}${Buffer.from(name).toString('latin1')}`;
        if (was?.mode === '100644' && parseLedgerPath(path) !== null) gone.push({ path, id: was.id });
      }
    }
    if (gone.length > LEDGER_LIMITS.entries) {
      const message = `more than ${LEDGER_LIMITS.entries} files of the ledger are gone`;
      throw new Unreadable('list-cut', message, { passing: false });
    }
  }
  return gone;
}

interface Gone {
  readonly path: string;
  readonly id: Oid;
}

/** The folder of one head in both; `null` where it is gone. */
interface Pair {
  readonly prefix: string;
  readonly before: Oid;
  readonly after: Oid | null;
}
