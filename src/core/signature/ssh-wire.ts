import type { Cursor } from './cursor.ts';
import { takeBytes, takeNumber } from './cursor.ts';
import { malformed } from './refusal.ts';

/** RFC 4251 section 5 `string`: a length of four bytes, then so many bytes. */
export function takeString(cursor: Cursor): Uint8Array {
  return takeBytes(cursor, takeNumber(cursor, 4));
}

/** A `string` of ASCII, as names of types and namespaces are. */
export function takeName(cursor: Cursor): string {
  const bytes = takeString(cursor);
  if (bytes.length > 255 || bytes.some((byte) => byte < 0x21 || byte > 0x7e))
    throw malformed('a name is not ASCII');
  return Buffer.from(bytes).toString('latin1');
}

/** RFC 4251 section 5 `mpint`, positive and in its one canonical form, without the zero that keeps it positive. */
export function takePositive(cursor: Cursor): Uint8Array {
  const bytes = takeString(cursor);
  const first = bytes[0];
  const second = bytes[1];
  if (first === undefined || first >= 0x80) throw malformed('a number is not positive');
  if (first !== 0) return bytes;
  if (second === undefined || second < 0x80) throw malformed('a number has leading zeros');
  return bytes.subarray(1);
}

export function encodeString(bytes: Uint8Array | string): Uint8Array {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
