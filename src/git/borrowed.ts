import { readFile, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Unreadable } from '../gather/ports.ts';

const MAX_STORES = 32;
const MAX_FILE_BYTES = 64 * 1024;

/**
 * An object directory and those that it borrows from in turn (objects/info/alternates, gitrepository-layout(5)), all
 * resolved. Each must belong to the user who runs this: whoever owns a store can swap files while git reads them.
 * Throws `Unreadable('repository-untrusted')` otherwise.
 */
export async function findStores(objects: string): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [await realpath(objects)];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.includes(next)) continue;
    if (found.length >= MAX_STORES)
      throw untrusted(`\`${objects}\` borrows from more than ${MAX_STORES} stores`);
    await checkOwner(next);
    found.push(next);
    waiting.push(...(await readAlternates(next)));
  }
  return found;
}

async function checkOwner(directory: string): Promise<void> {
  const me = process.geteuid?.();
  const { uid } = await stat(directory);
  if (me !== undefined && uid !== me) {
    throw untrusted(`the object store \`${directory}\` belongs to another user (uid ${uid}, yours is ${me})`);
  }
}

async function readAlternates(store: string): Promise<string[]> {
  let text: string;
  try {
    const file = `${store}/info/alternates`;
    const info = await stat(file);
    // Reading a pipe would wait for whoever writes to it.
    if (!info.isFile()) throw untrusted(`\`${file}\` is no file`);
    if (info.size > MAX_FILE_BYTES) throw untrusted(`\`${file}\` is too large`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    return [];
  }
  const stores: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('"')) throw untrusted(`\`${store}\` borrows from a path with unusual characters`);
    try {
      stores.push(await realpath(resolve(store, line)));
    } catch {
      // git ignores a store that is not there; what lies in it is missing then, and said so when asked for.
    }
  }
  return stores;
}

function untrusted(message: string): Unreadable {
  return new Unreadable('repository-untrusted', message, { passing: false });
}
