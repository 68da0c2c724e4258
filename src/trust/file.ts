import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { LARGEST_POLICY } from '../core/policy/document.ts';
import { Unreadable } from '../gather/ports.ts';

/**
 * Whose word a file is: the user's own decisions, a file that the command line names, or one that lay in the folder of a
 * project and may be anybody's.
 */
export type TrustFileKind = 'own' | 'given' | 'lock';

export interface TrustWarning {
  readonly code: 'trust-file-link' | 'trust-file-writable' | 'trust-file-foreign' | 'trust-file-ignored';
  readonly file: string;
  /** A sentence in lower case. */
  readonly message: string;
}

export interface TrustFile {
  readonly bytes: Uint8Array;
  /** The number of the user whose file it is. */
  readonly owner: number;
  readonly warnings: readonly TrustWarning[];
}

/**
 * The bytes of a trust file; `null` where there is none. What somebody else may have written is refused where it would pass
 * for the user's own word, and reported elsewhere, since a project's folder may belong to whoever set up the machine. A
 * `countersign.lock` that is a link is refused: what it leads to would be shown in messages.
 *
 * Throws `Unreadable('file-unreadable')`.
 */
export async function readTrustFile(path: string, kind: TrustFileKind): Promise<TrustFile | null> {
  const info = await lstat(path).catch((error: unknown) => {
    const code = codeOf(error);
    if ((code === 'ENOENT' || code === 'ENOTDIR') && kind !== 'given') return null;
    throw unreadable(path, code === 'ENOENT' ? 'there is no such file' : code);
  });
  if (info === null) return null;
  const linked = info.isSymbolicLink();
  if (linked && kind === 'lock') throw unreadable(path, 'it is a symbolic link');
  let file: FileHandle | null = null;
  try {
    // A pipe would keep its reader waiting.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | (linked ? 0 : constants.O_NOFOLLOW));
    return await readOpened(file, path, kind, linked);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw unreadable(
      path,
      linked ? `what the link leads to cannot be read (${codeOf(error)})` : codeOf(error),
    );
  } finally {
    await file?.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

async function readOpened(
  file: FileHandle,
  path: string,
  kind: TrustFileKind,
  linked: boolean,
): Promise<TrustFile> {
  const info = await file.stat();
  if (!info.isFile()) throw unreadable(path, 'it is not a regular file');
  if (info.size > LARGEST_POLICY) throw unreadable(path, `it is larger than ${LARGEST_POLICY} bytes`);
  const writable = (info.mode & 0o002) !== 0;
  const foreign = info.uid !== 0 && info.uid !== process.geteuid?.();
  if (kind === 'own' && writable) {
    throw unreadable(
      path,
      'anybody may write it: look at what it says, then take that right away (`chmod o-w`)',
    );
  }
  if (kind === 'own' && foreign) throw unreadable(path, 'it belongs to another user');
  const warnings: TrustWarning[] = [];
  const warn = (code: TrustWarning['code'], message: string): void => {
    warnings.push({ code, file: path, message });
  };
  if (writable) warn('trust-file-writable', `anybody on this machine may write \`${path}\``);
  if (foreign) warn('trust-file-foreign', `\`${path}\` belongs to another user of this machine`);
  // What a system's configuration put there is root's, and nobody may write it.
  if (linked && !(info.uid === 0 && (info.mode & 0o222) === 0)) {
    warn('trust-file-link', `\`${path}\` is a symbolic link: whoever may write where it leads decides`);
  }
  const bytes = Buffer.alloc(LARGEST_POLICY + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length > LARGEST_POLICY) throw unreadable(path, `it is larger than ${LARGEST_POLICY} bytes`);
  }
  return { bytes: bytes.subarray(0, length), owner: info.uid, warnings };
}

function unreadable(path: string, why: string): Unreadable {
  return new Unreadable('file-unreadable', `the trust file \`${path}\` cannot be used: ${why}`, {
    passing: false,
  });
}
