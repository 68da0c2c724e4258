import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { openLedger } from './ledger.ts';
import type { KeepSources } from './ledger.ts';
import { fetchLedger, findRemoteUrl, pushLedger, rememberRef, writeLedgerCommit } from './ledger-remote.ts';
import { compareWithSeen, lostFiles, stateOfLedger } from './ledger-rewrite.ts';
import type { FollowedPlace } from './ledger-rewrite.ts';
import { readSeen, updateSeen } from './ledger-seen.ts';
import { growLedger, writeObjects } from './ledger-tree.ts';

export interface AppendOptions {
  /** Any folder of the person's repository. Its work tree, index and HEAD are never touched. */
  readonly directory: string;
  /** A remote of that repository, such as `origin`. */
  readonly remote: string;
  /** As statements name it; with the remote's URL it tells whose last state is remembered. */
  readonly project: string;
  /** The folder of this program's state. */
  readonly state: string;
  /** What to add, by path (`ledgerPaths`). What is there already is left as it is. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Go on from a ledger that lost something, and put back what `keep` wants of what was seen there before. */
  readonly acceptRewrite: boolean;
  readonly keep: KeepSources;
  /** Find out what would be added, and write nothing. */
  readonly dryRun?: boolean;
}

export type Appended =
  | {
      readonly kind: 'appended' | 'would-append';
      /** The ledger's new tip; the old one for a dry run, `null` where there is none yet. */
      readonly tip: Oid | null;
      readonly added: readonly string[];
      /** Those of them that were in the ledger before and were lost in a rewrite. */
      readonly restored: readonly string[];
      readonly attempts: number;
    }
  | { readonly kind: 'nothing-new'; readonly tip: Oid | null; readonly attempts: number }
  /** The ledger was rewritten or deleted since it was last seen; nothing was written. */
  | {
      readonly kind: 'rewritten';
      readonly seen: Oid;
      readonly tip: Oid | null;
      /** Files that are gone; `null` where the old state is not in this repository any more. */
      readonly lost: number | null;
    };

const MOST_ATTEMPTS = 40;
/** Refusals in a row while the remote's branch stays where it is: no race is lost so often. */
const MOST_IDLE = 5;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Adds files to the ledger of a remote with the person's own git and credentials, in one commit on top of what is there.
 * A push that lost a race is made again on the new tip, so that of concurrent writers nobody loses anything; nothing is
 * ever forced. Throws `Unreadable('git-failed')` where the remote refuses or does not answer.
 *
 * @param place objects of the same repository, opened for verified reading
 */
export async function appendToLedger(
  place: FollowedPlace & { readonly format: ObjectFormat },
  options: AppendOptions,
): Promise<Appended> {
  const { directory, remote, acceptRewrite, dryRun } = options;
  const url = await findRemoteUrl(directory, remote);
  const memory = { directory: options.state, url, project: options.project };
  let restored: ReadonlyMap<string, Uint8Array> = new Map();
  let last: Oid | null | undefined;
  let idle = 0;
  for (let attempts = 1; ; attempts += 1) {
    // First what was seen, then what there is: another process of this person may be writing right now.
    const seen = await readSeen(memory, place.format);
    const tip = await fetchLedger(directory, remote);
    idle = tip === last ? idle + 1 : 0;
    last = tip;
    const compared = await compareWithSeen(place, seen, tip);
    if (compared === 'rewritten' && seen !== null) {
      const lost = await lostFiles(place, seen, tip);
      if (!acceptRewrite) return { kind: 'rewritten', seen, tip, lost: lost && lost.size };
      restored = await worthKeeping(lost ?? new Map(), options.keep);
    }
    const remember = (at: Oid): Promise<void> =>
      updateSeen(memory, place.format, async (now) => {
        if (now !== null && now !== seen) {
          const state = await stateOfLedger(place, now, at);
          // What another process has seen meanwhile stays unless this goes on from it: the next one will tell.
          if (state !== 'contained' && !(acceptRewrite && state === 'rewritten')) return null;
        }
        await rememberRef(directory, remote, at);
        return at;
      });
    const ledger = tip === null ? null : await openLedger(place, tip);
    const grown = await growLedger(ledger, new Map([...restored, ...options.files]), place.format);
    if (grown.added.length === 0) {
      if (tip !== null && dryRun !== true) await remember(tip);
      return { kind: 'nothing-new', tip, attempts };
    }
    const outcome = {
      added: grown.added,
      restored: grown.added.filter((path) => restored.has(path)),
      attempts,
    };
    if (dryRun === true) return { kind: 'would-append', tip, ...outcome };
    await writeObjects(directory, 'blob', grown.blobs, place.format);
    await writeObjects(directory, 'tree', grown.trees, place.format);
    const commit = await writeLedgerCommit(directory, grown.tree, tip, grown.added.length);
    const pushed = await pushLedger(directory, remote, commit);
    if (pushed.ok) {
      await remember(commit);
      return { kind: 'appended', tip: commit, ...outcome };
    }
    if (attempts >= MOST_ATTEMPTS || idle >= MOST_IDLE || (idle > 0 && !pushed.race)) {
      throw new Unreadable('git-failed', `the ledger could not be pushed to \`${remote}\`: ${pushed.said}`);
    }
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(attempts, 10)));
  }
}

/** Whoever rewrote a ledger may have had a reason: only what still counts for somebody is put back. */
async function worthKeeping(
  files: ReadonlyMap<string, Uint8Array>,
  keep: KeepSources,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const sources = [...files].map(([from, bytes]) => ({ from, text: new TextDecoder().decode(bytes) }));
  const kept = new Set((await keep(sources)).map(({ from }) => from));
  return new Map([...files].filter(([path]) => kept.has(path)));
}
