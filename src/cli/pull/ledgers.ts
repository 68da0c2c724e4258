import type { Oid } from '../../core/object/id.ts';
import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import type { RefMove } from '../../git/move-refs.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Refs } from '../../git/refs.ts';
import type { Place } from './place.ts';

/** Where a second ledger lies in a bundle. */
export const OTHER_LEDGER = 'refs/countersign/ledger/own';

export interface FoundLedgers {
  /** The remote-tracking branch, whole name. */
  readonly ref: string;
  readonly state: 'grown' | 'behind' | 'rewritten';
  /** Those whose statements count; the first is to be remembered. */
  readonly ledgers: readonly Oid[];
  readonly move: RefMove | null;
}

/**
 * The ledger that came, the one seen at the remote before, and the person's own. A server whose ledger lacks something
 * has lost it or hides it, so what was seen before does not make up for it: whoever remembers refuses. A bundle may just be
 * old.
 */
export async function findLedgers(
  { refs, repository }: OpenRepository,
  { remote, bundle }: Place,
  heads: ReadonlyMap<string, Oid>,
  allowDowngrade: boolean,
): Promise<FoundLedgers> {
  const ref = `refs/remotes/${remote}/${LEDGER_BRANCH}`;
  const old = await readRef(refs, ref);
  const own = await readRef(refs, `refs/heads/${LEDGER_BRANCH}`);
  const came = heads.get(`refs/heads/${LEDGER_BRANCH}`) ?? null;
  const second = bundle?.refs.get(OTHER_LEDGER) ?? null;
  const all = (...ids: (Oid | null)[]): Oid[] => [...ids, second].filter((id) => id !== null);
  if (old === null || (came !== null && (await repository.isReachable(old, came)))) {
    const move = came === null || came === old ? null : { ref, from: old, to: came };
    return { ref, state: 'grown', ledgers: all(came, old, own), move };
  }
  const isOld = bundle !== null && (came === null || (await repository.isReachable(came, old)));
  if (isOld) return { ref, state: 'behind', ledgers: all(old, came, own), move: null };
  const move = allowDowngrade && came !== null ? { ref, from: old, to: came } : null;
  return { ref, state: 'rewritten', ledgers: all(came, own), move };
}

/** Where a ref points, by its whole name. */
export async function readRef(refs: Refs, ref: string): Promise<Oid | null> {
  const found = await refs.findAll(ref.slice('refs/'.length));
  return found.find((one) => one.ref === ref)?.id ?? null;
}
