/** Every statement begins so: no commit, no tag and no line within a statement does. */
export const FIRST = 'countersign: ';

/** In bytes, of everything under one signature. */
const LONGEST_TEXT = 245_760;

export type RefusedLine = { readonly ok: false; readonly line: number; readonly problem: string };

/**
 * The lines of exactly the signed bytes: UTF-8, each line ended by one LF, no blank but the plain one within and none at
 * the end of a line. What a web form does to blanks can therefore be undone without loss. Lines count from 1.
 */
export function splitLines(
  bytes: Uint8Array,
): { readonly ok: true; readonly lines: readonly string[] } | RefusedLine {
  if (bytes.length > LONGEST_TEXT) return refuseLine(1, `longer than ${LONGEST_TEXT} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuseLine(1, 'not UTF-8');
  }
  // The type says first whether this is a statement at all.
  if (!text.startsWith(FIRST)) return refuseLine(1, 'no statement of countersign');
  const lines = text.split('\n');
  if (lines.pop() !== '') return refuseLine(lines.length + 1, 'the last line has no line end');
  const odd = lines.findIndex((line) => line.endsWith(' ') || ODD_BLANK.test(line));
  return odd < 0 ? { ok: true, lines } : refuseLine(odd + 1, ODD);
}

const ODD = 'a blank at the end, or one that is not the plain blank';
const ODD_BLANK = /[\t\r\v\f]|(?! )\p{Zs}/u;

export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

export function refuseLine(line: number, problem: string): RefusedLine {
  return { ok: false, line, problem };
}
