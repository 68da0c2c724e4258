import { plainName } from './fold.ts';
import { nameEnd, nameStart, sizeOf } from './tree.ts';
import type { Tree } from './tree.ts';

const DOT = 0x2e;
const BLANK = 0x20;

/**
 * The places of the entries whose names become the same as `name` on some file system (`plainName`), one of just that name
 * included. Nearly all names are ASCII, end in a letter and differ in length: they are compared as bytes.
 */
export function findAlike(tree: Tree, name: Uint8Array): number[] {
  const { bytes, ascii } = tree;
  const plain = plainName(name);
  const usual = isUsual(name, 0, name.length);
  const found: number[] = [];
  for (let index = 0; index < sizeOf(tree); index += 1) {
    const start = nameStart(tree, index);
    const end = nameEnd(tree, index);
    const asBytes = usual && (ascii ? !isTrimmed(bytes[end - 1]) : isUsual(bytes, start, end));
    const alike = asBytes
      ? isInAnyCase(bytes, start, end, plain)
      : plainName(bytes.subarray(start, end)) === plain;
    if (alike) found.push(index);
  }
  return found;
}

/** ASCII that folding leaves as it is, but for its letters. */
function isUsual(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((bytes[at] ?? 0) >= 0x80) return false;
  return !isTrimmed(bytes[end - 1]);
}

function isTrimmed(last: number | undefined): boolean {
  return last === DOT || last === BLANK;
}

/** @param lower in lower case */
function isInAnyCase(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let at = lower.length - 1; at >= 0; at -= 1) {
    const byte = bytes[start + at] ?? 0;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (folded !== lower.charCodeAt(at)) return false;
  }
  return true;
}
