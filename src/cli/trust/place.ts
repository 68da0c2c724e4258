import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TrustFileKind } from '../../trust/file.ts';
import { findLock, LOCK_FILE, openTrust, ownTrustFile, type Trust } from '../../trust/find.ts';
import { parseRepositoryUrl, type RepositoryUrl } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';

export interface FileOptions {
  readonly file?: string;
  readonly lock?: boolean;
}

export interface ChosenFile {
  readonly path: string;
  readonly kind: TrustFileKind;
}

/** Which file a command changes: the user's own, the project's lock, or any. Throws `UsageError`. */
export async function chooseFile({ file, lock }: FileOptions, io: Io): Promise<ChosenFile> {
  if (file !== undefined) {
    if (lock === true) throw new UsageError('`--file` and `--lock` are two files: choose one');
    return { path: io.path(file), kind: 'given' };
  }
  if (lock === true) {
    const start = io.path('.');
    const found = await findLock(start, io.environment);
    return { path: found ?? join(await rootOf(start), LOCK_FILE), kind: 'lock' };
  }
  const own = ownTrustFile(io.environment);
  if (own !== null) return { path: own, kind: 'own' };
  throw new UsageError(
    'there is no place for your trust file: set HOME or XDG_CONFIG_HOME, or name one with --file',
  );
}

/** What is trusted here, as every command sees it. Throws `Unreadable`. */
export async function readTrust(file: string | undefined, io: Io): Promise<Trust> {
  return openTrust({
    file: file === undefined ? null : io.path(file),
    folder: io.path('.'),
    environment: io.environment,
  });
}

/** A repository as a person writes it, a path from the current folder included. Throws `UsageError`. */
export function readUrl(given: string, io: Io): RepositoryUrl {
  const local = /^\.{1,2}(?:\/|$)/.test(given) ? io.path(given) : given;
  const parsed = parseRepositoryUrl(local);
  if (parsed.ok) return parsed.url;
  throw new UsageError(`the URL of the repository cannot be used: ${parsed.problem}`);
}

/** The root of the repository around a folder, else the folder itself. */
async function rootOf(folder: string): Promise<string> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const found = await lstat(join(at, '.git')).catch(() => null);
    if (found !== null) return at;
  }
  return folder;
}
