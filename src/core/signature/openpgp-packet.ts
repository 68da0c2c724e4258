import type { Cursor } from './cursor.ts';
import { cursorOver, remaining, takeBytes, takeNumber } from './cursor.ts';
import { malformed } from './refusal.ts';

export interface Packet {
  /** Packet type id, RFC 9580 section 5. */
  readonly tag: number;
  readonly body: Uint8Array;
}

/**
 * Reads a sequence of OpenPGP packets, headers of both formats (RFC 9580 section 4.2). Partial and indeterminate lengths
 * are refused: signatures and keys must not have them (section 4.2.1.4).
 *
 * @throws Refusal `signature-malformed`
 */
export function parsePackets(bytes: Uint8Array): Packet[] {
  const cursor = cursorOver(bytes);
  const packets: Packet[] = [];
  while (remaining(cursor) > 0) packets.push(takePacket(cursor));
  return packets;
}

/** @throws Refusal `signature-malformed` */
export function takePacket(cursor: Cursor): Packet {
  const head = takeNumber(cursor, 1);
  if ((head & 0x80) === 0) throw malformed('it is not an OpenPGP packet');
  if ((head & 0x40) !== 0) return { tag: head & 0x3f, body: takeBytes(cursor, takeNewLength(cursor)) };
  const width = ([1, 2, 4] as const)[head & 0x03];
  if (width === undefined) throw malformed('a packet has no definite length');
  return { tag: (head >> 2) & 0x0f, body: takeBytes(cursor, takeNumber(cursor, width)) };
}

function takeNewLength(cursor: Cursor): number {
  const first = takeNumber(cursor, 1);
  if (first >= 224 && first < 255) throw malformed('a packet has partial lengths');
  return takeLengthAfter(first, cursor);
}

/** RFC 9580 section 5.2.3.7: as a packet's length, but the octets 224 to 254 are not special. */
export function takeSubpacketLength(cursor: Cursor): number {
  return takeLengthAfter(takeNumber(cursor, 1), cursor);
}

function takeLengthAfter(first: number, cursor: Cursor): number {
  if (first < 192) return first;
  if (first < 255) return ((first - 192) << 8) + takeNumber(cursor, 1) + 192;
  return takeNumber(cursor, 4);
}
