import { bufferOver } from './headers.ts';

/** No file system gives a file a longer name than 255 units of UTF-16: what is longer meets nothing there. */
const LONGEST = 255;
const MARKS = /[\p{M}\u03B9]{2,}/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * What a name becomes on a file system that ignores letter case and how letters are put together: canonical caseless
 * matching (Unicode, D145), with full case folding by way of lower, upper and lower case, so that `ß`, `ẞ` and `SS`, or `K`
 * and KELVIN SIGN, meet as well. Wider than any one file system: whatever meets on one of them meets here. Bytes that are
 * not UTF-8 fold by ASCII alone and never meet a name that is.
 */
export function foldName(name: Uint8Array): string {
  if (isAscii(name)) return bufferOver(name).toString('latin1').toLowerCase();
  const text = decode(name);
  return text === null ? foldBytes(name) : foldText(text);
}

/**
 * The name of one file or folder, folded, without what some file system ignores: HFS+ invisible characters, NTFS blanks and
 * dots at the end. Two that become the same may be one file somewhere.
 */
export function plainName(name: Uint8Array): string {
  const plain = isAscii(name) ? foldName(name) : withoutIgnored(name);
  let end = plain.length;
  while (end > 0 && (plain[end - 1] === '.' || plain[end - 1] === ' ')) end -= 1;
  return plain.slice(0, end);
}

function withoutIgnored(name: Uint8Array): string {
  const text = decode(name);
  return text === null ? foldBytes(name) : foldText(text.replace(IGNORABLE, ''));
}

/** `null` for bytes that are not UTF-8, and for what is too long to be a name anywhere: putting marks in order is quadratic. */
function decode(name: Uint8Array): string | null {
  if (name.length > LONGEST * 3) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
    return text.length > LONGEST ? null : text;
  } catch {
    return null;
  }
}

/**
 * One by one: within a word the lower case of a sigma says where it stands. The iota that is written below a letter becomes
 * one beside it, before or after the letter's marks as they are put in order earlier or later: it is put before them.
 */
function foldText(text: string): string {
  const letters = Array.from(text.normalize('NFD'), (one) => one.toLowerCase().toUpperCase());
  return Array.from(letters.join(''), (one) => one.toLowerCase())
    .join('')
    .replace(MARKS, (run) => run.replaceAll(/[^\u03B9]+/g, '').concat(run.replaceAll('\u03B9', '')))
    .normalize('NFD');
}

function foldBytes(name: Uint8Array): string {
  return `\0${bufferOver(name)
    .toString('latin1')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())}`;
}

function isAscii(name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at += 1) if ((name[at] ?? 0) >= 0x80) return false;
  return true;
}
