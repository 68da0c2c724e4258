import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { matches } from '../core/policy/pattern.ts';
import type { Pattern } from '../core/policy/pattern.ts';

/** git passes over longer lines of an attributes file (attr.c, `ATTR_MAX_LINE_LENGTH`: 2048). */
const LONGEST_LINE = 2000;
const MOST_PATHS = 1000;

/**
 * The attributes file that makes git keep both sides' lines in exactly these paths; `null` where one of them is not
 * allowed by a pattern, or could not be named in such a file: then their conflict stays one.
 */
export function unionAttributes(conflicts: readonly Uint8Array[], union: readonly Pattern[]): string | null {
  const paths = new Map(conflicts.map((path) => [Buffer.from(path).toString('latin1'), path]));
  if (paths.size === 0 || paths.size > MOST_PATHS) return null;
  let file = '';
  for (const path of paths.values()) {
    if (!union.some((pattern) => matches(pattern, path))) return null;
    const line = `${literalPattern(path)} merge=union\n`;
    if (line.length > LONGEST_LINE) return null;
    file += line;
  }
  return file;
}

/**
 * A pattern for this path and no other (gitattributes(5), gitignore(5)): from the root, with wildcards escaped, then
 * quoted in C style, so that blanks, quotes and bytes of any value stand for themselves.
 */
export function literalPattern(path: Uint8Array): string {
  let quoted = '"/';
  for (const byte of path) {
    const character = String.fromCharCode(byte);
    if ('*?[\\'.includes(character)) quoted += '\\\\';
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (byte < 0x20 || byte > 0x7e) quoted += `\\${byte.toString(8).padStart(3, '0')}`;
    else quoted += character;
  }
  return `${quoted}"`;
}

/** Runs `act` with these attributes in a file of the workspace. They are read for this one run of git alone. */
export async function withAttributes<T>(
  gitDir: string,
  attributes: string,
  act: (file: string) => Promise<T>,
): Promise<T> {
  const file = join(gitDir, `attributes-${randomUUID()}`);
  await writeFile(file, attributes, { mode: 0o600 });
  try {
    return await act(file);
  } finally {
    await rm(file, { force: true });
  }
}
