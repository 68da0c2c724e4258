import { clean } from '../../core/report/clean.ts';
import { openTrust, type Trust } from '../../trust/find.ts';
import type { Io } from '../io.ts';
import { readLockFile, type LockFile } from './lock-file.ts';

/** What `flake update` and `flake check` have in common on the command line. */
export interface FlakeOptions {
  readonly flake: string;
  readonly trust?: string;
  readonly strict?: boolean;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
}

export interface FlakePlace {
  readonly file: LockFile;
  readonly trust: Trust;
}

/** Reads the lock file and who is trusted. Throws `UsageError` and `Unreadable`. */
export async function openFlake(options: FlakeOptions, io: Io): Promise<FlakePlace> {
  const folder = io.path(options.flake);
  const file = await readLockFile(folder);
  const trust = await openTrust({
    file: options.trust === undefined ? null : io.path(options.trust),
    folder,
    environment: io.environment,
  });
  for (const { message } of trust.warnings) io.err(`countersign: ${clean(message)}\n`);
  return { file, trust };
}
