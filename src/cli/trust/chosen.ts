import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, type Trust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';
import { UsageError } from '../revisions.ts';
import { TrustRefusal } from './answer.ts';
import { readUrl } from './place.ts';

/**
 * The entries that a URL and branches name: all of the repository's where no branch is named. Throws `UsageError` for what
 * is no URL, `TrustRefusal` where there is no such entry.
 */
export function chooseEntries(
  trust: Pick<Trust, 'entries'>,
  given: string,
  branches: readonly string[] | undefined,
  io: Io,
): readonly TrustEntry[] {
  const url = readUrl(given, io);
  const wanted = branches ?? (url.ref === null ? null : [url.ref]);
  const all = findEntries(trust, url.fetch);
  const missing = (wanted ?? []).find((branch) => !all.some((entry) => entry.branch === branch));
  if (all.length === 0 || missing !== undefined) {
    const what = missing === undefined ? '' : `branch \`${missing}\` of `;
    throw new TrustRefusal(
      'trust-not-there',
      `${what}\`${conceal(url.fetch)}\` is not trusted by any file that was read`,
      '`countersign trust list` shows what is',
    );
  }
  return wanted === null ? all : all.filter((entry) => wanted.includes(entry.branch));
}

/** The folder of what is remembered. Throws `UsageError` where the environment names none. */
export function memoryFolder(io: Io): string {
  const folder = stateFolder(io.environment);
  if (folder !== null) return folder;
  throw new UsageError('there is no place for what was proven: set HOME or XDG_STATE_HOME to a folder');
}
