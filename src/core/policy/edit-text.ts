import { isCollection, isPair, isScalar, type YAMLMap, type YAMLSeq } from 'yaml';

/** Replaces the characters from `start` to `end` (excluded). */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where an item of a list, or a pair of a mapping, begins and ends: without what follows it on its last line. */
export interface Entry {
  /** In a block list the `-` of the item. */
  readonly start: number;
  readonly end: number;
}

/** Splices do not overlap; of two at one place the first comes first. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { start, end, text: inserted } of splices.toReversed().toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + inserted + result.slice(end);
  }
  return result;
}

/** The entries of a collection in their order; `null` where the places are not to be had. */
export function entriesOf(collection: YAMLSeq | YAMLMap, text: string): Entry[] | null {
  const entries: Entry[] = [];
  for (const item of collection.items) {
    const start = startOf(item);
    const end = endOf(item);
    if (start === null || end === null) return null;
    entries.push({ start, end });
  }
  if (collection.flow === true || isPair(collection.items[0])) return entries;
  // All dashes of a block list stand in one column (YAML 1.2 section 8.2.1), the first where the list begins.
  const first = collection.range?.[0];
  if (first === undefined) return null;
  const column = first - lineStart(text, first);
  return entries.map(({ start, end }, index) => {
    const from = index === 0 ? first : dashBefore(text, start, column, entries[index - 1]?.end ?? first);
    return { start: from ?? start, end };
  });
}

function dashBefore(text: string, start: number, column: number, floor: number): number | null {
  for (let line = lineStart(text, start); line > floor; line = lineStart(text, line - 1)) {
    if (text.charAt(line + column) === '-' && /^ *$/.test(text.slice(line, line + column)))
      return line + column;
  }
  return null;
}

function startOf(node: unknown): number | null {
  if (isPair(node)) return startOf(node.key);
  if (!isCollection(node) && !isScalar(node)) return null;
  return node.range?.[0] ?? null;
}

/** Where what a node says ends. The library's own end of a block collection takes in blank lines and comments below it. */
function endOf(node: unknown): number | null {
  if (isPair(node)) return endOf(node.value) ?? endOf(node.key);
  if (isScalar(node)) return node.range?.[1] ?? null;
  if (!isCollection(node)) return null;
  if (node.flow === true || node.items.length === 0) return node.range?.[1] ?? null;
  return endOf(node.items.at(-1));
}

/** Puts whole lines after the line in which something ends. */
export function insertAfterLine(text: string, end: number, lines: readonly string[]): Splice[] {
  const eol = lineEndOf(text);
  // A block scalar ends behind its own line end.
  const at = text.charAt(end - 1) === '\n' ? end : text.indexOf('\n', end) + 1;
  if (at === 0)
    return [{ start: text.length, end: text.length, text: lines.map((line) => eol + line).join('') }];
  return [{ start: at, end: at, text: lines.map((line) => line + eol).join('') }];
}

/** Takes away the lines of an entry that has them for itself; `null` where it does not. */
export function removeLines(text: string, entry: Entry | undefined): Splice[] | null {
  if (entry === undefined) return null;
  const start = lineStart(text, entry.start);
  if (!/^ *$/.test(text.slice(start, entry.start))) return null;
  const lineEnd = text.charAt(entry.end - 1) === '\n' ? entry.end - 1 : text.indexOf('\n', entry.end);
  if (lineEnd !== -1) return [{ start, end: lineEnd + 1, text: '' }];
  const before = text.charAt(start - 2) === '\r' ? start - 2 : start - 1;
  return before < 0 ? null : [{ start: before, end: text.length, text: '' }];
}

/** Puts an entry after the last one of `[…]` or `{…}`: beside it, or on a line of its own where that one has such. */
export function insertInFlow(text: string, entries: readonly Entry[], added: string): Splice[] | null {
  const last = entries.at(-1);
  if (last === undefined) return null;
  const line = ownLine(text, last);
  if (line === null) return [{ start: last.end, end: last.end, text: `, ${added}` }];
  const indent = text.slice(line.start, last.start);
  const own = `${lineEndOf(text)}${indent}${added}`;
  return line.comma === null
    ? [
        { start: last.end, end: last.end, text: ',' },
        { start: line.end, end: line.end, text: own },
      ].filter(({ text: piece }) => piece !== '')
    : [{ start: line.end, end: line.end, text: `${own},` }];
}

export function removeInFlow(text: string, entries: readonly Entry[], index: number): Splice[] | null {
  const entry = entries[index];
  if (entry === undefined) return null;
  const before = entries[index - 1];
  const isLast = index === entries.length - 1;
  const line = ownLine(text, entry);
  if (line !== null) {
    const whole = {
      start: line.start - (text.charAt(line.start - 2) === '\r' ? 2 : 1),
      end: line.end,
      text: '',
    };
    if (line.comma !== null || before === undefined) return [whole];
    const comma = commaAfter(text, before.end);
    return comma === null ? null : [{ start: comma, end: comma + 1, text: '' }, whole];
  }
  if (!isLast) {
    const comma = commaAfter(text, entry.end);
    if (comma === null) return null;
    const next = entries[index + 1]?.start ?? comma + 1;
    const between = text.slice(comma + 1, next);
    return [
      { start: entry.start, end: entry.end, text: '' },
      { start: comma, end: /^ *$/.test(between) ? next : comma + 1, text: '' },
    ];
  }
  if (before === undefined) return null;
  const comma = commaAfter(text, before.end);
  if (comma === null) return null;
  const plain = /^\s*$/.test(text.slice(comma + 1, entry.start));
  return plain
    ? [{ start: comma, end: entry.end, text: '' }]
    : [
        { start: comma, end: comma + 1, text: '' },
        { start: entry.start, end: entry.end, text: '' },
      ];
}

interface OwnLine {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** Where the comma stands that follows the entry on its line. */
  readonly comma: number | null;
}

/** The lines of an entry that shares them with nothing but a comma and a comment behind it. */
function ownLine(text: string, { start, end }: Entry): OwnLine | null {
  const from = lineStart(text, start);
  if (from === 0 || !/^ *$/.test(text.slice(from, start))) return null;
  const newline = text.indexOf('\n', end);
  if (newline === -1) return null;
  const to = text.charAt(newline - 1) === '\r' ? newline - 1 : newline;
  let at = afterBlanks(text, end, to);
  const comma = text.charAt(at) === ',' ? at : null;
  if (comma !== null) at = afterBlanks(text, comma + 1, to);
  return at === to || text.charAt(at) === '#' ? { start: from, end: to, comma } : null;
}

function afterBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charAt(at) === ' ') at += 1;
  return at;
}

/** The comma that follows an entry, blanks, line ends and comments between. */
function commaAfter(text: string, end: number): number | null {
  for (let at = end; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === ',') return at;
    if (character === '#') {
      const newline = text.indexOf('\n', at);
      if (newline === -1) return null;
      at = newline;
    } else if (!/\s/.test(character)) return null;
  }
  return null;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEndOf(text: string): string {
  const newline = text.indexOf('\n');
  return newline > 0 && text.charAt(newline - 1) === '\r' ? '\r\n' : '\n';
}
