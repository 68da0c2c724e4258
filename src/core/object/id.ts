import { hash } from 'node:crypto';

/** A git object id in lower-case hex: 40 digits (SHA-1 repositories) or 64 (SHA-256 repositories). */
export type Oid = string & { readonly __oid: unique symbol };

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';
export type ObjectFormat = 'sha1' | 'sha256';

const LENGTHS: Readonly<Record<ObjectFormat, number>> = { sha1: 40, sha256: 64 };
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads a full object id. Anything shorter, longer or in upper case is `null`: nothing is ever completed. */
export function parseOid(text: string): Oid | null {
  return isOid(text) ? text : null;
}

function isOid(text: string): text is Oid {
  return OID.test(text);
}

/** The id whose bytes lie in a tree, 20 or 32 of them. */
export function oidAt(bytes: Buffer, from: number, length: 20 | 32): Oid {
  const hex = bytes.toString('hex', from, from + length);
  if (hex.length !== 2 * length) throw new RangeError('an id is cut off');
  return brand(hex);
}

/** Hex of the right length is an id: what checks every other text has been seen to hold already. */
function brand(hex: string): Oid {
  return hex as Oid;
}

/** Which hash function made this id. */
export function formatOf(id: Oid): ObjectFormat {
  return id.length === 40 ? 'sha1' : 'sha256';
}

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
  const hex = hash(format, whole, 'hex');
  if (hex.length !== LENGTHS[format]) throw new Error('hash of unexpected length');
  return brand(hex);
}

/** The all-zero id that git and GitHub write for "no object". */
export function isZero(id: string): boolean {
  return /^0+$/.test(id);
}
