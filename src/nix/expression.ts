import { clean } from '../core/report/clean.ts';

/**
 * A string of the Nix language (nix manual, "String literal"): quotation marks, backslashes and `${` lose their meaning,
 * line breaks are spelled out. Throws `RangeError` for a NUL, which no such string can hold.
 */
export function nixString(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) throw new RangeError('no string of the Nix language');
  const escaped = text.replace(/["\\]|\$\{|[\n\r\t]/g, (found) => ESCAPES[found] ?? found);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '${': '\\${',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** One line of comment: nothing in it can end it. */
export function nixComment(text: string): string {
  return `# ${clean(text)}`;
}
