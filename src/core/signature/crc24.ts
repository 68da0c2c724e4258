/** RFC 9580 section 6.1.1: generator 0x864CFB, initial value 0xB704CE. */
export function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = ((crc << 8) ^ (REMAINDERS[(crc >> 16) ^ (bytes[at] ?? 0)] ?? 0)) & 0xffffff;
  }
  return crc;
}

/** Of each byte, 16 bits up, by the generator. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 16;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest << 1) ^ ((rest & 0x800000) === 0 ? 0 : 0x1864cfb);
  return rest;
});
