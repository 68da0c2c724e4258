import { Unreadable } from '../gather/ports.ts';

/** A JSON value and where it stands in the text, in UTF-16 units. Names of members are keys of a map, never of an object. */
export type Json = Place &
  (
    | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Json> }
    | { readonly kind: 'array'; readonly items: readonly Json[] }
    | { readonly kind: 'string'; readonly value: string }
    /** As written: what is not used is never rounded. */
    | { readonly kind: 'number'; readonly value: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
  );

export type JsonObject = Extract<Json, { kind: 'object' }>;

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Cursor {
  readonly text: string;
  at: number;
  values: number;
}

const MAX_DEPTH = 16;
const MAX_VALUES = 200_000;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?(?![0-9.eE+-])/y;
const WORD = /true|false|null/y;

/**
 * Reads JSON (RFC 8259) as two programs can't read it differently: a name twice in one object is refused, so are broken
 * surrogates, more than 16 levels and more than 200,000 values. Throws `Unreadable('file-unreadable')` that names the line.
 */
export function parseJson(text: string): Json {
  const cursor: Cursor = { text, at: 0, values: 0 };
  skipSpace(cursor);
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at !== text.length) throw problem(cursor, 'something follows its end');
  return value;
}

function readValue(cursor: Cursor, depth: number): Json {
  cursor.values += 1;
  if (cursor.values > MAX_VALUES) throw problem(cursor, `more than ${MAX_VALUES} values`);
  if (depth > MAX_DEPTH) throw problem(cursor, `more than ${MAX_DEPTH} levels`);
  const start = cursor.at;
  const first = cursor.text[start];
  if (first === '{') return readObject(cursor, depth);
  if (first === '[') return readArray(cursor, depth);
  if (first === '"') {
    const value = readString(cursor);
    return { kind: 'string', value, start, end: cursor.at };
  }
  const word = take(cursor, WORD);
  if (word === 'null') return { kind: 'null', start, end: cursor.at };
  if (word !== null) return { kind: 'boolean', value: word === 'true', start, end: cursor.at };
  const number = take(cursor, NUMBER);
  if (number === null) throw problem(cursor, 'no JSON value');
  return { kind: 'number', value: number, start, end: cursor.at };
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  const start = cursor.at;
  const members = new Map<string, Json>();
  readList(cursor, '}', () => {
    if (cursor.text[cursor.at] !== '"') throw problem(cursor, 'a name is missing');
    const name = readString(cursor);
    if (members.has(name)) throw problem(cursor, `\`${name}\` is there twice`);
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== ':') throw problem(cursor, 'a colon is missing');
    cursor.at += 1;
    skipSpace(cursor);
    members.set(name, readValue(cursor, depth + 1));
  });
  return { kind: 'object', members, start, end: cursor.at };
}

function readArray(cursor: Cursor, depth: number): Json {
  const start = cursor.at;
  const items: Json[] = [];
  readList(cursor, ']', () => {
    items.push(readValue(cursor, depth + 1));
  });
  return { kind: 'array', items, start, end: cursor.at };
}

/** Members between brackets with commas between them; the opening bracket is the cursor's. */
function readList(cursor: Cursor, close: string, readMember: () => void): void {
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== close) {
    for (;;) {
      readMember();
      skipSpace(cursor);
      if (cursor.text[cursor.at] !== ',') break;
      cursor.at += 1;
      skipSpace(cursor);
    }
  }
  if (cursor.text[cursor.at] !== close) throw problem(cursor, `a comma or \`${close}\` is missing`);
  cursor.at += 1;
}

function readString(cursor: Cursor): string {
  let end = cursor.at + 1;
  while (end < cursor.text.length && cursor.text[end] !== '"') end += cursor.text[end] === '\\' ? 2 : 1;
  if (end >= cursor.text.length) throw problem(cursor, 'a string without an end');
  const quoted = cursor.text.slice(cursor.at, end + 1);
  cursor.at = end + 1;
  try {
    const value: unknown = JSON.parse(quoted);
    if (typeof value === 'string' && value.isWellFormed()) return value;
  } catch {
    // Said below, as for broken surrogates.
  }
  throw problem(cursor, 'a malformed string');
}

function skipSpace(cursor: Cursor): void {
  take(cursor, SPACE);
}

function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const [found] = pattern.exec(cursor.text) ?? [];
  if (found === undefined) return null;
  cursor.at += found.length;
  return found;
}

function problem(cursor: Cursor, what: string): Unreadable {
  let line = 1;
  for (
    let at = cursor.text.indexOf('\n');
    at >= 0 && at < cursor.at;
    at = cursor.text.indexOf('\n', at + 1)
  ) {
    line += 1;
  }
  return new Unreadable('file-unreadable', `the lock file cannot be read: line ${line}: ${what}`, {
    passing: false,
  });
}
