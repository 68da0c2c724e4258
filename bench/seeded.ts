import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same at each run: AES-256-CTR over zeros, the key made of `label`. */
export interface Seeded {
  bytes(count: number): Uint8Array;
  /** A whole number from 0 to `limit - 1`; `limit` at most 2^32. */
  number(limit: number): number;
}

const BLOCK = 64 << 10;

export function seeded(label: string): Seeded {
  const key = createHash('sha256').update(`countersign bench: ${label}`).digest();
  const stream = createCipheriv('aes-256-ctr', key, new Uint8Array(16));
  let block = Buffer.alloc(0);
  let at = 0;
  const bytes = (count: number): Buffer => {
    if (count > block.length - at) {
      const fresh = stream.update(Buffer.alloc(Math.max(BLOCK, count)));
      block = Buffer.concat([block.subarray(at), fresh]);
      at = 0;
    }
    at += count;
    return block.subarray(at - count, at);
  };
  return {
    bytes: (count) => Uint8Array.from(bytes(count)),
    number: (limit) => bytes(4).readUInt32BE() % limit,
  };
}
