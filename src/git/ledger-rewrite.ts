import type { Oid } from '../core/object/id.ts';
import { LEDGER_LIMITS, ledgerName } from '../core/statement/ledger.ts';
import type { Repository } from '../gather/ports.ts';
import type { LedgerPlace } from './ledger.ts';
import { findGone } from './ledger-gone.ts';

/** A ledger's place in which commits can be followed: what `openRepository` gives. */
export interface FollowedPlace extends LedgerPlace {
  readonly repository: Pick<Repository, 'isReachable'>;
}

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
