import { createHash } from 'node:crypto';
import type { Oid } from '../object/id.ts';
import type { ChangedFile, FileSide } from './change.ts';

const DOMAIN = 'countersign-change/v1';
const ABSENT_MODE = '000000';
const SHA256_BYTES = 32;

/**
 * The change digest (trust.md, "Statements"), 64 hex digits: SHA-256 over the fields below, each preceded by its length
 * as four bytes, big-endian. First the text `countersign-change/v1`; then for every changed path, in byte order of paths:
 * the path, old mode, new mode (six ASCII digits, `000000` where absent), old content, new content (SHA-256 of a blob,
 * the raw commit id of a submodule, 32 zero bytes where absent). Commit ids, dates and names have no part in it.
 *
 * `null` where `contents` lacks a blob: no digest is ever made from less than the whole change.
 */
export function changeDigest(
  files: readonly ChangedFile[],
  contents: ReadonlyMap<Oid, string>,
): string | null {
  // Nothing was hashed where nobody has signed anything about the change.
  if (contents.size === 0 && blobsOf(files).length > 0) return null;
  const hash = createHash('sha256');
  const add = (field: Uint8Array): void => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length);
    hash.update(length).update(field);
  };
  const text = new TextEncoder();
  add(text.encode(DOMAIN));
  for (const file of files) {
    const before = contentOf(file.before, contents);
    const after = contentOf(file.after, contents);
    if (before === null || after === null) return null;
    add(file.path);
    add(text.encode(file.before?.mode ?? ABSENT_MODE));
    add(text.encode(file.after?.mode ?? ABSENT_MODE));
    add(before);
    add(after);
  }
  return hash.digest('hex');
}

/** The blobs whose contents a digest of these changes needs, each once. */
export function blobsOf(files: readonly ChangedFile[]): Oid[] {
  const blobs = new Set<Oid>();
  for (const { before, after } of files) {
    for (const side of [before, after]) if (side && side.mode !== '160000') blobs.add(side.id);
  }
  return [...blobs];
}

function contentOf(side: FileSide | null, contents: ReadonlyMap<Oid, string>): Uint8Array | null {
  if (side === null) return new Uint8Array(SHA256_BYTES);
  const hex = side.mode === '160000' ? side.id : contents.get(side.id);
  return hex === undefined ? null : Uint8Array.from(Buffer.from(hex, 'hex'));
}
