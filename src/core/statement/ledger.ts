import { createHash } from 'node:crypto';
import { parseOid, type Oid } from '../object/id.ts';
import { extractStatements, type SignedText } from './extract.ts';
import { headOf, type Statement } from './statement.ts';

/** The folders of statements about a commit. Revocations are about none: they lie in `revoke/keys`. */
export const HEAD_FOLDERS = ['review', 'adopt', 'overrule', 'ratify', 'head', 'introduction'] as const;
export const REVOKED_KEYS = 'keys';

/** What one reading goes through. Beyond these it stops with an error: whoever may push could choose what is left out. */
export const LEDGER_LIMITS = {
  /** Bytes of one file. Larger ones are no entries and are passed over. */
  file: 256 * 1024,
  /** Entries of all folders that one question looks into. */
  entries: 50_000,
  /** Bytes read for one question. */
  read: 1024 * 1024 * 1024,
  /** Bytes of what one question gives back. */
  kept: 64 * 1024 * 1024,
  /** Bytes of one folder's list: some 800,000 heads. */
  folder: 64 * 1024 * 1024,
  /** Bytes of the lists of heads in all folders of one ledger together, which are held while it is open. */
  folders: 128 * 1024 * 1024,
  /** Folders of heads that differ between two states of a ledger, and the bytes read to compare them. */
  changed: 200_000,
  compared: 1024 * 1024 * 1024,
} as const;

/** A file of the ledger and where it lies. */
export interface LedgerEntry {
  readonly folder: (typeof HEAD_FOLDERS)[number] | 'revoke';
  /** The commit that the folder is named after; `null` for revocations. */
  readonly head: Oid | null;
  /** SHA-256 of the file's bytes, hex. */
  readonly name: string;
}

const BEGIN_CLEARSIGNED = '-----BEGIN PGP SIGNED MESSAGE-----\n\n';

/**
 * The bytes of a ledger file: the signed text followed by its armor, or the frame of a clearsigned text (RFC 9580
 * section 7, without `Hash` headers, which signatures of today do not need). `extractStatements` reads it back byte for
 * byte; throws `RangeError` for a text of which that is not so, and for one above the bound of a file.
 */
export function ledgerFile({ text, armor, form }: SignedText): Uint8Array {
  const body = form === 'detached' ? decode(text) : BEGIN_CLEARSIGNED + decode(text).replace(/^-/gm, '- -');
  const file = new TextEncoder().encode(body + decode(armor));
  if (file.length > LEDGER_LIMITS.file) {
    throw new RangeError(`a signed text of ${file.length} bytes does not fit into the ledger`);
  }
  const [again, ...others] = readLedgerFile(file, '');
  const same =
    again?.form === form &&
    others.length === 0 &&
    sameBytes(again.text, text) &&
    sameBytes(again.armor, armor);
  if (!same) throw new RangeError('a signed text that no file of the ledger can hold');
  return file;
}

/** The signed texts in a file's bytes. An entry holds one; what else may be in it is hostile, and given as well. */
export function readLedgerFile(file: Uint8Array, from: string): readonly SignedText[] {
  return extractStatements({ from, text: decode(file) }).signed;
}

/** The name of a file: SHA-256 of its bytes (hex), so that a worthless signature never takes the place of a good one. */
export function ledgerName(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

/** The name that a signed text has in the ledger; `null` for one that cannot lie there. */
export function ledgerDigest(signed: SignedText): string | null {
  try {
    return ledgerName(ledgerFile(signed));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Where a file lies: under each head that its statements name. `under` adds heads for which a review counted by
 * carry-over. A folder says where to look and proves nothing.
 */
export function ledgerPaths(
  file: Uint8Array,
  statements: readonly Statement[],
  under: readonly Oid[] = [],
): readonly string[] {
  const name = ledgerName(file);
  const folders = statements.flatMap((statement) => {
    const head = headOf(statement);
    if (head === null) return [`revoke/${REVOKED_KEYS}`];
    return [head, ...(statement.type === 'review' ? under : [])].map((id) => `${statement.type}/${id}`);
  });
  return [...new Set(folders)].sort().map((folder) => `${folder}/${name}`);
}

/** What a path of the ledger says; `null` for one that is none of an entry. */
export function parseLedgerPath(path: string): LedgerEntry | null {
  const [type, key = '', name = '', ...more] = path.split('/');
  if (more.length > 0 || !isLedgerName(name)) return null;
  if (type === 'revoke') return key === REVOKED_KEYS ? { folder: type, head: null, name } : null;
  const folder = HEAD_FOLDERS.find((known) => known === type);
  const head = parseOid(key);
  return folder === undefined || head === null ? null : { folder, head, name };
}

export function isLedgerName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
