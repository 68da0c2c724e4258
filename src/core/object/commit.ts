import { splitHeaders, subjectOf, valueOf, withoutContinuations, withoutHeaders } from './headers.ts';
import type { Header } from './headers.ts';
import { objectId } from './hash.ts';
import { formatOf, parseOid } from './id.ts';
import type { ObjectFormat, Oid } from './id.ts';
import { signatureKindOf } from './signature-kind.ts';
import type { ArmorKind } from './signature-kind.ts';
import { parseTagBytes } from './tag.ts';
import type { Tag } from './tag.ts';

export interface Commit {
  readonly id: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** Value of the `author` header: name, e-mail, time and zone, as the bytes stand. */
  readonly author: Uint8Array;
  readonly committer: Uint8Array;
  /** What the `encoding` header says of the message, as it stands; `null`: UTF-8 (i18n.commitEncoding). */
  readonly encoding: string | null;
  /** The signed tags that this merge merged, in the order of their headers: the first 32. */
  readonly mergetags: readonly Mergetag[];
  /** How many there are beyond those. */
  readonly moreMergetags: number;
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

/** A `mergetag` header: the whole tag that was merged (git's commit.c, `append_merge_tag_headers`). */
export type Mergetag =
  | {
      readonly ok: true;
      readonly tag: Tag;
      /** Which of the commit's parents it names, from 0; `null`: none of them. */
      readonly parent: number | null;
    }
  | {
      readonly ok: false;
      /** A sentence in lower case. */
      readonly detail: string;
    };

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
/** A merge has as many tags as parents; whoever writes more costs us no more than this. */
const MAX_MERGETAGS = 32;

/**
 * Reads a commit strictly: what git's own readers could take in two ways is refused, so that everybody who looks at the
 * object sees the commit that was signed.
 *
 * Grammar (git's Documentation/technical/signature-format and commit.c): `tree`, `parent`*, `author`, `committer`,
 * `encoding`?, then other headers (`mergetag` any number of times), a blank line, the message. No NUL anywhere. The
 * signature is `gpgsig` in a SHA-1 repository, `gpgsig-sha256` in a SHA-256 repository, and covers the object without both
 * of these headers (commit.c, `parse_buffer_signed_by_header`). They stand anywhere after the committer, before `encoding`
 * too, as JGit writes them (CommitBuilder, `build`): what was signed is in the order above all the same. A message may hold
 * CR and any encoding.
 *
 * @param raw the object's bytes without git's `commit <length>\0`; at most 1 MiB
 */
export function parseCommit(id: Oid, raw: Uint8Array): ParsedCommit {
  if (raw.length > MAX_COMMIT_BYTES) return malformed(id, `larger than ${MAX_COMMIT_BYTES} bytes`);
  const format = formatOf(id);
  if (objectId('commit', raw, format) !== id) {
    return { ok: false, id, problem: 'commit-hash-mismatch', detail: 'its bytes do not hash to its id' };
  }
  return parseHashedCommit(id, raw);
}

/** `parseCommit` of bytes that were hashed already and have this id. */
export function parseHashedCommit(id: Oid, raw: Uint8Array): ParsedCommit {
  if (raw.length > MAX_COMMIT_BYTES) return malformed(id, `larger than ${MAX_COMMIT_BYTES} bytes`);
  const format = formatOf(id);
  if (raw.includes(0)) return malformed(id, 'it contains a NUL byte');

  const split = splitHeaders(raw);
  if (typeof split === 'string') return malformed(id, split);
  if (split.message === null) return malformed(id, 'its headers do not end in a blank line');
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
    const oid = header === null ? null : parseOid(valueOf(split, header));
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
  const after = headers.slice(next);
  const first = after.find(({ key }) => !isSignature(key));
  const encoding = first?.key === 'encoding' ? first : null;
  if (encoding?.continued) return malformed(id, 'the encoding has several lines');

  const others = after.filter((header) => header !== encoding);
  const misplaced = others.find(({ key }) => PLACED.has(key));
  if (misplaced) return malformed(id, `header \`${misplaced.key}\` is repeated or out of order`);
  const signatures = others.filter(({ key }) => isSignature(key));
  const strange = signatures.find(({ key }) => key !== 'gpgsig' && key !== 'gpgsig-sha256');
  if (strange) return malformed(id, `header \`${strange.key}\` is not known`);
  if (new Set(signatures.map(({ key }) => key)).size !== signatures.length) {
    return malformed(id, 'it has several signatures of one kind');
  }

  const signed = signatures.find(({ key }) => key === (format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'));
  const armor = signed && withoutContinuations(split, signed);
  const mergetags = others.filter(({ key }) => key === 'mergetag');
  return {
    ok: true,
    commit: {
      id,
      tree,
      parents,
      author: raw.subarray(author.valueStart, author.end - 1),
      committer: raw.subarray(committer.valueStart, committer.end - 1),
      encoding: encoding && valueOf(split, encoding),
      mergetags: mergetags
        .slice(0, MAX_MERGETAGS)
        .map((header) => parseMergetag(withoutContinuations(split, header), format, parents)),
      moreMergetags: Math.max(0, mergetags.length - MAX_MERGETAGS),
      subject: subjectOf(message),
      signature: armor ? { kind: signatureKindOf(armor), armor } : null,
      payload: withoutHeaders(raw, signatures),
    },
  };
}

/** git leaves every header that starts so out of what it verifies; only two have a meaning. */
function isSignature(key: string): boolean {
  return key.startsWith('gpgsig');
}

/** A tag that makes no sense leaves the commit as it is: git shows such a header and goes on. */
function parseMergetag(raw: Uint8Array, format: ObjectFormat, parents: readonly Oid[]): Mergetag {
  const parsed = parseTagBytes(format, raw);
  if (!parsed.ok) return { ok: false, detail: parsed.detail };
  const parent = parents.indexOf(parsed.tag.object);
  return { ok: true, tag: parsed.tag, parent: parent < 0 ? null : parent };
}

const PLACED = new Set(['tree', 'parent', 'author', 'committer', 'encoding']);

function malformed(id: Oid, detail: string): ParsedCommit {
  return { ok: false, id, problem: 'commit-malformed', detail };
}
