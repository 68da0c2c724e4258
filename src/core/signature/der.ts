/**
 * An ECDSA signature as DER has it (RFC 3279 section 2.2.3): a sequence of two positive integers.
 *
 * @param r big-endian, at most 66 bytes, like `s`
 */
export function encodeDerPair(r: Uint8Array, s: Uint8Array): Uint8Array {
  const first = integerLength(r);
  const second = integerLength(s);
  const content = 2 + first + 2 + second;
  // Two integers of 67 bytes: the content's length has one byte, or two from 128 on.
  const head = content < 128 ? [0x30, content] : [0x30, 0x81, content];
  const der = new Uint8Array(head.length + content);
  der.set(head);
  writeInteger(der, head.length, r, first);
  writeInteger(der, head.length + 2 + first, s, second);
  return der;
}

/** Without leading zeros, but for the one that keeps a number positive and the one that zero is. */
function integerLength(number: Uint8Array): number {
  const zeros = countZeros(number);
  return number.length - zeros + ((number[zeros] ?? 0x80) >= 0x80 ? 1 : 0);
}

function writeInteger(der: Uint8Array, at: number, number: Uint8Array, length: number): void {
  const digits = number.subarray(countZeros(number));
  der[at] = 0x02;
  der[at + 1] = length;
  der.set(digits, at + 2 + length - digits.length);
}

function countZeros(number: Uint8Array): number {
  let zeros = 0;
  while (number[zeros] === 0) zeros += 1;
  return zeros;
}
