/** One header of a commit or a tag, with its continuation lines. */
export interface Header {
  readonly key: string;
  /** Where `key` begins in the object, where its value does, and where the next header does. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  readonly continued: boolean;
}

export interface SplitObject {
  readonly headers: readonly Header[];
  /** All headers, a character a byte: offsets in it are those in the object. */
  readonly text: string;
  /** Everything after the blank line; `null` where the object ends with its headers. */
  readonly message: Uint8Array | null;
}

const KEY = /^[!-~]{1,64}$/;
const LF = 0x0a;

/**
 * Splits a commit or a tag into headers and message: lines `key SP value`, each continued by lines that start with a
 * space, up to a blank line (git's commit.c, `read_commit_extra_header_lines`). A sentence in lower case where it is
 * written otherwise.
 */
export function splitHeaders(raw: Uint8Array): SplitObject | string {
  const bytes = bufferOver(raw);
  const blank = bytes[0] === LF ? 0 : bytes.indexOf('\n\n') + 1;
  const cut = blank === 0 && bytes[0] !== LF;
  if (cut && bytes.at(-1) !== LF) return 'its headers do not end in a blank line';
  const text = bytes.toString('latin1', 0, cut ? bytes.length : blank);
  const headers: Header[] = [];
  let start = 0;
  while (start < text.length) {
    let lineEnd = text.indexOf('\n', start);
    const space = text.indexOf(' ', start);
    const key = space < 0 || space > lineEnd || space - start > 64 ? '' : text.slice(start, space);
    if (!KEY.test(key)) return 'a header is not of the form `key value`';
    const firstEnd = lineEnd;
    while (text.startsWith(' ', lineEnd + 1)) lineEnd = text.indexOf('\n', lineEnd + 1);
    const end = lineEnd + 1;
    headers.push({ key, start, valueStart: space + 1, end, continued: lineEnd > firstEnd });
    start = end;
  }
  return { headers, text, message: cut ? null : raw.subarray(blank + 1) };
}

/** All characters after `key SP` up to, and without, the last LF; continuation lines keep their leading space. */
export function valueOf({ text }: SplitObject, { valueStart, end }: Header): string {
  return text.slice(valueStart, end - 1);
}

/** A header's lines as they were before git indented all but the first, each with its LF. */
export function withoutContinuations({ text }: SplitObject, { valueStart, end }: Header): Uint8Array {
  const lines = Buffer.from(text.slice(valueStart, end).replaceAll('\n ', '\n'), 'latin1');
  return new Uint8Array(lines.buffer, lines.byteOffset, lines.length);
}

/** The object's first `end` bytes without these headers. */
export function withoutHeaders(raw: Uint8Array, gaps: readonly Header[], end = raw.length): Uint8Array {
  if (gaps.length === 0) return end === raw.length ? raw : raw.subarray(0, end);
  const bytes = new Uint8Array(gaps.reduce((left, gap) => left - (gap.end - gap.start), end));
  let at = 0;
  let from = 0;
  for (const gap of gaps) {
    bytes.set(raw.subarray(from, gap.start), at);
    at += gap.start - from;
    from = gap.end;
  }
  bytes.set(raw.subarray(from, end), at);
  return bytes;
}

const DECODER = new TextDecoder();

/** First line of a message, for display only: lossy UTF-8, at most 200 characters. */
export function subjectOf(message: Uint8Array): string {
  const end = message.indexOf(LF);
  // 800 bytes hold 200 characters of at most 4 bytes.
  const text = DECODER.decode(message.subarray(0, Math.min(end < 0 ? message.length : end, 800)));
  return text.length <= 200 ? text : Array.from(text).slice(0, 200).join('');
}

/** The same bytes, for Buffer's own ways of reading them. */
export function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
