import { parseArmorBlocks } from '../signature/armor.ts';
import { parseOpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import { parsePackets } from '../signature/openpgp-packet.ts';
import type { Packet } from '../signature/openpgp-packet.ts';
import { parseSignatureBody } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { Refusal } from '../signature/refusal.ts';
import type { KeyFile, UnreadableKeyFile } from './keyring.ts';

/** A certificate's packets put in their places (RFC 9580 section 10.1). Nothing is verified yet. */
export interface CertificatePackets {
  readonly file: string;
  readonly primary: SignedKey;
  readonly userIds: readonly SignedUserId[];
  readonly subkeys: readonly SignedKey[];
}

export interface SignedKey {
  readonly key: OpenpgpKey;
  readonly signatures: OpenpgpSignature[];
}

export interface SignedUserId {
  readonly bytes: Uint8Array;
  readonly signatures: OpenpgpSignature[];
}

export type ParsedKeyFile =
  | { readonly ok: true; readonly certificates: readonly CertificatePackets[] }
  | { readonly ok: false; readonly reason: UnreadableKeyFile['reason'] };

export const MAX_KEY_FILE_BYTES = 1 << 20;
const MAX_KEYS = 64;
const MAX_USER_IDS = 256;
/** Those of one certificate; far above any real one without other people's certifications, which are not counted. */
const MAX_SIGNATURES = 512;

const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  userId: 13,
  subkey: 14,
  attribute: 17,
};

/**
 * Reads the certificates of one file, armored or binary. A file is taken whole or not at all, so that nobody is left with
 * half of what an admin put there; a subkey or signature inside that can't be read is dropped, since it can't speak.
 */
export function parseKeyFile({ path, bytes }: KeyFile): ParsedKeyFile {
  if (bytes.length > MAX_KEY_FILE_BYTES) return { ok: false, reason: 'too-large' };
  try {
    const packets = parsePackets(isBinary(bytes) ? bytes : dearmor(bytes));
    if (packets.some(({ tag }) => tag === TAG.secretKey || tag === TAG.secretSubkey)) {
      return { ok: false, reason: 'private-key' };
    }
    const starts = packets.flatMap(({ tag }, index) => (tag === TAG.publicKey ? [index] : []));
    if (starts[0] !== 0) return { ok: false, reason: 'not-a-certificate' };
    const groups = starts.map((start, index) => packets.slice(start, starts[index + 1]));
    if (groups.some(([primary]) => primary?.body[0] !== 4))
      return { ok: false, reason: 'unsupported-version' };
    const certificates = groups.map((group) => placePackets(path, group));
    return certificates.some(isTooLarge) ? { ok: false, reason: 'too-large' } : { ok: true, certificates };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, reason: isPrivate(bytes) ? 'private-key' : 'not-a-certificate' };
  }
}

/** One certificate of several copies of it: what any of them says is heard, revocations above all. */
export function mergeCertificates(copies: readonly CertificatePackets[]): CertificatePackets[] {
  const merged = new Map<string, CertificatePackets>();
  for (const copy of copies) {
    const fingerprint = copy.primary.key.fingerprint;
    const known = merged.get(fingerprint);
    merged.set(fingerprint, known === undefined ? copy : mergeTwo(known, copy));
  }
  return [...merged.values()];
}

function mergeTwo(a: CertificatePackets, b: CertificatePackets): CertificatePackets {
  const subkeys = new Map<string, SignedKey>();
  for (const { key, signatures } of [...a.subkeys, ...b.subkeys]) {
    const known = subkeys.get(key.fingerprint)?.signatures ?? [];
    subkeys.set(key.fingerprint, { key, signatures: [...known, ...signatures] });
  }
  return {
    file: a.file,
    primary: { key: a.primary.key, signatures: [...a.primary.signatures, ...b.primary.signatures] },
    userIds: [...a.userIds, ...b.userIds],
    subkeys: [...subkeys.values()],
  };
}

function placePackets(file: string, [first, ...rest]: readonly Packet[]): CertificatePackets {
  if (first === undefined) throw new Refusal('signature-malformed', 'there is no primary key');
  const primary: SignedKey = { key: parseOpenpgpKey(first.body), signatures: [] };
  const userIds: SignedUserId[] = [];
  const subkeys: SignedKey[] = [];
  // Where the next signature belongs; null: below something that has no part in our judgement.
  let place: OpenpgpSignature[] | null = primary.signatures;
  for (const { tag, body } of rest) {
    if (tag === TAG.signature) {
      const signature = place === null ? null : readable(() => parseSignatureBody(body));
      if (signature !== null && mayBeBy(primary.key, signature)) place?.push(signature);
    } else if (tag === TAG.userId) {
      place = [];
      userIds.push({ bytes: body, signatures: place });
    } else if (tag === TAG.subkey) {
      const key = readable(() => parseOpenpgpKey(body));
      place = key === null ? null : [];
      if (key !== null && place !== null) subkeys.push({ key, signatures: place });
    } else if (tag === TAG.attribute) {
      place = null;
    }
  }
  return { file, primary, userIds, subkeys };
}

/** Other people's certifications have no part in our judgement. */
function mayBeBy(primary: OpenpgpKey, { issuer }: OpenpgpSignature): boolean {
  return issuer.keyId === primary.fingerprint.slice(-16);
}

/** Bounds what verifying a certificate costs. */
export function isTooLarge({ primary, userIds, subkeys }: CertificatePackets): boolean {
  const signatures = [primary, ...userIds, ...subkeys].reduce((sum, part) => sum + part.signatures.length, 0);
  return 1 + subkeys.length > MAX_KEYS || userIds.length > MAX_USER_IDS || signatures > MAX_SIGNATURES;
}

/** Binary packets start with bit 7 set, which armor, being ASCII, never has. */
function isBinary(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0;
}

function dearmor(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(parseArmorBlocks(bytes, 'PGP PUBLIC KEY BLOCK'));
}

function isPrivate(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('-----BEGIN PGP PRIVATE KEY BLOCK-----');
}

function readable<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
