import { formatOf, objectId, parseOid } from './id.ts';
import type { Oid } from './id.ts';
import { signatureKindOf } from './signature-kind.ts';
import type { ArmorKind } from './signature-kind.ts';

export interface Commit {
  readonly id: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** Value of the `author` header: name, e-mail, time and zone, as the bytes stand. */
  readonly author: Uint8Array;
  readonly committer: Uint8Array;
  /** First line of the message, for display only: lossy UTF-8, at most 200 characters. */
  readonly subject: string;
  readonly signature: CommitSignature | null;
  /** The exact bytes that the signature covers; all bytes of an unsigned commit. */
  readonly payload: Uint8Array;
}

export interface CommitSignature {
  readonly kind: ArmorKind;
  /** The header's value with the space of continuation lines removed, as git hands it to gpg. */
  readonly armor: Uint8Array;
}

export type ParsedCommit =
  | { readonly ok: true; readonly commit: Commit }
  | {
      readonly ok: false;
      readonly id: Oid;
      readonly problem: 'commit-hash-mismatch' | 'commit-malformed';
      /** A sentence in lower case. */
      readonly detail: string;
    };

/** Larger commits are refused as malformed. */
export const MAX_COMMIT_BYTES = 1 << 20;

/**
 * Reads a commit strictly: what git's own readers could take in two ways is refused, so that everybody who looks at the
 * object sees the commit that was signed.
 *
 * Grammar (git's Documentation/technical/signature-format and commit.c): `tree`, `parent`*, `author`, `committer`,
 * `encoding`?, then other headers, a blank line, the message. No NUL anywhere. The signature is `gpgsig` in a SHA-1
 * repository, `gpgsig-sha256` in a SHA-256 repository, and covers the object without both of these headers
 * (commit.c, `parse_buffer_signed_by_header`). A message may hold CR and any encoding.
 *
 * @param raw the object's bytes without git's `commit <length>\0`; at most 1 MiB
 */
export function parseCommit(id: Oid, raw: Uint8Array): ParsedCommit {
  if (raw.length > MAX_COMMIT_BYTES) return malformed(id, `larger than ${MAX_COMMIT_BYTES} bytes`);
  const format = formatOf(id);
  if (objectId('commit', raw, format) !== id) {
    return { ok: false, id, problem: 'commit-hash-mismatch', detail: 'its bytes do not hash to its id' };
  }
  if (raw.includes(0)) return malformed(id, 'it contains a NUL byte');

  const split = splitHeaders(raw);
  if (typeof split === 'string') return malformed(id, split);
  const { headers, message } = split;

  let next = 0;
  const take = (key: string): Header | null => {
    const header = headers[next];
    if (header?.key !== key) return null;
    next += 1;
    return header;
  };
  const takeId = (key: string): Oid | null => {
    const header = take(key);
    const oid = header === null ? null : parseOid(latin1(header.value));
    return oid !== null && !header?.continued && formatOf(oid) === format ? oid : null;
  };

  const tree = takeId('tree');
  if (tree === null) return malformed(id, 'it does not start with one valid tree');
  const parents: Oid[] = [];
  while (headers[next]?.key === 'parent') {
    const parent = takeId('parent');
    if (parent === null) return malformed(id, 'a parent is not a valid object id');
    parents.push(parent);
  }
  const author = take('author');
  const committer = take('committer');
  if (author === null || committer === null) return malformed(id, 'author or committer is not in its place');
  if (author.continued || committer.continued) return malformed(id, 'author or committer has several lines');
  if (take('encoding')?.continued) return malformed(id, 'the encoding has several lines');

  const others = headers.slice(next);
  const misplaced = others.find(({ key }) => PLACED.has(key));
  if (misplaced) return malformed(id, `header \`${misplaced.key}\` is repeated or out of order`);
  // git leaves every header that starts with `gpgsig` out of what it verifies; only two have a meaning.
  const signatures = others.filter(({ key }) => key.startsWith('gpgsig'));
  const strange = signatures.find(({ key }) => key !== 'gpgsig' && key !== 'gpgsig-sha256');
  if (strange) return malformed(id, `header \`${strange.key}\` is not known`);
  if (new Set(signatures.map(({ key }) => key)).size !== signatures.length) {
    return malformed(id, 'it has several signatures of one kind');
  }

  const signed = signatures.find(({ key }) => key === (format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'));
  const armor = signed && withoutContinuations(signed.value);
  return {
    ok: true,
    commit: {
      id,
      tree,
      parents,
      author: author.value,
      committer: committer.value,
      subject: subjectOf(message),
      signature: armor ? { kind: signatureKindOf(armor), armor } : null,
      payload: without(raw, signatures),
    },
  };
}

interface Header {
  readonly key: string;
  /** All bytes after `key SP` up to, and without, the last LF; continuation lines keep their leading space. */
  readonly value: Uint8Array;
  readonly continued: boolean;
  readonly start: number;
  /** Just after the last LF. */
  readonly end: number;
}

const PLACED = new Set(['tree', 'parent', 'author', 'committer', 'encoding']);
const KEY = /^[!-~]{1,64}$/;
const LF = 0x0a;
const SPACE = 0x20;

function splitHeaders(raw: Uint8Array): { headers: Header[]; message: Uint8Array } | string {
  const headers: Header[] = [];
  let start = 0;
  while (raw[start] !== LF) {
    const space = raw.indexOf(SPACE, start);
    let end = raw.indexOf(LF, start);
    if (end < 0) return 'its headers do not end in a blank line';
    const key = space < start ? '' : latin1(raw.subarray(start, Math.min(space, end, start + 65)));
    if (space > end || !KEY.test(key)) return 'a header is not of the form `key value`';
    let continued = false;
    while (raw[end + 1] === SPACE) {
      continued = true;
      end = raw.indexOf(LF, end + 1);
      if (end < 0) return 'its headers do not end in a blank line';
    }
    headers.push({ key, value: raw.subarray(space + 1, end), continued, start, end: end + 1 });
    start = end + 1;
  }
  return { headers, message: raw.subarray(start + 1) };
}

/** A signature's lines, each with its LF. */
function withoutContinuations(value: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(`${latin1(value)}\n`.replaceAll('\n ', '\n'), 'latin1'));
}

function without(raw: Uint8Array, gaps: readonly Header[]): Uint8Array {
  if (gaps.length === 0) return raw;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of gaps) {
    parts.push(raw.subarray(from, start));
    from = end;
  }
  parts.push(raw.subarray(from));
  return new Uint8Array(Buffer.concat(parts));
}

function subjectOf(message: Uint8Array): string {
  const end = message.indexOf(LF);
  // 800 bytes hold 200 characters of at most 4 bytes.
  const line = message.subarray(0, Math.min(end < 0 ? message.length : end, 800));
  return Array.from(new TextDecoder().decode(line)).slice(0, 200).join('');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function malformed(id: Oid, detail: string): ParsedCommit {
  return { ok: false, id, problem: 'commit-malformed', detail };
}
