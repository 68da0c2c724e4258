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
const BEGIN = /^-----BEGIN (?:PGP SIGNATURE|SSH SIGNATURE|PGP MESSAGE)-----$/;
const FIELD = /^[a-z]+: /;
const FENCE = /^(?:`{3,}|~{3,})[A-Za-z0-9_-]*$/;

/**
 * Cuts signed statements out of a text. What a web form, a mail client or a quotation adds is undone first: CR, blanks
 * at either end of a line, `>` before it. Statements have no such characters, so undoing it cannot change a signed byte.
 * Linear in the length of the text.
 */
export function extractStatements(source: StatementSource): Extracted {
  const signed: SignedText[] = [];
  const broken: BrokenText[] = [];
  if (source.text.length > LONGEST_SOURCE) {
    return { signed, broken: [{ from: source.from, line: 1, problem: 'too-large' }] };
  }
  const lines = source.text.split(/\r?\n/).map(undoQuoting);
  const places = placesIn(lines);
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const found =
      line === CLEARSIGNED
        ? cutClearsigned(lines, at, places)
        : line.startsWith('countersign: ')
          ? cutDetached(lines, at)
          : BEGIN.test(line)
            ? skipArmor(lines, at)
            : null;
    if (found === null) {
      at += 1;
      continue;
    }
    if (signed.length + broken.length >= MOST_IN_ONE_SOURCE) {
      broken.push({ from: source.from, line: at + 1, problem: 'too-many' });
      break;
    }
    if ('problem' in found) broken.push({ from: source.from, line: at + 1, problem: found.problem });
    else signed.push({ from: source.from, text: found.text, armor: found.armor, form: found.form });
    at = found.next;
  }
  return { signed, broken };
}

/** Where armors begin and end, found once: many frames may open before one armor. */
interface Places {
  /** The index of the first line from here on that begins an armor; the number of lines where there is none. */
  readonly armorFrom: (at: number) => number;
  readonly endOf: (armorStart: number) => number | null;
}

function placesIn(lines: readonly string[]): Places {
  const begins = lines.flatMap((line, index) => (BEGIN.test(line) ? [index] : []));
  const ends = new Map<number, number | null>();
  let next = 0;
  return {
    // Asked from the top to the bottom.
    armorFrom(at) {
      while (next < begins.length && (begins[next] ?? 0) < at) next += 1;
      return begins[next] ?? lines.length;
    },
    endOf(armorStart) {
      const known = ends.get(armorStart);
      if (known !== undefined) return known;
      const end = findEnd(lines, armorStart);
      ends.set(armorStart, end);
      return end;
    },
  };
}

type Cut =
  | {
      readonly next: number;
      readonly text: Uint8Array;
      readonly armor: Uint8Array;
      readonly form: SignedText['form'];
    }
  | { readonly next: number; readonly problem: BrokenText['problem'] };

function undoQuoting(line: string): string {
  let start = 0;
  while (start < line.length && /[>\s]/.test(line.charAt(start))) start += 1;
  return line.slice(start).trimEnd();
}

function cutDetached(lines: readonly string[], start: number): Cut {
  let end = start;
  while (FIELD.test(lines[end] ?? '')) end += 1;
  let armorStart = end;
  while (armorStart < lines.length && isFiller(lines[armorStart] ?? '')) armorStart += 1;
  if (!BEGIN.test(lines[armorStart] ?? '')) return { next: end, problem: 'signature-missing' };
  const armorEnd = findEnd(lines, armorStart);
  if (armorEnd === null) return { next: armorStart + 1, problem: 'armor-cut' };
  return {
    next: armorEnd,
    text: encodeLines(lines.slice(start, end)),
    armor: encodeLines(lines.slice(armorStart, armorEnd)),
    form: 'detached',
  };
}

/** RFC 9580 section 7: headers, an empty line, dash-escaped text, the signature. */
function cutClearsigned(lines: readonly string[], start: number, { armorFrom, endOf }: Places): Cut {
  let textStart = start + 1;
  while (textStart < lines.length && lines[textStart] !== '') {
    if (!/^Hash: [A-Za-z0-9, -]+$/.test(lines[textStart] ?? ''))
      return { next: start + 1, problem: 'armor-cut' };
    textStart += 1;
  }
  textStart += 1;
  const armorStart = armorFrom(textStart);
  const armorEnd = endOf(armorStart);
  if (armorEnd === null) return { next: start + 1, problem: 'armor-cut' };
  const text = lines
    .slice(textStart, armorStart)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line));
  return {
    next: armorEnd,
    text: encodeLines(text),
    armor: encodeLines(lines.slice(armorStart, armorEnd)),
    form: 'cleartext',
  };
}

function skipArmor(lines: readonly string[], start: number): Cut {
  return { next: findEnd(lines, start) ?? start + 1, problem: 'text-missing' };
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
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}
