import type { Cursor } from './cursor.ts';
import { takeBytes, takeNumber } from './cursor.ts';
import { bitLength } from './public-key.ts';
import { malformed } from './refusal.ts';

/** RFC 9580 section 3.2: length in bits, then the number, big-endian, without leading zeros. */
export function takeMpi(cursor: Cursor): Uint8Array {
  const { bits, bytes } = takeStated(cursor);
  if (bitLength(bytes) !== bits) throw malformed('a number does not have the length that it states');
  return bytes;
}

/**
 * As `takeMpi`, but the length may also be stated in whole bytes, with leading zeros: so the OpenPGP package of Go writes
 * RSA signatures, and with it GitHub's web-flow, whenever the number happens to be short.
 */
export function takeRsaSignature(cursor: Cursor): Uint8Array {
  const { bits, bytes } = takeStated(cursor);
  if (bits === bytes.length * 8) return bytes;
  if (bitLength(bytes) !== bits) throw malformed('a number does not have the length that it states');
  return bytes;
}

function takeStated(cursor: Cursor): { bits: number; bytes: Uint8Array } {
  const bits = takeNumber(cursor, 2);
  return { bits, bytes: takeBytes(cursor, Math.ceil(bits / 8)) };
}
