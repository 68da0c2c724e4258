import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
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

const HEADER_BYTES = 12;
const BLOCK_BYTES = 1 << 20;

/** How many objects there are stands in the pack's header, and is filled in at the end. */
export function openPack(folder: string): PackWriter {
  const draft = join(folder, 'bench.pack.tmp');
  const file = openSync(draft, 'w+');
  let objects = 0;
  let held: Buffer[] = [Buffer.alloc(HEADER_BYTES)];
  let bytes = 0;
  const write = (): void => {
    writeSync(file, Buffer.concat(held));
    held = [];
    bytes = 0;
  };
  const put = (block: Buffer): void => {
    held.push(block);
    bytes += block.length;
    if (bytes > BLOCK_BYTES) write();
  };
  return {
    add(type, content) {
      objects += 1;
      put(objectHeader(TYPE[type], content.length));
      put(deflateSync(content, { level: 1 }));
    },
    finish() {
      write();
      const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
      header.writeUInt32BE(objects, 8);
      writeSync(file, header, 0, header.length, 0);
      const trailer = hashFile(file);
      // Written at a place given, the file's own position stays at its end.
      writeSync(file, trailer);
      closeSync(file);
      const path = join(folder, `pack-${trailer.toString('hex')}.pack`);
      renameSync(draft, path);
      return path;
    },
  };
}

function hashFile(file: number): Buffer {
  const hash = createHash('sha1');
  const block = Buffer.alloc(BLOCK_BYTES);
  let at = 0;
  for (let read = readSync(file, block, 0, block.length, at); read > 0;) {
    hash.update(block.subarray(0, read));
    at += read;
    read = readSync(file, block, 0, block.length, at);
  }
  return hash.digest();
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
