import { parseBase64Lines } from './base64.ts';
import { isBlank, trimBlanks } from './blanks.ts';
import { crc24 } from './crc24.ts';
import { malformed, Refusal } from './refusal.ts';

export type ArmorLabel = 'PGP SIGNATURE' | 'SSH SIGNATURE' | 'PGP PUBLIC KEY BLOCK';

/** No real signature comes near it: RSA-4096 has 1 KiB, with a full hashed area 90 KiB. */
export const MAX_SIGNATURE_ARMOR_BYTES = 128 << 10;

const SSH_FIRST_LINE = '-----BEGIN SSH SIGNATURE-----\n';
const HEADER = /^[!-9;-~]{1,64}:(?: |$)/;
/** Characters of a header that show whether it is one. */
const HEADER_START = 70;
const CHECKSUM = /^=[A-Za-z0-9+/]{4}$/;

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
 * which has neither armor headers nor a checksum). Trailing blanks and CR are allowed on each line, but not on the first of
 * SSH, with which the text must begin: ssh-keygen wants exactly that one (sshsig.c, `sshsig_dearmor`), and we read nothing
 * that it does not. A CRC-24 is optional (RFC 9580 section 6.1), but must be right where there is one.
 *
 * Nothing is looked at more often than a few times, since every signature passes here.
 *
 * @throws Refusal `signature-malformed`
 */
export function parseArmorBlocks(armor: Uint8Array, label: ArmorLabel): Uint8Array[] {
  const text = Buffer.from(armor.buffer, armor.byteOffset, armor.byteLength).toString('latin1');
  const blocks: Uint8Array[] = [];
  if (label === 'SSH SIGNATURE' && !text.startsWith(SSH_FIRST_LINE)) {
    throw malformed('it does not begin with the first line of the armor, as it is');
  }
  let at = 0;
  for (;;) {
    at = skipEmptyLines(text, at);
    if (at === text.length) return blocks;
    const start = lineAfter(text, at, `-----BEGIN ${label}-----`);
    if (start === null) throw malformed('there is text around the armor');
    const body = label === 'SSH SIGNATURE' ? start : skipHeaders(text, start);
    // Base64 has no dash: the first line that begins like an end is the end, or the armor has none.
    const bodyEnd = text.indexOf('\n-----END ', body - 1);
    const next = bodyEnd < 0 ? null : lineAfter(text, bodyEnd + 1, `-----END ${label}-----`);
    if (next === null) throw malformed('the armor has no end');
    blocks.push(parseBody(text.slice(body, bodyEnd), label));
    at = next;
  }
}

/** Where the next line starts if the one at `at` is `line` and blanks after it; `null` if it is not. */
function lineAfter(text: string, at: number, line: string): number | null {
  if (!text.startsWith(line, at)) return null;
  let end = at + line.length;
  while (isBlank(text.charCodeAt(end))) end += 1;
  if (end >= text.length) return text.length;
  return text.startsWith('\n', end) ? end + 1 : null;
}

function skipEmptyLines(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const next = lineAfter(text, at, '');
    if (next === null) break;
    at = next;
  }
  return at;
}

/** Armor headers end in a blank line, which is there even if they are not. */
function skipHeaders(text: string, start: number): number {
  let at = start;
  for (;;) {
    const next = lineAfter(text, at, '');
    if (next !== null) return next;
    const end = text.indexOf('\n', at);
    if (end < 0 || !HEADER.test(trimBlanks(text.slice(at, Math.min(end, at + HEADER_START)))))
      throw malformed('the armor has no blank line after its headers');
    at = end + 1;
  }
}

function parseBody(body: string, label: ArmorLabel): Uint8Array {
  const lastLine = body.lastIndexOf('\n') + 1;
  const last =
    label !== 'SSH SIGNATURE' && body.startsWith('=', lastLine) ? trimBlanks(body.slice(lastLine)) : '';
  const hasChecksum = CHECKSUM.test(last);
  const bytes = parseBase64Lines(hasChecksum ? body.slice(0, Math.max(lastLine - 1, 0)) : body);
  if (bytes === null) throw malformed('the armor is not canonical base64 in lines');
  if (hasChecksum && Buffer.from(last.slice(1), 'base64').readUIntBE(0, 3) !== crc24(bytes))
    throw malformed('the armor has a wrong checksum');
  return bytes;
}
