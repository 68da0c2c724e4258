import { FIRST, joinLines, refuseLine, splitLines, type RefusedLine } from './lines.ts';

/** How one field of a statement stands in its lines. `key` is what stands before the colon. */
export interface Field<T> {
  /** Reads it from the line at `at` on; `at` counts from 0. */
  readonly take: (lines: readonly string[], at: number, key: string) => Taken<T> | RefusedLine;
  readonly put: (value: T, key: string) => readonly string[];
}

export interface Taken<T> {
  readonly ok: true;
  readonly value: T;
  /** The index after the last line of the field. */
  readonly next: number;
}

/** The fields of one type of statement, in the order in which they stand in the text. */
export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

export type ParsedForm<T> = { readonly ok: true; readonly value: T } | RefusedLine;

export interface Reader<T> {
  /** The whole first line. */
  readonly heading: string;
  /** Reads the lines of one statement, all of them. `first`: the number of its first line, from 1. */
  readonly parse: (lines: readonly string[], first: number) => ParsedForm<T>;
}

/** One type of statement: the first line that names it, and how what it says is written and read. */
export interface Form<T> extends Reader<T> {
  /** Throws `RangeError` for values that have no encoding. */
  readonly encode: (value: T) => string;
}

/**
 * A type of statement from its table of fields. There is one encoding: what `encode` does not write, `parse` refuses.
 *
 * @param check what no field can see alone: a field that does not go with the others, and why
 */
export function form<T extends object>(
  type: string,
  fields: Fields<T>,
  check: (value: T) => { readonly key: keyof T; readonly problem: string } | null = () => null,
): Form<T> {
  const heading = `${FIRST}${type}`;

  function parse(lines: readonly string[], first: number): ParsedForm<T> {
    const values: Partial<T> = {};
    const starts = new Map<keyof T, number>();
    let at = 1;
    for (const key in fields) {
      const taken = fields[key].take(lines, at, key);
      if (!taken.ok) return refuseLine(first + taken.line, taken.problem);
      values[key] = taken.value;
      starts.set(key, at);
      at = taken.next;
    }
    if (at < lines.length) return refuseLine(first + at, 'expected the end');
    if (!isWhole(values)) throw new Error('a field was not read');
    const odd = check(values);
    return odd === null
      ? { ok: true, value: values }
      : refuseLine(first + (starts.get(odd.key) ?? 0), odd.problem);
  }

  function isWhole(values: Partial<T>): values is T {
    return Object.keys(fields).every((key) => key in values);
  }

  function encode(value: T): string {
    const lines = [heading];
    for (const key in fields) lines.push(...fields[key].put(value[key], key));
    if (lines.some((line) => line.includes('\n') || !line.isWellFormed())) {
      throw new RangeError('a line break or half a character in a field');
    }
    const text = joinLines(lines);
    const split = splitLines(new TextEncoder().encode(text));
    const parsed = split.ok ? parse(split.lines, 1) : split;
    if (!parsed.ok) throw new RangeError(`line ${parsed.line}: ${parsed.problem}`);
    return text;
  }

  return { heading, parse, encode };
}

/** Reads exactly one statement, of one of these forms, from exactly the signed bytes. */
export function parseForms<T>(forms: readonly Reader<T>[], bytes: Uint8Array): ParsedForm<T> {
  const split = splitLines(bytes);
  return split.ok ? parseLines(forms, split.lines, 1) : split;
}

/** Reads the lines of one statement of one of these forms. `first`: the number of its first line, from 1. */
export function parseLines<T>(
  forms: readonly Reader<T>[],
  lines: readonly string[],
  first: number,
): ParsedForm<T> {
  const heading = lines[0] ?? '';
  const found = forms.find((one) => one.heading === heading);
  return found === undefined ? refuseLine(first, 'unknown type of statement') : found.parse(lines, first);
}
