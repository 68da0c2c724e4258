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
  if (bytes.length > 255) throw malformed('a name is too long');
  for (const byte of bytes) {
    if (byte < 0x21 || byte > 0x7e) throw malformed('a name is not ASCII');
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
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
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const encoded = Buffer.alloc(4 + content.length);
  encoded.writeUInt32BE(content.length);
  encoded.set(content, 4);
  return encoded;
}
