import { FIRST, joinLines } from './lines.ts';

/** A text that people wrote and that may hold statements: a comment, a review's body, a file. All of it is hostile. */
export interface StatementSource {
  /** Where it is from, for messages: `comment 17`, `review.txt`. */
  readonly from: string;
  readonly text: string;
}

/** A signed text as it was cut out of a source. Nothing about it is verified yet. */
export interface SignedText {
  readonly from: string;
  /** The bytes that the signature must cover. */
  readonly text: Uint8Array;
  /** The armored signature, lines ended by LF. */
  readonly armor: Uint8Array;
  /** `cleartext` for the frame of `gpg --clearsign`, `detached` for text followed by its signature. */
  readonly form: 'detached' | 'cleartext';
}

export interface BrokenText {
  readonly from: string;
  /** Line in the source, from 1. */
  readonly line: number;
  readonly problem: 'signature-missing' | 'armor-cut' | 'text-missing' | 'too-large' | 'too-many';
}

export interface Extracted {
  readonly signed: readonly SignedText[];
  readonly broken: readonly BrokenText[];
}

const LONGEST_SOURCE = 1_048_576;
/** More than fit into the longest comment of a forge. */
const MOST_IN_ONE_SOURCE = 512;
const CLEARSIGNED = '-----BEGIN PGP SIGNED MESSAGE-----';
const PGP_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const HASH = /^Hash: [A-Za-z0-9, -]+$/;
const BEGIN = /^-----BEGIN (?:PGP SIGNATURE|SSH SIGNATURE|PGP MESSAGE)-----$/;
const FIELD = /^[a-z]+: /;
const FENCE = /^(?:`{3,}|~{3,})[A-Za-z0-9_-]*$/;
/** A page or a word processor may have put one for a plain blank. */
const ODD_BLANK = /\p{Zs}/u;
const ODD_BLANKS = /\p{Zs}/gu;

/**
 * Cuts signed statements out of a text. What a web form, a mail client, a quotation or a page does to them is undone
 * first: CR, blanks at either end of a line, `>` before it, blanks other than the plain one. Statements have no such
 * characters (`splitLines`), so undoing it cannot change a signed byte. Several statements under one signature are one
 * signed text. Linear in the length of the text: no line is looked at more than three times.
 */
export function extractStatements(source: StatementSource): Extracted {
  const signed: SignedText[] = [];
  const broken: BrokenText[] = [];
  const { from } = source;
  if (source.text.length > LONGEST_SOURCE)
    return { signed, broken: [{ from, line: 1, problem: 'too-large' }] };
  const lines = source.text.split('\n').map(undoWrapping);
  let at = 0;
  while (at < lines.length) {
    const found = cutAt(lines, at);
    if (found.kind === 'nothing') {
      at = found.next;
      continue;
    }
    if (signed.length + broken.length >= MOST_IN_ONE_SOURCE) {
      broken.push({ from, line: at + 1, problem: 'too-many' });
      break;
    }
    if (found.kind === 'broken') broken.push({ from, line: at + 1, problem: found.problem });
    else signed.push({ from, text: found.text, armor: found.armor, form: found.form });
    at = found.next;
  }
  return { signed, broken };
}

function cutAt(lines: readonly string[], at: number): Cut {
  const line = lines[at] ?? '';
  if (line === CLEARSIGNED) return cutClearsigned(lines, at);
  if (line.startsWith(FIRST)) return cutDetached(lines, at);
  if (!BEGIN.test(line)) return { kind: 'nothing', next: at + 1 };
  return { kind: 'broken', problem: 'text-missing', next: findEnd(lines, at) ?? at + 1 };
}

/** What begins at a line, and the index of the first line after it. */
type Cut =
  | {
      readonly kind: 'signed';
      readonly next: number;
      readonly text: Uint8Array;
      readonly armor: Uint8Array;
      readonly form: SignedText['form'];
    }
  | { readonly kind: 'broken'; readonly next: number; readonly problem: BrokenText['problem'] }
  | { readonly kind: 'nothing'; readonly next: number };

function undoWrapping(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && (line[start] === '>' || isBlank(line.charCodeAt(start)))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end).replace(ODD_BLANKS, ' ');
}

function isBlank(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code === 0xfeff || ODD_BLANK.test(String.fromCharCode(code));
}

function cutDetached(lines: readonly string[], start: number): Cut {
  let end = start;
  while (FIELD.test(lines[end] ?? '')) end += 1;
  let armorStart = end;
  while (armorStart < lines.length && isFiller(lines[armorStart] ?? '')) armorStart += 1;
  if (!BEGIN.test(lines[armorStart] ?? ''))
    return { kind: 'broken', next: end, problem: 'signature-missing' };
  const armorEnd = findEnd(lines, armorStart);
  if (armorEnd === null) return { kind: 'broken', next: armorStart + 1, problem: 'armor-cut' };
  return {
    kind: 'signed',
    next: armorEnd,
    text: encodeLines(lines.slice(start, end)),
    armor: encodeLines(lines.slice(armorStart, armorEnd)),
    form: 'detached',
  };
}

/**
 * RFC 9580 section 7: headers, an empty line, dash-escaped text, the signature. A line that begins with `-----` is
 * escaped within the text, so the first one ends it.
 */
function cutClearsigned(lines: readonly string[], start: number): Cut {
  let textStart = start + 1;
  while (HASH.test(lines[textStart] ?? '')) textStart += 1;
  const cut = { kind: 'broken', next: start + 1, problem: 'armor-cut' } as const;
  if (lines[textStart] !== '') return cut;
  textStart += 1;
  let armorStart = textStart;
  while (armorStart < lines.length && !lines[armorStart]?.startsWith('-----')) armorStart += 1;
  const armorEnd = lines[armorStart] === PGP_SIGNATURE ? findEnd(lines, armorStart) : null;
  if (armorEnd === null) return cut;
  // People clear-sign other things as well.
  if (!lines[textStart]?.startsWith(FIRST)) return { kind: 'nothing', next: armorEnd };
  const text = lines
    .slice(textStart, armorStart)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line));
  return {
    kind: 'signed',
    next: armorEnd,
    text: encodeLines(text),
    armor: encodeLines(lines.slice(armorStart, armorEnd)),
    form: 'cleartext',
  };
}

/** The index after the line that ends the armor which begins at `start`. */
function findEnd(lines: readonly string[], start: number): number | null {
  const wanted = lines[start]?.replace('BEGIN', 'END');
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === wanted) return at + 1;
    if (line.startsWith('-----')) return null;
  }
  return null;
}

function isFiller(line: string): boolean {
  return line === '' || FENCE.test(line);
}

function encodeLines(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(joinLines(lines));
}
