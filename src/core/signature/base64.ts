import { trimBlanks } from './blanks.ts';

/** Canonical base64 only: padded, no stray bits, nothing else between. `null` for the rest, the empty text too. */
export function parseBase64(text: string): Uint8Array | null {
  if (text === '') return null;
  // Node's decoder takes anything, but there is one text that its encoder makes of the bytes.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return null;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** As `parseBase64`, in lines of any length but zero, LF between them, trailing blanks allowed. */
export function parseBase64Lines(text: string): Uint8Array | null {
  const hasBlanks = text.includes('\r') || text.includes(' ') || text.includes('\t');
  const lines = hasBlanks ? text.split('\n').map(trimBlanks).join('\n') : text;
  if (lines.startsWith('\n') || lines.endsWith('\n') || lines.includes('\n\n')) return null;
  return parseBase64(lines.replaceAll('\n', ''));
}
