import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectFormat } from '../core/object/id.ts';

/** An empty bare repository of our own that borrows objects from others. */
export interface Workspace {
  readonly gitDir: string;
  readonly format: ObjectFormat;
  /** Another bare repository of ours, which borrows from nowhere; this one borrows from it. See hashed-store.ts. */
  readonly hashedDir: string;
  dispose(): Promise<void>;
}

/**
 * What every merge and every walk runs under: no file of the judged repository is read for configuration. Merges: see
 * merges.ts. Nothing here is a promisor remote, so no git of any version fetches what is missing by itself
 * (gitformat-partial-clone: `promisor=false` alone does not stop git 2.39, an absent remote does). Limits of renames are
 * git's own defaults: finding them takes the square of their number, and a merge with more was not made with them by
 * anybody. Packs are mapped in parts, or a long history would hold gigabytes of them in a git that reads for minutes.
 */
const CONFIGURATION = `[core]
	bare = true
	commitGraph = false
	multiPackIndex = true
	attributesFile = /dev/null
	hooksPath = /dev/null
	fsmonitor = false
	logAllRefUpdates = false
	fsync = none
	bigFileThreshold = 32m
	packedGitWindowSize = 8m
	packedGitLimit = 96m
	quotePath = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
[diff]
	algorithm = histogram
	renames = true
	renameLimit = 1000
	ignoreSubmodules = none
[merge]
	renames = true
	directoryRenames = conflict
	renameLimit = 7000
	conflictStyle = merge
	renormalize = false
	verbosity = 0
`;

/** `borrow` are absolute paths of object directories. Throws `Unreadable` for one that git's format cannot name. */
export async function openWorkspace(format: ObjectFormat, borrow: readonly string[]): Promise<Workspace> {
  const borrowed = encodeAlternates(borrow);
  // In one turn with its clearing away: a signal that ended the process between the two would leave the folder behind.
  const gitDir = makeFolder();
  const hashedDir = join(gitDir, 'hashed.git');
  const clear = (): void => {
    // A git that was just killed may still be writing here.
    rmSync(gitDir, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', clear);
  const dispose = async (): Promise<void> => {
    process.off('exit', clear);
    await rm(gitDir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    writeBare(gitDir, format);
    writeBare(hashedDir, format);
    const alternates = encodeAlternates([join(hashedDir, 'objects')]) + borrowed;
    writeFileSync(join(gitDir, 'objects', 'info', 'alternates'), alternates);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { gitDir, format, hashedDir, dispose };
}

/** What `git init --bare` would write, without starting it: gitrepository-layout(5) asks for these four alone. */
function writeBare(gitDir: string, format: ObjectFormat): void {
  const extension = format === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  const version = `[core]\n\trepositoryFormatVersion = ${format === 'sha256' ? 1 : 0}\n`;
  mkdirSync(join(gitDir, 'refs'), { recursive: true });
  mkdirSync(join(gitDir, 'objects', 'info'), { recursive: true });
  mkdirSync(join(gitDir, 'objects', 'pack'));
  writeFileSync(join(gitDir, 'config'), version + extension + CONFIGURATION);
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/unborn\n');
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'countersign-git-'));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new Unreadable(
      'file-unreadable',
      `no folder can be made in \`${tmpdir()}\` (${code}) for what is thrown away at the end: let TMPDIR name a folder that can be written`,
      { cause },
    );
  }
}

/**
 * The file objects/info/alternates (gitrepository-layout(5)): a path a line, `#` and `"` special at the start of a line
 * only, which an absolute path never has.
 */
export function encodeAlternates(directories: readonly string[]): string {
  return directories
    .map((directory) => {
      if (!directory.startsWith('/')) throw new Error(`object directory \`${directory}\` is not absolute`);
      // U+FFFD is what a path that is not UTF-8 became on its way here: it would name another directory.
      if (/[\n\r\0\uFFFD]/.test(directory)) {
        throw new Unreadable(
          'repository-untrusted',
          `the path ${JSON.stringify(directory)} has a line break or bytes that are not UTF-8, which git can't borrow objects from`,
          { passing: false },
        );
      }
      return `${directory}\n`;
    })
    .join('');
}
