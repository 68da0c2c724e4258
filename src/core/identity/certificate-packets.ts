import { parseOpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { Packet } from '../signature/openpgp-packet.ts';
import { parseSignatureBody } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { malformed, Refusal } from '../signature/refusal.ts';
import type { Issuer } from '../signature/verification-keys.ts';
import { CERTIFICATIONS, TYPE } from './signature-type.ts';

/** A certificate's packets put in their places (RFC 9580 section 10.1). Nothing is verified yet. */
export interface CertificatePackets {
  readonly file: string;
  readonly primary: SignedKey;
  readonly userIds: readonly SignedUserId[];
  readonly subkeys: readonly SignedKey[];
  readonly astray: Astray;
}

/** What is said of a subkey, but stands below none: where it belongs only verifying tells, see `settle`. */
export interface Astray {
  /** Bindings and revocations of subkeys that may be by the primary key. */
  readonly signatures: readonly OpenpgpSignature[];
  /** Revocations that can't be read, as they stand. */
  readonly unreadRevocations: readonly Uint8Array[];
}

export interface SignedKey {
  readonly key: OpenpgpKey;
  /** Those that may be by the primary key. */
  readonly signatures: readonly OpenpgpSignature[];
  /** Revocations that name another key as their issuer. */
  readonly foreignRevocations: readonly OpenpgpSignature[];
  /** Types of the signatures that can't be read, whoever made them. */
  readonly unreadable: ReadonlySet<number>;
  /** The packets of those that are revocations, as they stand: other tools may read them. */
  readonly unreadRevocations: readonly Uint8Array[];
}

export interface SignedUserId {
  readonly bytes: Uint8Array;
  /** Those that may be by the primary key. */
  readonly signatures: readonly OpenpgpSignature[];
  /** Other people's certifications and their revocations. */
  readonly others: readonly OpenpgpSignature[];
  /** Revocations that can't be read, as they stand: other tools may read them. */
  readonly unreadRevocations: readonly Uint8Array[];
}

/**
 * gpg skips a longer user id with all that stands below it (`MAX_UID_PACKET_LENGTH`), and so do we: each of its
 * signatures is made over all of it. Attributes (photos) are longer; of those nothing is ever hashed.
 */
const MAX_USER_ID_BYTES = 2048;
/** Other people's, of one user id: well-known keys have some hundred; certifications beyond it are dropped, never revocations. */
const MAX_OTHERS = 4096;

/** Packet type ids, RFC 9580 section 5. */
export const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  subkey: 14,
  attribute: 17,
  padding: 21,
} as const;

/** Types from here on may be skipped by who does not know them (RFC 9580 section 4.3). */
const FIRST_NON_CRITICAL = 40;

/** Packets that say nothing, wherever they stand: RFC 9580 sections 5.8 and 5.14; gpg's own notes in copies of its keyring. */
export function isTelling({ tag }: Packet): boolean {
  return tag < FIRST_NON_CRITICAL && tag !== TAG.marker && tag !== TAG.padding && tag !== TAG.trust;
}

interface OpenKey {
  readonly key: OpenpgpKey;
  readonly signatures: OpenpgpSignature[];
  readonly foreignRevocations: OpenpgpSignature[];
  readonly unreadable: Set<number>;
  readonly unreadRevocations: Uint8Array[];
  /** Spellings of all signatures that were placed here: copies say a thing again and again. */
  readonly placed: Set<string>;
}

interface OpenAstray {
  readonly signatures: OpenpgpSignature[];
  readonly unreadRevocations: Uint8Array[];
  readonly placed: Set<string>;
}

interface OpenUserId {
  readonly bytes: Uint8Array;
  readonly signatures: OpenpgpSignature[];
  readonly others: OpenpgpSignature[];
  readonly unreadRevocations: Uint8Array[];
  readonly placed: Set<string>;
}

/** Where the next signature belongs; `nothing`: below something that has no part in our judgement. */
type Place = OpenKey | OpenUserId | 'nothing';

/**
 * Puts the telling packets of one certificate in their places, the primary key first; where that stands there again, a
 * further copy begins. A subkey or signature that can't be read is dropped, since it can't speak; a revocation that can't
 * be read is remembered as such. Linear in the packets.
 *
 * @throws Refusal for a primary key that can't be read, and for packets that have no place in a certificate
 */
export function placePackets(file: string, [first, ...rest]: readonly Packet[]): CertificatePackets {
  if (first?.tag !== TAG.publicKey) throw malformed('there is no primary key');
  const primary = openKey(parseOpenpgpKey(first.body));
  // A part that stands there twice is one: its revocation may follow either of them.
  const userIds = new Map<string, OpenUserId>();
  const subkeys = new Map<string, OpenKey | 'nothing'>();
  const astray: OpenAstray = { signatures: [], unreadRevocations: [], placed: new Set() };
  let place: Place = primary;
  for (const { tag, body } of rest) {
    switch (tag) {
      case TAG.signature:
        placeSignature(body, primary, astray, place);
        break;
      case TAG.publicKey:
        place = primary;
        break;
      case TAG.userId: {
        if (body.length > MAX_USER_ID_BYTES) {
          place = 'nothing';
          break;
        }
        const name = spelling(body);
        const userId = userIds.get(name) ?? openUserId(body);
        userIds.set(name, userId);
        place = userId;
        break;
      }
      case TAG.subkey: {
        const name = spelling(body);
        place = subkeys.get(name) ?? openSubkey(body, primary.key);
        subkeys.set(name, place);
        break;
      }
      case TAG.attribute:
        place = 'nothing';
        break;
      default:
        throw malformed(`a packet of type ${tag} has no place in a certificate`);
    }
  }
  const readableSubkeys = [...subkeys.values()].filter((subkey) => subkey !== 'nothing');
  return { file, primary, userIds: [...userIds.values()], subkeys: readableSubkeys, astray };
}

function openKey(key: OpenpgpKey): OpenKey {
  return {
    key,
    signatures: [],
    foreignRevocations: [],
    unreadable: new Set(),
    unreadRevocations: [],
    placed: new Set(),
  };
}

/** RFC 9580 section 10.1: keys of one certificate have one version. */
function openSubkey(body: Uint8Array, primary: OpenpgpKey): OpenKey | 'nothing' {
  const key = readable(() => parseOpenpgpKey(body));
  return key?.version === primary.version ? openKey(key) : 'nothing';
}

function openUserId(bytes: Uint8Array): OpenUserId {
  return { bytes, signatures: [], others: [], unreadRevocations: [], placed: new Set() };
}

/** What speaks of a key is heard wherever it stands; the rest where it belongs. */
function placeSignature(body: Uint8Array, primary: OpenKey, astray: OpenAstray, place: Place): void {
  const type = typeOf(body);
  const target = isOfPrimary(type) ? primary : place;
  const isAstray = isOfSubkey(type) && (place === 'nothing' || place === primary || !('key' in place));
  if (target === 'nothing' && !isAstray) return;
  const name = spelling(body);
  const { placed } = target === 'nothing' || isAstray ? astray : target;
  if (placed.has(name)) return;
  placed.add(name);
  const signature = readable(() => parseSignatureBody(body));
  if (isAstray && (signature === null || mayBeBy(primary.key, signature.issuer))) {
    if (signature !== null) astray.signatures.push(signature);
    else if (type === TYPE.subkeyRevocation) astray.unreadRevocations.push(body);
  } else if (target === 'nothing') {
    return;
  } else if (signature === null) {
    placeUnreadable(body, type, target);
  } else if (mayBeBy(primary.key, signature.issuer)) {
    target.signatures.push(signature);
  } else if ('key' in target) {
    if (isKeyRevocation(signature.type)) target.foreignRevocations.push(signature);
  } else if (signature.type === TYPE.certificationRevocation) {
    target.others.push(signature);
  } else if (CERTIFICATIONS.includes(signature.type)) {
    if (target.others.length < MAX_OTHERS) target.others.push(signature);
  }
}

function placeUnreadable(body: Uint8Array, type: number | undefined, target: OpenKey | OpenUserId): void {
  if (type === undefined) return;
  if ('key' in target) {
    target.unreadable.add(type);
    if (isKeyRevocation(type)) target.unreadRevocations.push(body);
  } else if (type === TYPE.certificationRevocation) {
    target.unreadRevocations.push(body);
  }
}

/** What is said of the primary key alone, wherever it stands. */
export function isOfPrimary(type: number | undefined): boolean {
  return type === TYPE.directKey || type === TYPE.keyRevocation;
}

function isOfSubkey(type: number | undefined): boolean {
  return type === TYPE.subkeyBinding || type === TYPE.subkeyRevocation;
}

function isKeyRevocation(type: number): boolean {
  return type === TYPE.keyRevocation || type === TYPE.subkeyRevocation;
}

/** Of a signature packet that need not be readable otherwise (RFC 9580 sections 5.2.2 and 5.2.3). */
export function typeOf(body: Uint8Array): number | undefined {
  return (body[0] ?? 0) < 4 ? body[2] : body[1];
}

/** A signature may leave open who made it; whoever it names, it counts only once it is verified. */
export function mayBeBy(key: OpenpgpKey, { fingerprint, keyId }: Issuer): boolean {
  if (fingerprint !== null) return fingerprint === key.fingerprint;
  return keyId === null || keyId === key.keyId;
}

export function hasUnreadableRevocation({ unreadable }: SignedKey): boolean {
  return unreadable.has(TYPE.keyRevocation) || unreadable.has(TYPE.subkeyRevocation);
}

/** Equal bytes, equal text. */
export function spelling(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function readable<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
