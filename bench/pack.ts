import { createHash } from 'node:crypto';
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

/** gitformat-pack(5). */
const TYPE = { commit: 1, tree: 2, blob: 3 };

/** Writes a packfile object by object: nothing but the newest of them is held in memory. */
export interface PackWriter {
  add(type: keyof typeof TYPE, content: Uint8Array): void;
  /** Gives the path of the finished pack, which `git index-pack` still has to index. */
  finish(): string;
}

/** @param count how many objects there will be: it stands in the pack's header */
export function openPack(folder: string, count: number): PackWriter {
  const draft = join(folder, 'bench.pack.tmp');
  const file = openSync(draft, 'w');
  const hash = createHash('sha1');
  let left = count;
  let held: Buffer[] = [];
  let bytes = 0;
  const write = (): void => {
    const block = Buffer.concat(held);
    hash.update(block);
    writeSync(file, block);
    held = [];
    bytes = 0;
  };
  const put = (block: Buffer): void => {
    held.push(block);
    bytes += block.length;
    if (bytes > 1 << 20) write();
  };
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  put(header);
  return {
    add(type, content) {
      left -= 1;
      put(objectHeader(TYPE[type], content.length));
      put(deflateSync(content, { level: 1 }));
    },
    finish() {
      if (left !== 0) throw new Error(`the pack lacks ${left} objects`);
      write();
      const trailer = hash.digest();
      writeSync(file, trailer);
      closeSync(file);
      const path = join(folder, `pack-${trailer.toString('hex')}.pack`);
      renameSync(draft, path);
      return path;
    },
  };
}

/** Three bits of type and the size: four bits in the first byte, seven in each that follows. */
function objectHeader(type: number, size: number): Buffer {
  const bytes = [];
  let byte = (type << 4) | (size & 0x0f);
  for (let rest = size >> 4; rest > 0; rest >>= 7) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
