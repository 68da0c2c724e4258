import { hash } from 'node:crypto';
import { formatOf, parseOid } from './id.ts';
import type { ObjectFormat, ObjectType, Oid } from './id.ts';

/** The id of bytes `bytes` as an object of type `type`: hash of `type SP length NUL bytes` (gitformat-loose). */
export function objectId(type: ObjectType, bytes: Uint8Array, format: ObjectFormat): Oid {
  const room = roomFor(type, bytes.length);
  room.bytes.set(bytes);
  return idOf(room, format);
}

/** Bytes of an object with git's header before them, so that they are hashed where they lie. */
export interface Room {
  readonly whole: Buffer;
  /** The object's own bytes within `whole`: whatever was in memory, until they are set. */
  readonly bytes: Buffer;
}

/** @param size bytes of the object */
export function roomFor(type: ObjectType, size: number): Room {
  const header = `${type} ${size}\0`;
  const whole = Buffer.allocUnsafe(header.length + size);
  whole.write(header, 'latin1');
  return { whole, bytes: whole.subarray(header.length) };
}

/** `objectId` of what was put into a room. */
export function idOf({ whole }: Room, format: ObjectFormat): Oid {
  const id = parseOid(hash(format, whole, 'hex'));
  if (id === null || formatOf(id) !== format) throw new Error('hash of unexpected length');
  return id;
}
