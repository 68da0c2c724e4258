import { createHash } from 'node:crypto';
import { idOf, roomFor } from '../core/object/hash.ts';
import { formatOf } from '../core/object/id.ts';
import type { Room } from '../core/object/hash.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/object/id.ts';
import type { Tree } from '../core/object/tree.ts';
import { Unreadable } from '../gather/ports.ts';
import { openCatFile } from './cat-file.ts';
import type { CatFile } from './cat-file.ts';
import { SHALLOW_REMEDY } from './run.ts';

export interface ObjectInfo {
  readonly type: ObjectType;
  /** Bytes, as the store claims. */
  readonly size: number;
}

/** Trees that were read and hashed, kept while they are asked for again: along a line of steps most stay as they are. */
export interface KeptTrees {
  /** In the order asked. */
  read(ids: readonly Oid[]): Promise<readonly Tree[]>;
}

/** Reads objects and recomputes the id of every one whose content it gives. */
export interface ObjectReader {
  /** What the store claims about objects, in the order asked; `null` for what it lacks. Nothing here is verified. */
  readInfo(ids: readonly Oid[]): Promise<readonly (ObjectInfo | null)[]>;
  /**
   * Verified contents in the order asked. Throws `Unreadable`: `object-missing` for what is absent or of another type,
   * `object-forged` where the id does not follow from the bytes, `list-cut` for one object above `maxBytes` or all
   * together above 256 MiB. What is too large is not kept; of blobs, sizes are asked for before any content is.
   */
  readObjects(ids: readonly Oid[], type: ObjectType, maxBytes: number): Promise<readonly Uint8Array[]>;
  /** SHA-256 (hex) of blob contents, hashed as a stream and verified on the way. Errors as above. */
  hashBlobs(ids: readonly Oid[], maxBytes: number): Promise<ReadonlyMap<Oid, string>>;
  dispose(): Promise<void>;
  /** Where many steps are read one after the other: see trees.ts. */
  readonly keptTrees?: KeptTrees;
}

const BATCH = 4096;
const TOTAL_BYTES = 256 * 1024 * 1024;

export function openObjects(gitDir: string, format: ObjectFormat): ObjectReader {
  const git = openCatFile(gitDir);
  return {
    readInfo: (ids) => readInfo(git, ids, format),
    readObjects: (ids, type, maxBytes) => readObjects(git, ids, type, maxBytes, format),
    hashBlobs: (ids, maxBytes) => hashBlobs(git, ids, maxBytes, format),
    dispose: () => git.dispose(),
  };
}

async function readInfo(
  git: CatFile,
  ids: readonly Oid[],
  format: ObjectFormat,
): Promise<(ObjectInfo | null)[]> {
  const found = new Array<ObjectInfo | null>(ids.length).fill(null);
  for (let from = 0; from < ids.length; from += BATCH) {
    // git would take an id of the other length for a prefix or a name.
    const places = [...ids.keys()]
      .slice(from, from + BATCH)
      .filter((at) => formatOf(idAt(ids, at)) === format);
    await git.ask({
      command: 'info',
      ids: places.map((at) => idAt(ids, at)),
      maxBytes: 0,
      header: (index, info) => {
        found[places[index] ?? 0] = info;
      },
      chunk: () => undefined,
    });
  }
  return found;
}

/** Asks for sizes and refuses before any content moves. */
async function checkSizes(
  git: CatFile,
  ids: readonly Oid[],
  type: ObjectType,
  maxBytes: number,
  totalBytes: number,
  format: ObjectFormat,
): Promise<readonly ObjectInfo[]> {
  const infos = await readInfo(git, ids, format);
  let total = 0;
  return infos.map((info, index) => {
    const id = ids[index] ?? '';
    total += info?.size ?? 0;
    if (info?.type !== type || info.size > maxBytes || total > totalBytes)
      throw unusable(id, info, { type, maxBytes, count: ids.length });
    return info;
  });
}

interface Body {
  info: ObjectInfo | null;
  room: Room | null;
  filled: number;
}

/** Why an object that was asked for is not given. */
function unusable(
  id: string,
  info: ObjectInfo | null,
  { type, maxBytes, count }: { readonly type: ObjectType; readonly maxBytes: number; readonly count: number },
): Unreadable {
  if (info === null) return missing(type, id);
  const refuse = (code: 'object-missing' | 'list-cut', message: string): Unreadable =>
    new Unreadable(code, message, { passing: false });
  if (info.type !== type)
    return refuse('object-missing', `object \`${id}\` is a ${info.type}, not a ${type}`);
  if (info.size > maxBytes) {
    const size = `${info.size} bytes, more than the limit of ${maxBytes}`;
    return refuse('list-cut', `${type} \`${id}\` has ${size}`);
  }
  return refuse('list-cut', `${count} objects have more than ${TOTAL_BYTES} bytes together`);
}

async function readObjects(
  git: CatFile,
  ids: readonly Oid[],
  type: ObjectType,
  maxBytes: number,
  format: ObjectFormat,
): Promise<readonly Uint8Array[]> {
  // Only a blob may be so large that its size is worth a question of its own; of others what is too much is let pass by.
  if (type === 'blob') await checkSizes(git, ids, type, maxBytes, TOTAL_BYTES, format);
  const strange = ids.find((id) => formatOf(id) !== format);
  if (strange !== undefined) throw missing(type, strange);
  const contents: Uint8Array[] = [];
  let total = 0;
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    const bodies = batch.map((): Body => ({ info: null, room: null, filled: 0 }));
    await git.ask({
      command: 'contents',
      ids: batch,
      maxBytes: type === 'blob' ? maxBytes : Infinity,
      header: (index, info) => {
        const body = bodies[index];
        if (body === undefined || info === null) return;
        body.info = info;
        total += info.size;
        // Not filled with zeros first: bytes that git does not bring are found out by the hash.
        if (info.type === type && info.size <= maxBytes && total <= TOTAL_BYTES)
          body.room = roomFor(type, info.size);
      },
      chunk: (index, bytes) => {
        const body = bodies[index];
        if (body === undefined) return;
        body.room?.bytes.set(bytes, body.filled);
        body.filled += bytes.length;
      },
    });
    for (const [index, id] of batch.entries()) {
      const { info = null, room = null } = bodies[index] ?? {};
      if (room === null) throw unusable(id, info, { type, maxBytes, count: ids.length });
      if (idOf(room, format) !== id) throw forged(type, id);
      contents.push(room.bytes);
    }
  }
  return contents;
}

async function hashBlobs(
  git: CatFile,
  ids: readonly Oid[],
  maxBytes: number,
  format: ObjectFormat,
): Promise<ReadonlyMap<Oid, string>> {
  const unique = [...new Set(ids)];
  await checkSizes(git, unique, 'blob', maxBytes, Infinity, format);
  const hashes = new Map<Oid, string>();
  for (let from = 0; from < unique.length; from += BATCH) {
    const batch = unique.slice(from, from + BATCH);
    const bad: Unreadable[] = [];
    // Answers come one after the other: what is hashed is always the one that `header` announced last.
    let content = createHash('sha256');
    let identity = createHash(format);
    let left = -1;
    const check = (id: Oid): void => {
      if (left !== 0) return;
      if (identity.digest('hex') === id) hashes.set(id, content.digest('hex'));
      else bad.push(forged('blob', id));
    };
    await git.ask({
      command: 'contents',
      ids: batch,
      maxBytes,
      header: (index, info) => {
        const id = idAt(batch, index);
        if (info === null) {
          bad.push(missing('blob', id));
          return;
        }
        content = createHash('sha256');
        identity = createHash(format).update(`${info.type} ${info.size}\0`);
        left = info.size;
        check(id);
      },
      chunk: (index, bytes) => {
        content.update(bytes);
        identity.update(bytes);
        left -= bytes.length;
        check(idAt(batch, index));
      },
    });
    if (bad[0] !== undefined) throw bad[0];
  }
  return hashes;
}

function idAt(ids: readonly Oid[], index: number): Oid {
  const id = ids[index];
  if (id === undefined) throw new Error('more answers than questions');
  return id;
}

export function missing(type: ObjectType, id: string): Unreadable {
  return new Unreadable('object-missing', `${type} \`${id}\` is missing; ${SHALLOW_REMEDY}`);
}

export function forged(type: ObjectType, id: string): Unreadable {
  return new Unreadable('object-forged', `the bytes stored as ${type} \`${id}\` do not have that id`, {
    passing: false,
  });
}
