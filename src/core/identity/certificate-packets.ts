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
}

export interface SignedKey {
  readonly key: OpenpgpKey;
  /** Those that may be by the primary key. */
  readonly signatures: readonly OpenpgpSignature[];
  /** Revocations that name another key as their issuer. */
  readonly foreignRevocations: readonly OpenpgpSignature[];
  /** Types of the signatures that can't be read, whoever made them. */
  readonly unreadable: ReadonlySet<number>;
}

export interface SignedUserId {
  readonly bytes: Uint8Array;
  /** Those that may be by the primary key. */
  readonly signatures: readonly OpenpgpSignature[];
  /** Other people's certifications and their revocations. */
  readonly others: readonly OpenpgpSignature[];
}

const MAX_KEYS = 64;
const MAX_USER_IDS = 256;
/** Those of one certificate; far above any real one without other people's certifications, which are not counted. */
const MAX_SIGNATURES = 512;
/** Other people's, of one user id: well-known keys have some hundred; what lies beyond is dropped. */
export const MAX_OTHERS = 4096;

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
}

interface OpenUserId {
  readonly bytes: Uint8Array;
  readonly signatures: OpenpgpSignature[];
  readonly others: OpenpgpSignature[];
}

/** Where the next signature belongs; `nothing`: below something that has no part in our judgement. */
type Place = OpenKey | OpenUserId | 'nothing';

/**
 * Puts the telling packets of one certificate in their places, the primary key first. A subkey or signature that can't be read is
 * dropped, since it can't speak; a revocation that can't be read is remembered as such.
 *
 * @throws Refusal for a primary key that can't be read, and for packets that have no place in a certificate
 */
export function placePackets(file: string, [first, ...rest]: readonly Packet[]): CertificatePackets {
  if (first?.tag !== TAG.publicKey) throw malformed('there is no primary key');
  const primary = openKey(parseOpenpgpKey(first.body));
  // A part that stands there twice is one: its revocation may follow either of them.
  const userIds = new Map<string, OpenUserId>();
  const subkeys = new Map<string, OpenKey>();
  let place: Place = primary;
  for (const { tag, body } of rest) {
    switch (tag) {
      case TAG.signature:
        placeSignature(body, primary, place);
        break;
      case TAG.userId: {
        const userId = userIds.get(spelling(body)) ?? { bytes: body, signatures: [], others: [] };
        userIds.set(spelling(body), userId);
        place = userId;
        break;
      }
      case TAG.subkey: {
        const key = readable(() => parseOpenpgpKey(body));
        // RFC 9580 section 10.1: keys of one certificate have one version.
        if (key?.version !== primary.key.version) {
          place = 'nothing';
          break;
        }
        const subkey = subkeys.get(key.fingerprint) ?? openKey(key);
        subkeys.set(key.fingerprint, subkey);
        place = subkey;
        break;
      }
      case TAG.attribute:
        place = 'nothing';
        break;
      default:
        throw malformed(`a packet of type ${tag} has no place in a certificate`);
    }
  }
  return { file, primary, userIds: [...userIds.values()], subkeys: [...subkeys.values()] };
}

function openKey(key: OpenpgpKey): OpenKey {
  return { key, signatures: [], foreignRevocations: [], unreadable: new Set() };
}

/** What speaks of the primary key alone is heard wherever it stands; the rest where it belongs. */
function placeSignature(body: Uint8Array, primary: OpenKey, place: Place): void {
  const signature = readable(() => parseSignatureBody(body));
  if (signature === null) {
    const type = typeOf(body);
    const speaksOf = isOfPrimary(type) ? primary : place;
    if (type !== undefined && speaksOf !== 'nothing' && 'key' in speaksOf) speaksOf.unreadable.add(type);
    return;
  }
  const target = isOfPrimary(signature.type) ? primary : place;
  if (target === 'nothing') return;
  if (mayBeBy(primary.key, signature.issuer)) {
    target.signatures.push(signature);
  } else if ('key' in target) {
    if (isKeyRevocation(signature)) target.foreignRevocations.push(signature);
  } else if (CERTIFICATIONS.includes(signature.type) || signature.type === TYPE.certificationRevocation) {
    if (target.others.length < MAX_OTHERS) target.others.push(signature);
  }
}

function isOfPrimary(type: number | undefined): boolean {
  return type === TYPE.directKey || type === TYPE.keyRevocation;
}

function isKeyRevocation({ type }: OpenpgpSignature): boolean {
  return type === TYPE.keyRevocation || type === TYPE.subkeyRevocation;
}

/** Of a signature packet that can't be read otherwise (RFC 9580 sections 5.2.2 and 5.2.3). */
function typeOf(body: Uint8Array): number | undefined {
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

/** Bounds what verifying a certificate costs. */
export function isTooLarge(certificate: CertificatePackets): boolean {
  const { userIds, subkeys } = certificate;
  const signatures = countSignatures(certificate);
  return 1 + subkeys.length > MAX_KEYS || userIds.length > MAX_USER_IDS || signatures > MAX_SIGNATURES;
}

/** Those that have a part in our judgement. */
export function countSignatures({ primary, userIds, subkeys }: CertificatePackets): number {
  const own = [primary, ...userIds, ...subkeys].reduce((sum, part) => sum + part.signatures.length, 0);
  return [primary, ...subkeys].reduce((sum, part) => sum + part.foreignRevocations.length, own);
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
