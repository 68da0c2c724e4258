import { malformed, Refusal } from './refusal.ts';

export type ArmorLabel = 'PGP SIGNATURE' | 'SSH SIGNATURE' | 'PGP PUBLIC KEY BLOCK';

/** No real signature comes near it: RSA-4096 has 1 KiB, with a full hashed area 90 KiB. */
export const MAX_SIGNATURE_ARMOR_BYTES = 128 << 10;

const CHECKSUM = /^=[A-Za-z0-9+/]{4}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const HEADER = /^[!-9;-~]{1,64}:(?: |$)/;

/**
 * The bytes in the one armored signature that `armor` is, with nothing but white space around it.
 *
 * @throws Refusal `signature-malformed`, or `several-signatures` for more than one block
 */
export function parseSignatureArmor(armor: Uint8Array, label: ArmorLabel): Uint8Array {
  if (armor.length > MAX_SIGNATURE_ARMOR_BYTES) throw malformed('the armor is too large');
  const [first, ...more] = parseArmorBlocks(armor, label);
  if (first === undefined) throw malformed('there is no armor');
  if (more.length > 0) throw new Refusal('several-signatures', 'there are several armored blocks');
  return first;
}

/**
 * The bytes in each of the armored blocks that `armor` is a sequence of (RFC 9580 section 6.2; PROTOCOL.sshsig for SSH,
 * which has neither armor headers nor a checksum). Trailing blanks and CR are allowed on each line. A CRC-24 is optional
 * (RFC 9580 section 6.1), but must be right where there is one.
 *
 * @throws Refusal `signature-malformed`
 */
export function parseArmorBlocks(armor: Uint8Array, label: ArmorLabel): Uint8Array[] {
  const lines = Buffer.from(armor.buffer, armor.byteOffset, armor.byteLength)
    .toString('latin1')
    .split('\n')
    .map(trimBlanks);
  const blocks: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (lines[at] === '') at += 1;
    if (at >= lines.length) return blocks;
    if (lines[at] !== `-----BEGIN ${label}-----`) throw malformed('there is text around the armor');
    at += 1;
    if (label !== 'SSH SIGNATURE') at = skipHeaders(lines, at);
    const end = lines.indexOf(`-----END ${label}-----`, at);
    if (end < 0) throw malformed('the armor has no end');
    blocks.push(parseBody(lines.slice(at, end), label));
    at = end + 1;
  }
}

/** Armor headers end in a blank line, which is there even if they are not. */
function skipHeaders(lines: readonly string[], start: number): number {
  let at = start;
  while (HEADER.test(lines[at] ?? '')) at += 1;
  if (lines[at] !== '') throw malformed('the armor has no blank line after its headers');
  return at + 1;
}

function parseBody(lines: readonly string[], label: ArmorLabel): Uint8Array {
  const last = lines.at(-1) ?? '';
  const checksum = label !== 'SSH SIGNATURE' && CHECKSUM.test(last) ? last.slice(1) : null;
  const body = checksum === null ? lines : lines.slice(0, -1);
  if (body.includes('')) throw malformed('the armor has a blank line in its middle');
  const bytes = parseBase64(body.join(''));
  if (bytes === null) throw malformed('the armor is not canonical base64');
  if (checksum !== null && Buffer.from(checksum, 'base64').readUIntBE(0, 3) !== crc24(bytes)) {
    throw malformed('the armor has a wrong checksum');
  }
  return bytes;
}

/** Canonical base64 only: padded, no stray bits, nothing else between. `null` for the rest, the empty text too. */
export function parseBase64(text: string): Uint8Array | null {
  if (!BASE64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}

/** RFC 9580 section 6.1.1: generator 0x864CFB, initial value 0xB704CE. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

/** Without trailing spaces, tabs and CR. Linear, which a regular expression for it is not. */
export function trimBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}
