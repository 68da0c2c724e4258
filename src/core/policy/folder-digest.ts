import { createHash } from 'node:crypto';
import type { PolicyFolder } from './folder.ts';

const DOMAIN = 'countersign-policy/v1';
const SHA256_BYTES = 32;

/**
 * The policy digest, 64 hex digits: which policy and keys lie at a commit. SHA-256 over the fields below, each preceded by
 * its length as four bytes, big-endian. First the text `countersign-policy/v1`; then for every entry, in byte order of the
 * whole paths: the path, the mode as the tree has it, SHA-256 of the bytes (32 zero bytes for what is never read: links,
 * executables, files above the bound). Where the folder is missing there are no entries.
 */
export function policyDigest({ entries }: PolicyFolder): string {
  const digest = createHash('sha256');
  const add = (field: Uint8Array): void => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length);
    digest.update(length).update(field);
  };
  const text = new TextEncoder();
  add(text.encode(DOMAIN));
  for (const { path, mode, bytes } of entries.toSorted((a, b) => Buffer.compare(a.path, b.path))) {
    add(path);
    add(text.encode(mode));
    add(bytes === null ? new Uint8Array(SHA256_BYTES) : createHash('sha256').update(bytes).digest());
  }
  return digest.digest('hex');
}
