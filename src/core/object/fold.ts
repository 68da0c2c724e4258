import { bufferOver } from './headers.ts';

/**
 * What a name becomes on a file system that ignores letter case: NFC, then upper and lower case, so that `ß`/`SS` and
 * `K`/KELVIN SIGN meet as well. Wider than any one file system: whatever meets on one of them meets here. Bytes that
 * are not UTF-8 fold by ASCII alone and never meet a name that is.
 */
export function foldName(name: Uint8Array): string {
  if (isAscii(name)) return bufferOver(name).toString('latin1').toLowerCase();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      .decode(name)
      .normalize('NFC')
      .toUpperCase()
      .toLowerCase()
      .normalize('NFC');
  } catch {
    return `\0${Buffer.from(name)
      .toString('latin1')
      .replace(/[A-Z]/g, (letter) => letter.toLowerCase())}`;
  }
}

/**
 * The name of one file or folder, folded, without what some file system ignores: HFS+ invisible characters, NTFS blanks and
 * dots at the end. Two that become the same may be one file somewhere.
 */
export function plainName(name: Uint8Array): string {
  const folded = foldName(name);
  const plain = isAscii(name)
    ? folded
    : folded.replace(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFC');
  let end = plain.length;
  while (end > 0 && (plain[end - 1] === '.' || plain[end - 1] === ' ')) end -= 1;
  return plain.slice(0, end);
}

function isAscii(name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at += 1) if ((name[at] ?? 0) >= 0x80) return false;
  return true;
}
