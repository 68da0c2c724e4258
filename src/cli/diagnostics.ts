import type { Diagnostic } from '../core/policy/policy.ts';
import { clean, cleanSentence } from '../core/report/clean.ts';
import type { Io } from './io.ts';

/** A diagnostic and the file that it is about. */
export interface Located extends Diagnostic {
  readonly file: string;
}

/** Each with file, line, column, the line itself and a caret under what is wrong; then how many there are. */
export function showDiagnostics(
  found: readonly Located[],
  file: string,
  text: string,
  paint: Io['paint'],
): string {
  const lines = text.split('\n');
  const shown = found.map((one) => show(one, one.file === file ? lines : [], paint));
  return `${shown.join('')}${summary(file, found, paint)}`;
}

/** By file, then by line and column. */
export function inOrder(found: readonly Located[]): Located[] {
  return found.toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export function located(
  file: string,
  severity: Diagnostic['severity'],
  code: string,
  message: string,
  remedy: string | null = null,
): Located {
  return { file, severity, code, message, remedy, line: 1, column: 1, length: 1 };
}

function summary(file: string, found: readonly Located[], paint: Io['paint']): string {
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const warnings = found.length - errors;
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const text = `${clean(file)}: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  return `${paint(errors > 0 ? 'fail' : 'pass', text)}\n`;
}

function show(
  { file, line, column, length, severity, message, remedy, code }: Located,
  lines: readonly string[],
  paint: Io['paint'],
): string {
  const kind = paint(severity === 'error' ? 'fail' : 'pending', severity);
  const head = `${clean(file)}:${line}:${column}: ${kind}: ${cleanSentence(message)} [${code}]\n`;
  const source = lines[line - 1]?.replace(/\r$/, '');
  const excerpt = source === undefined ? '' : caret(source, column, length);
  return `${head}${excerpt}${remedy === null ? '' : `  → ${cleanSentence(remedy)}\n`}`;
}

const WINDOW = 200;

/**
 * The line with a caret under the wrong part; of a long line the part around it. Tabs stay tabs in the padding, so that the
 * caret stands right anywhere.
 */
function caret(source: string, column: number, length: number): string {
  const start = column <= WINDOW ? 0 : column - WINDOW / 2;
  const part = source.slice(start, start + WINDOW);
  const before = part.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const safe = part.replaceAll(/[^\t]+/g, (text) => clean(text).slice(0, text.length));
  const room = Math.max(1, part.length - before.length);
  return `  ${safe}\n  ${before}${'^'.repeat(Math.min(length, room))}\n`;
}
