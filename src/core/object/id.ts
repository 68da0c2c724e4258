/** A git object id in lower-case hex: 40 digits (SHA-1 repositories) or 64 (SHA-256 repositories). */
export type Oid = string & { readonly __oid: unique symbol };

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';
export type ObjectFormat = 'sha1' | 'sha256';

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

/** The all-zero id that git and GitHub write for "no object". */
export function isZero(id: string): boolean {
  return /^0+$/.test(id);
}
