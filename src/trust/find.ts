import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../core/policy/policy.ts';
import { Unreadable } from '../gather/ports.ts';
import type { TrustEntry } from './entry.ts';
import { readTrustFile, type TrustFileKind, type TrustWarning } from './file.ts';
import { configFolder, type Environment } from './folders.ts';
import { mergeEntries } from './merge.ts';
import { parseTrust } from './parse.ts';
import { conceal, normalUrl } from './url.ts';

/** What is trusted here: the user's own file and the lock of the project, or the one file that was given. */
export interface Trust {
  readonly entries: readonly TrustEntry[];
  /** The files that were read. */
  readonly files: readonly { readonly path: string; readonly kind: TrustFileKind }[];
  /** To be shown with every command that relies on it. */
  readonly warnings: readonly TrustWarning[];
}

export interface TrustPlace {
  /** The whole path of the only file to read; `null`: the user's own and the project's. */
  readonly file: string | null;
  /** The whole path of the folder from which on `countersign.lock` is looked for; `null`: not at all. */
  readonly folder: string | null;
  readonly environment: Environment;
}

export const LOCK_FILE = 'countersign.lock';

/** A trust file with errors in it. The message names the first; its text has no passwords in it any more. */
export class BrokenTrust extends Unreadable {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];

  constructor(file: string, text: string, diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics;
    const where = first === undefined ? '' : `:${first.line}:${first.column}`;
    super('file-unreadable', `\`${file}${where}\` has errors: ${first?.message ?? 'it cannot be read'}`, {
      passing: false,
    });
    this.name = 'BrokenTrust';
    this.file = file;
    this.text = text;
    this.diagnostics = diagnostics;
  }
}

/** `$XDG_CONFIG_HOME/countersign/trust.yaml`; `null` where the environment names no home. */
export function ownTrustFile(environment: Environment): string | null {
  const folder = configFolder(environment);
  return folder === null ? null : join(folder, 'trust.yaml');
}

/**
 * Reads what is trusted. Throws `Unreadable` where a file cannot be read (`BrokenTrust` where it has errors), and where the
 * user's file and the project's say different things of one branch.
 */
export async function openTrust({ file, folder, environment }: TrustPlace): Promise<Trust> {
  if (file !== null) return joined([await readEntries(file, 'given')]);
  return joined([await readOwn(environment), await readProject(folder, environment)]);
}

/** What one of the two files says by itself; nothing where it is not there. Throws `Unreadable`. */
export async function readOne(
  kind: 'own' | 'lock',
  { folder, environment }: Omit<TrustPlace, 'file'>,
): Promise<readonly TrustEntry[]> {
  const read = kind === 'own' ? await readOwn(environment) : await readProject(folder, environment);
  return read?.entries ?? [];
}

/**
 * The entry for a branch of a repository, however its URL is spelled; `null` where there is none. The branch may be part of
 * a flake's reference; where neither says it, the repository's only entry is meant, and `Unreadable` is thrown where it has
 * several.
 */
export function findEntry(trust: Trust, url: string, branch?: string): TrustEntry | null {
  const asked = branch ?? normalUrl(url)?.ref ?? null;
  const found = findEntries(trust, url).filter((entry) => asked === null || entry.branch === asked);
  if (found.length < 2) return found[0] ?? null;
  const branches = found.map((entry) => `\`${entry.branch}\``).join(', ');
  throw new Unreadable(
    'file-unreadable',
    `several branches of \`${conceal(url)}\` are trusted (${branches}), and none was named`,
    { passing: false },
  );
}

/** All entries for a repository, however its URL is spelled. */
export function findEntries(trust: Pick<Trust, 'entries'>, url: string): readonly TrustEntry[] {
  const key = normalUrl(url)?.key ?? null;
  return key === null ? [] : trust.entries.filter((entry) => normalUrl(entry.url)?.key === key);
}

/**
 * The nearest `countersign.lock` from a folder upwards: up to the root of the repository around it, else up to the user's
 * home. Outside of both only the folder itself is looked at: above it, such as in `/tmp`, files are anybody's.
 */
export async function findLock(folder: string, environment: Environment): Promise<string | null> {
  const home = environment['HOME'] ?? '';
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    above.push(at);
    if (at === home || (await exists(join(at, '.git')))) break;
    if (at === dirname(at)) {
      above.length = 1;
      break;
    }
  }
  for (const at of above) if (await exists(join(at, LOCK_FILE))) return join(at, LOCK_FILE);
  return null;
}

interface ReadFile {
  readonly path: string;
  readonly kind: TrustFileKind;
  readonly entries: readonly TrustEntry[];
  readonly warnings: readonly TrustWarning[];
}

async function readOwn(environment: Environment): Promise<ReadFile | null> {
  const path = ownTrustFile(environment);
  return path === null ? null : readEntries(path, 'own');
}

async function readProject(folder: string | null, environment: Environment): Promise<ReadFile | null> {
  const path = folder === null ? null : await findLock(folder, environment);
  return path === null || folder === null ? null : readLock(path, folder);
}

async function readEntries(path: string, kind: TrustFileKind): Promise<ReadFile | null> {
  const file = await readTrustFile(path, kind);
  return file === null
    ? null
    : { path, kind, entries: parseOrThrow(file.bytes, path), warnings: file.warnings };
}

/** What another user of this machine put above one's own folder is not the project's word (compare git's `safe.directory`). */
async function readLock(path: string, folder: string): Promise<ReadFile | null> {
  const file = await readTrustFile(path, 'lock');
  if (file === null) return null;
  const around = await stat(folder).catch(() => null);
  if (![0, process.geteuid?.(), around?.uid].includes(file.owner)) {
    const message = `\`${path}\` belongs to another user of this machine and was left out`;
    const warning: TrustWarning = { code: 'trust-file-ignored', file: path, message };
    return { path, kind: 'lock', entries: [], warnings: [warning] };
  }
  return { path, kind: 'lock', entries: parseOrThrow(file.bytes, path), warnings: file.warnings };
}

/** Throws `BrokenTrust`. */
export function parseOrThrow(bytes: Uint8Array, path: string): readonly TrustEntry[] {
  const parsed = parseTrust(bytes, path);
  if (parsed.ok) return parsed.entries;
  throw new BrokenTrust(path, conceal(new TextDecoder().decode(bytes)), parsed.diagnostics);
}

function joined(read: readonly (ReadFile | null)[]): Trust {
  const files = read.filter((file) => file !== null);
  return {
    entries: files.reduce<readonly TrustEntry[]>((own, file) => mergeEntries(own, file.entries), []),
    files: files.map(({ path, kind }) => ({ path, kind })),
    warnings: files.flatMap(({ warnings }) => warnings),
  };
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
