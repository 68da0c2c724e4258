import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../disk/make-folders.ts';
import { Unreadable } from '../gather/ports.ts';
import { codeOf, DamagedMemory, UnforgottenMemory, UnkeptMemory } from './memory-problem.ts';
import { parseMemory, type MemoryKey, type Remembered } from './memory-text.ts';
import { replaceFile } from './replace-file.ts';

export type { MemoryKey, Remembered };
export { DamagedMemory, UnforgottenMemory, UnkeptMemory } from './memory-problem.ts';

export type Recalled =
  /** `at`: when it was written, in seconds since the epoch. */
  | { readonly state: 'known'; readonly remembered: Remembered; readonly at: number }
  | { readonly state: 'none' }
  /** Somebody else may have written it. `reason` is to be shown, in lower case. */
  | { readonly state: 'ignored'; readonly reason: string };

/** Runs `act` while no other process that asks for the same path does. Throws `Unreadable` where it waited for too long. */
export type Exclusive = <T>(path: string, act: () => Promise<T>) => Promise<T>;

export interface Memory {
  /** The file, for messages. */
  readonly path: string;
  /** Throws `DamagedMemory` for what is no such memory: forgetting silently is what an attacker would want. */
  read(): Promise<Recalled>;
  /**
   * Reads again and writes what `choose` makes of it (`null`: it stays as it is), while no other process does. Throws
   * `DamagedMemory`, and `UnkeptMemory` where it cannot be kept.
   */
  update(exclusive: Exclusive, choose: (last: Recalled) => Promise<Remembered | null>): Promise<void>;
}

/** Ratified steps are listed one by one: 100,000 of them fit. */
const LARGEST = 8_388_608;
const MOST_FILES = 100_000;
const MOST_TURNS = 5;

/** @param directory the folder of this program's state, such as `~/.local/state/countersign` */
export function openMemory(directory: string, key: MemoryKey): Memory {
  const folder = join(directory, 'history');
  const path = join(folder, `${nameOf(key)}.json`);
  return {
    path,
    read: () => recall(path, folder, key),
    async update(exclusive, choose) {
      try {
        await makeFolders(folder, 0o700);
        const info = await stat(folder);
        if (!isOwn(info.uid)) throw new UnkeptMemory(path, 'foreign');
        const readAgain = (): Promise<Recalled> => recall(path, folder, key);
        // What others may write is not read, and nobody else may hold the lock.
        const before = await readAgain();
        if ((info.mode & 0o777) !== 0o700) await chmod(folder, 0o700);
        await whileLocked(path, exclusive, async () => {
          let last = before.state === 'ignored' ? before : await readAgain();
          for (let turn = 0; turn < MOST_TURNS; turn += 1) {
            const remembered = await choose(last);
            if (remembered === null) return;
            const { branch, introduction } = remembered.state;
            if (branch !== key.branch || introduction !== key.introduction) {
              throw new Error('a state of another branch or introduction');
            }
            // A lock is lost while a machine sleeps: what was chosen rests on what was read.
            const now = before.state === 'ignored' ? before : await readAgain();
            if (isSame(now, last)) {
              await replaceFile(path, `${JSON.stringify({ version: 1, ...key, remembered })}\n`);
              return;
            }
            last = now;
          }
          throw new UnkeptMemory(path, 'contended');
        });
      } catch (error) {
        if (!(error instanceof Error && 'syscall' in error)) throw error;
        throw new UnkeptMemory(path, 'unwritable', error);
      }
    },
  };
}

async function whileLocked(path: string, exclusive: Exclusive, act: () => Promise<void>): Promise<void> {
  const held = { begun: false };
  try {
    await exclusive(`${path}.lock`, () => {
      held.begun = true;
      return act();
    });
  } catch (error) {
    throw held.begun || !(error instanceof Unreadable) ? error : new UnkeptMemory(path, 'locked', error);
  }
}

/**
 * Forgets what was proven of a branch from an introduction on, by whichever policy; gives how many memories there were.
 * Memories that are not the user's own are forgotten too: they are ignored anyway. Throws `UnforgottenMemory`.
 */
export async function forgetMemory(
  directory: string,
  { branch, introduction }: Pick<MemoryKey, 'branch' | 'introduction'>,
): Promise<number> {
  const folder = join(directory, 'history');
  let forgotten = 0;
  const usual = `${nameOf({ branch, introduction, policy: null })}.json`;
  for (const name of await list(folder)) {
    const path = join(folder, name);
    const text = name === usual ? null : await readText(path).catch(() => null);
    const about = text?.state === 'read' ? parseMemory(text.text) : null;
    if (name !== usual && (about?.branch !== branch || about.introduction !== introduction)) continue;
    try {
      await unlink(path);
      forgotten += 1;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw new UnforgottenMemory('memory', path, error);
    }
  }
  return forgotten;
}

async function recall(path: string, folder: string, key: MemoryKey): Promise<Recalled> {
  const read = await readText(path);
  if (read.state !== 'read') return read;
  const { uid, mode } = await stat(folder);
  if (!isOwn(uid) || (mode & 0o022) !== 0) {
    return { state: 'ignored', reason: `\`${folder}\` is a folder that others may change` };
  }
  const found = parseMemory(read.text);
  if (found === null || nameOf(found) !== nameOf(key)) throw new DamagedMemory(path, null);
  return { state: 'known', remembered: found.remembered, at: read.at };
}

type ReadText =
  | { readonly state: 'read'; readonly text: string; readonly at: number }
  | { readonly state: 'none' }
  | { readonly state: 'ignored'; readonly reason: string };

async function readText(path: string): Promise<ReadText> {
  let file: FileHandle;
  try {
    // A pipe would keep its reader waiting.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { state: 'none' };
    if (code === 'ELOOP') return { state: 'ignored', reason: `\`${path}\` is a symbolic link` };
    throw new DamagedMemory(path, error);
  }
  try {
    const info = await file.stat();
    if (!info.isFile()) return { state: 'ignored', reason: `\`${path}\` is not a regular file` };
    if (!isOwn(info.uid)) return { state: 'ignored', reason: `\`${path}\` belongs to another user` };
    if ((info.mode & 0o7777 & ~0o600) !== 0) {
      return { state: 'ignored', reason: `\`${path}\` may be read or written by others (chmod 600)` };
    }
    if (info.size > LARGEST) throw new DamagedMemory(path, null);
    const text = await file.readFile('utf8');
    return { state: 'read', text, at: Math.floor(info.mtimeMs / 1000) };
  } catch (error) {
    throw error instanceof Unreadable ? error : new DamagedMemory(path, error);
  } finally {
    await file.close();
  }
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).slice(0, MOST_FILES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UnforgottenMemory('folder', folder, error);
  }
}

function nameOf({ branch, introduction, policy }: MemoryKey): string {
  return createHash('sha256')
    .update(JSON.stringify(['countersign-history/v1', branch, introduction, policy]))
    .digest('hex');
}

function isOwn(uid: number): boolean {
  return uid === process.geteuid?.();
}

function isSame(one: Recalled, other: Recalled): boolean {
  const shown = (recalled: Recalled): string =>
    recalled.state === 'known' ? JSON.stringify(recalled.remembered) : recalled.state;
  return shown(one) === shown(other);
}
