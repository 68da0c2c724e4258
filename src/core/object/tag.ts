import { bufferOver, splitHeaders, subjectOf, valueOf, withoutHeaders } from './headers.ts';
import type { Header } from './headers.ts';
import { objectId } from './hash.ts';
import { formatOf, parseOid } from './id.ts';
import type { ObjectFormat, ObjectType, Oid } from './id.ts';
import { signatureKindOf } from './signature-kind.ts';
import type { ArmorKind } from './signature-kind.ts';

/** An annotated tag. */
export interface Tag {
  readonly id: Oid;
  /** What it names, and of which type it says that to be. */
  readonly object: Oid;
  readonly type: ObjectType;
  /** The name inside the object. A ref of another name may point to it. */
  readonly name: Uint8Array;
  /** `null` in tags of 2005. */
  readonly tagger: Uint8Array | null;
  /** First line of the message, for display only: lossy UTF-8, at most 200 characters. */
  readonly subject: string;
  readonly signature: { readonly kind: ArmorKind; readonly armor: Uint8Array } | null;
  /** The exact bytes that the signature covers; all bytes of an unsigned tag. */
  readonly payload: Uint8Array;
}

export type ParsedTag =
  | { readonly ok: true; readonly tag: Tag }
  | {
      readonly ok: false;
      readonly id: Oid;
      readonly problem: 'tag-hash-mismatch' | 'tag-malformed';
      /** A sentence in lower case. */
      readonly detail: string;
    };

/** Larger tags are refused as malformed. */
export const MAX_TAG_BYTES = 1 << 20;

/**
 * Reads a tag strictly: `object`, `type`, `tag`, `tagger`?, then at most one `gpgsig` and one `gpgsig-sha256`, a blank
 * line, the message (git's fsck.c, `fsck_tag_standalone`; tags of 2005 have no tagger, some no message). No NUL anywhere.
 *
 * The signature lies at the end of the message, from the last line that opens an armor of git's (gpg-interface.c,
 * `parse_signed_buffer`), and covers what is before it without the `gpgsig` headers (`parse_signature`), in repositories
 * of both formats: a header `gpgsig` or `gpgsig-sha256` is the signature of the tag as the other format writes it.
 *
 * @param raw the object's bytes without git's `tag <length>\0`; at most 1 MiB
 */
export function parseTag(id: Oid, raw: Uint8Array): ParsedTag {
  if (raw.length > MAX_TAG_BYTES) return malformed(id, `larger than ${MAX_TAG_BYTES} bytes`);
  if (objectId('tag', raw, formatOf(id)) !== id) {
    return { ok: false, id, problem: 'tag-hash-mismatch', detail: 'its bytes do not hash to its id' };
  }
  return parseHashed(id, raw);
}

/** Reads the tag in these bytes, whatever its id is: a `mergetag` header holds one without saying its id. */
export function parseTagBytes(format: ObjectFormat, raw: Uint8Array): ParsedTag {
  const id = objectId('tag', raw, format);
  return raw.length > MAX_TAG_BYTES
    ? malformed(id, `larger than ${MAX_TAG_BYTES} bytes`)
    : parseHashed(id, raw);
}

function parseHashed(id: Oid, raw: Uint8Array): ParsedTag {
  if (raw.includes(0)) return malformed(id, 'it contains a NUL byte');
  const split = splitHeaders(raw);
  if (typeof split === 'string') return malformed(id, split);
  const [first, second, third, ...rest] = split.headers;
  const object = first?.key === 'object' && !first.continued ? parseOid(valueOf(split, first)) : null;
  if (object === null || formatOf(object) !== formatOf(id)) {
    return malformed(id, 'it does not start with one valid object');
  }
  const type = second?.key === 'type' ? TYPES.find((known) => known === valueOf(split, second)) : undefined;
  if (type === undefined) return malformed(id, 'its second header is no valid type');
  if (third?.key !== 'tag' || third.continued || valueOf(split, third) === '') {
    return malformed(id, 'its third header is no name');
  }
  const tagger = rest[0]?.key === 'tagger' ? rest[0] : null;
  if (tagger?.continued === true) return malformed(id, 'the tagger has several lines');
  const others = tagger === null ? rest : rest.slice(1);
  const strange = others.find(({ key }) => key !== 'gpgsig' && key !== 'gpgsig-sha256');
  if (strange) return malformed(id, `header \`${strange.key}\` is not known, repeated or out of order`);
  if (new Set(others.map(({ key }) => key)).size !== others.length) {
    return malformed(id, 'it has several signatures of one kind');
  }
  const signed = splitSignature(raw, others);
  return {
    ok: true,
    tag: {
      id,
      object,
      type,
      name: raw.subarray(third.valueStart, third.end - 1),
      tagger: tagger && raw.subarray(tagger.valueStart, tagger.end - 1),
      subject: subjectOf(split.message ?? new Uint8Array()),
      signature: signed && { kind: signatureKindOf(signed.armor), armor: signed.armor },
      payload: signed?.payload ?? raw,
    },
  };
}

const TYPES: readonly ObjectType[] = ['commit', 'tree', 'blob', 'tag'];

/** gpg-interface.c, `get_format_by_sig`: the openings that a tag's signature may have. */
const OPENINGS = [
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  '-----BEGIN SIGNED MESSAGE-----',
  '-----BEGIN SSH SIGNATURE-----',
];

function splitSignature(
  raw: Uint8Array,
  headers: readonly Header[],
): { payload: Uint8Array; armor: Uint8Array } | null {
  // No header of the strict form starts with one of these, so the last opening lies in the message.
  const bytes = bufferOver(raw);
  const start = Math.max(...OPENINGS.map((opening) => bytes.lastIndexOf(`\n${opening}`)));
  if (start < 0) return null;
  return { payload: withoutHeaders(raw, headers, start + 1), armor: raw.subarray(start + 1) };
}

function malformed(id: Oid, detail: string): ParsedTag {
  return { ok: false, id, problem: 'tag-malformed', detail };
}
