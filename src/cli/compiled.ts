import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

/**
 * Lets Node keep what it compiles the program to, so that the next start need not compile it again
 * (nodejs.org/api/module.html, "Module compile cache").
 *
 * Compiled code is code. It is kept inside the program's own folder, where whoever could change it could change the
 * program as well, in a folder that nobody but its owner may enter, and only for that owner: anybody else starts without.
 *
 * @param folder made where it is missing; the one above it must be there
 */
export function keepCompiled(folder: string): boolean {
  const me = process.geteuid?.();
  if (me === undefined) return false;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there, or may not be made: what is there tells.
  }
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== me || (found.mode & 0o077) !== 0) return false;
  return enableCompileCache({ directory: folder, portable: true }).directory !== undefined;
}
