export const NO_SUCH_FILE = 'there is no such file';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: NO_SUCH_FILE,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** What the operating system said of a file, to stand after a colon; the error's code where there are no words for it. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return WORDS[code] ?? code;
}
