import { malformed } from './refusal.ts';

/** A reading position in hostile bytes. Every read is bounded by what is there and throws `Refusal` beyond it. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

export function cursorOver(bytes: Uint8Array): Cursor {
  return { bytes, at: 0 };
}

export function remaining(cursor: Cursor): number {
  return cursor.bytes.length - cursor.at;
}

/** The next `count` bytes, not copied. */
export function takeBytes(cursor: Cursor, count: number): Uint8Array {
  if (count > remaining(cursor)) throw malformed('it is cut off');
  const start = cursor.at;
  cursor.at += count;
  return cursor.bytes.subarray(start, cursor.at);
}

/** A big-endian number of 1, 2 or 4 bytes. */
export function takeNumber(cursor: Cursor, width: 1 | 2 | 4): number {
  if (width > remaining(cursor)) throw malformed('it is cut off');
  const end = cursor.at + width;
  let number = 0;
  for (; cursor.at < end; cursor.at += 1) number = number * 256 + (cursor.bytes[cursor.at] ?? 0);
  return number;
}

export function takeRest(cursor: Cursor): Uint8Array {
  return takeBytes(cursor, remaining(cursor));
}
