import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../disk/make-folders.ts';
import { parseOid } from '../../core/object/id.ts';
import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { replaceFile } from '../../trust/replace-file.ts';
import { conceal, normalUrl } from '../../trust/url.ts';
import { fileProblem } from '../file-problem.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { dataFolder } from '../state-folder.ts';

export interface ChannelOptions {
  readonly trust?: string;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
}

export interface ListOptions {
  readonly json?: boolean;
}

/** Whose trees lie in a channel's folder. */
export interface About {
  readonly url: string;
  readonly branch: string;
  readonly introduction: string;
  /** The word before its path in NIX_PATH. */
  readonly word: string;
}

/** A channel as it is on disk. */
export interface Placed {
  readonly name: string;
  readonly folder: string;
  readonly about: About;
  /** What `current` leads to. */
  readonly current: Oid | null;
  /** Trees that are here, the one used last first; seconds since 1970. */
  readonly revisions: readonly { readonly rev: Oid; readonly at: number }[];
}

const WANTED =
  'the trees of channels lie there: make it writable, or let XDG_DATA_HOME name a folder that is';
const ABOUT = 'channel.json';
const LARGEST = 65_536;

/** `$XDG_DATA_HOME/countersign/channels`. Throws `UsageError` where the environment names no home. */
export function channelsFolder(io: Io): string {
  const folder = dataFolder(io.environment);
  if (folder !== null) return join(folder, 'channels');
  throw new UsageError('there is no place for channels: neither XDG_DATA_HOME nor HOME is set');
}

/** The channels that are here, by their names. Throws `Unreadable`. */
export async function readChannels(folder: string): Promise<readonly Placed[]> {
  const found: Placed[] = [];
  for (const name of (await namesIn(folder)).toSorted()) {
    const placed = await readChannel(join(folder, name), name);
    if (placed !== null) found.push(placed);
  }
  return found;
}

/** One channel; `null` where there is none. Throws `Unreadable` for a folder that is none of ours. */
export async function readChannel(folder: string, name: string): Promise<Placed | null> {
  const text = await readAbout(join(folder, ABOUT));
  if (text === null) return null;
  const about = parseAbout(text);
  if (about === null) throw unusable(folder, `\`${ABOUT}\` in it cannot be read`);
  const revisions: { rev: Oid; at: number }[] = [];
  for (const entry of await namesIn(folder)) {
    const rev = parseOid(entry);
    const info = rev === null ? null : await lstat(join(folder, entry)).catch(() => null);
    if (rev !== null && info?.isDirectory() === true) revisions.push({ rev, at: info.mtimeMs / 1000 });
  }
  revisions.sort((a, b) => b.at - a.at);
  const link = await readlink(join(folder, 'current')).catch(() => null);
  return { name, folder, about, current: link === null ? null : parseOid(link), revisions };
}

/**
 * The folder of a channel, made where it is not there. Throws `Unreadable` where others may change it, or another
 * repository or branch lies there: nothing ever takes another's place under one name in silence.
 */
export async function openChannel(folder: string, about: About): Promise<void> {
  await onDisk(folder, () => makeFolders(folder, 0o755));
  const { uid, mode } = await onDisk(folder, () => stat(folder));
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) {
    throw unusable(folder, 'it belongs to another user, or others may change it');
  }
  const text = await readAbout(join(folder, ABOUT));
  if (text === null) {
    await onDisk(folder, () => replaceFile(join(folder, ABOUT), `${JSON.stringify(about)}\n`, 0o644));
    return;
  }
  const known = parseAbout(text);
  if (
    known?.url === about.url &&
    known.branch === about.branch &&
    known.introduction === about.introduction
  ) {
    return;
  }
  const what = known === null ? 'something else' : `\`${known.branch}\` of \`${known.url}\``;
  throw unusable(folder, `it holds ${what}, from another introduction or place: remove it first`);
}

/** What is written about a trusted branch. */
export function aboutOf({ url, branch, introduction }: TrustEntry, word: string): About {
  return { url: normalUrl(url)?.key ?? conceal(url), branch, introduction, word };
}

function parseAbout(text: string): About | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null) return null;
  const { url, branch, introduction, word } = read as Readonly<Record<string, unknown>>;
  const isText = typeof url === 'string' && typeof branch === 'string';
  return isText && typeof introduction === 'string' && typeof word === 'string'
    ? { url, branch, introduction, word }
    : null;
}

async function readAbout(path: string): Promise<string | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  if (!info.isFile() || info.size > LARGEST) throw unusable(path, 'it is no small regular file');
  return onDisk(path, () => readFile(path, 'utf8'));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Turns what the disk refuses into `Unreadable`: nothing but the operating system's errors have a system call. */
export async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw unusable(path, `${fileProblem(error)}; ${WANTED}`);
  }
}

export function unusable(path: string, why: string): Unreadable {
  return new Unreadable('file-unreadable', `\`${path}\` cannot be used: ${why}`, { passing: false });
}
