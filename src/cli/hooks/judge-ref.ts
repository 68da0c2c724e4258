import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import type { Oid } from '../../core/object/id.ts';
import { describe } from '../../core/verdict/finding.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchObjects, readRemoteRefs } from '../../git/incoming.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, type Trust } from '../../trust/find.ts';
import { openBar } from '../history/bar.ts';
import { proveTrusted, type TrustedAnswer } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import { trustedOptions } from '../pull/proof.ts';
import { allRemotes } from '../pull/remote-url.ts';

/** A remote whose URL is in a trust file. */
export interface TrustedRemote {
  readonly name: string;
  readonly entries: readonly TrustEntry[];
}

/** @param top what relative paths count from */
export async function trustedRemotes(
  directory: string,
  trust: Trust,
  top: string,
): Promise<readonly TrustedRemote[]> {
  const remotes = await allRemotes(directory, top);
  return remotes
    .map(({ name, url }) => ({ name, entries: findEntries(trust, url) }))
    .filter(({ entries }) => entries.length > 0);
}

/**
 * The remote's ledger as it is there now, with its objects: reviews may have come since the last fetch, and of a fetch that
 * is under way git moves the ledger last. `null` where it cannot be had: those known here have to do.
 */
export async function bringLedger(directory: string, remote: string): Promise<Oid | null> {
  const ref = `refs/heads/${LEDGER_BRANCH}`;
  try {
    const tip = (await readRemoteRefs(directory, remote, [ref])).get(ref) ?? null;
    if (tip !== null) await fetchObjects(directory, remote, [ref]);
    return tip;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

export interface RefQuestion {
  readonly entry: TrustEntry;
  readonly to: Oid;
  readonly ledgers: readonly Oid[];
  /** A branch of the person's own may go back, and nobody vouches for what is not published yet. */
  readonly own: boolean;
}

/** What is only asked of a head that a server serves as the newest. */
const OF_SERVED_HEADS = new Set(['head-stale', 'freshness-unpinned', 'ledger-rewritten']);

/** Whether a ref of this branch may point there. */
export async function judgeRef(
  opened: OpenRepository,
  { entry, to, ledgers, own }: RefQuestion,
  io: Io,
): Promise<{ readonly passes: boolean; readonly trusted: TrustedAnswer }> {
  const bar = openBar(io);
  const question = { to, ledgers, allowDowngrade: own, newestProven: false, onProgress: bar.show };
  const trusted = await proveTrusted(trustedOptions(opened, entry, question), io).finally(bar.clear);
  if (trusted.accepted === to) return { passes: true, trusted };
  const grave = trusted.findings.some(
    ({ outcome, code }) => outcome !== 'pass' && !OF_SERVED_HEADS.has(code),
  );
  // Of a remote-tracking branch too: nobody can vouch for a head before it is there, and who updates from it asks again.
  const rewritten = trusted.findings.some(({ code }) => code === 'ledger-rewritten');
  return { passes: trusted.answer.outcome === 'pass' && !grave && (own || !rewritten), trusted };
}

/**
 * Why not, in sentences for a terminal.
 *
 * @param command the one whose option `--allow-downgrade` is: whoever reads this may have started another program
 */
export function reasons({ summary, findings }: TrustedAnswer, command: string): readonly string[] {
  const remedies = findings
    .filter(({ outcome }) => outcome !== 'pass')
    .flatMap((found) => describe(found).remedy)
    .map((line) => `→ ${line.replaceAll('`--allow-downgrade`', `\`${command} --allow-downgrade\``)}`);
  return [...summary, ...remedies].map(cleanSentence);
}
