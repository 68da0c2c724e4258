import type * as OpenpgpModule from 'openpgp';
import type { PublicKeyPacket, PublicSubkeyPacket } from 'openpgp';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import { parseSignatureBody, SUBPACKET } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { Refusal } from '../signature/refusal.ts';
import type { CertificatePackets, SignedKey } from './certificate-packets.ts';

/** The self-signatures on one key that its primary key really made, as yet unjudged. */
export interface VerifiedSelfSignatures {
  /** Subkey bindings; for a primary key its certifications of user ids and direct key signatures. */
  readonly bindings: readonly OpenpgpSignature[];
  readonly revocations: readonly OpenpgpSignature[];
  /** The key itself confirms the primary key in one of its bindings; always true for a primary key. */
  readonly backSigned: boolean;
}

type Openpgp = typeof OpenpgpModule;
type KeyPacket = PublicKeyPacket | PublicSubkeyPacket;

/** RFC 9580 section 5.2.1. */
const TYPE = {
  certifications: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  backSignature: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
};
const SHA1 = 2;
const STRONG_HASHES = [8, 9, 10, 11];
/** 2023-02-01T00:00:00Z */
const SHA1_END = 1_675_209_600;
const MAX_BACK_SIGNATURES = 4;
const NONE: VerifiedSelfSignatures = { bindings: [], revocations: [], backSigned: false };

/**
 * Verifies all self-signatures of a certificate, the primary key's first, then those of the subkeys in their order, by the
 * signature packet against the key packet. No date is looked at: what prolonged a key later is as valid as what it replaced
 * (openpgpjs issue 1800 is what comes of judging both at once). Revoked user ids are not looked at either: names have no
 * part in our judgement. A key that names a designated revoker is refused by the library and stays unbound.
 */
export async function verifySelfSignatures(
  openpgp: Openpgp,
  { primary, userIds, subkeys }: CertificatePackets,
): Promise<VerifiedSelfSignatures[]> {
  const primaryPacket = await keyPacket(new openpgp.PublicKeyPacket(), primary.key);
  if (primaryPacket === null) return [NONE, ...subkeys.map(() => NONE)];
  const by = (signature: OpenpgpSignature, data: object) => isBy(openpgp, primaryPacket, signature, data);

  const bindings: OpenpgpSignature[] = [];
  const revocations: OpenpgpSignature[] = [];
  for (const signature of primary.signatures) {
    if (
      signature.type === TYPE.directKey &&
      acceptsHash(signature) &&
      (await by(signature, { key: primaryPacket }))
    ) {
      bindings.push(signature);
    }
    if (signature.type === TYPE.keyRevocation && (await by(signature, { key: primaryPacket }))) {
      revocations.push(signature);
    }
  }
  for (const { bytes, signatures } of userIds) {
    // The bytes as they stand: the library would decode and encode them, and so lose what is not UTF-8.
    const data = { key: primaryPacket, userID: { write: () => bytes } };
    for (const signature of signatures) {
      if (!TYPE.certifications.includes(signature.type) || !acceptsHash(signature)) continue;
      if (await by(signature, data)) bindings.push(signature);
    }
  }
  const all: VerifiedSelfSignatures[] = [{ bindings, revocations, backSigned: true }];
  for (const subkey of subkeys) all.push(await verifySubkey(openpgp, primaryPacket, subkey));
  return all;
}

async function verifySubkey(
  openpgp: Openpgp,
  primary: KeyPacket,
  { key, signatures }: SignedKey,
): Promise<VerifiedSelfSignatures> {
  const subkey = await keyPacket(new openpgp.PublicSubkeyPacket(), key);
  if (subkey === null) return NONE;
  const data = { key: primary, bind: subkey };
  const bindings: OpenpgpSignature[] = [];
  const revocations: OpenpgpSignature[] = [];
  let backSigned = false;
  for (const signature of signatures) {
    if (signature.type === TYPE.subkeyRevocation && (await isBy(openpgp, primary, signature, data))) {
      revocations.push(signature);
    }
    if (signature.type !== TYPE.subkeyBinding || !acceptsHash(signature)) continue;
    if (!(await isBy(openpgp, primary, signature, data))) continue;
    bindings.push(signature);
    for (const inner of embeddedIn(signature)) {
      backSigned ||=
        inner.type === TYPE.backSignature && acceptsHash(inner) && (await isBy(openpgp, subkey, inner, data));
    }
  }
  return { bindings, revocations, backSigned };
}

/** May stand in either area, since it proves itself (RFC 9580 section 5.2.3.34). */
function embeddedIn({ hashed, unhashed }: OpenpgpSignature): OpenpgpSignature[] {
  return [...hashed, ...unhashed]
    .filter(({ type }) => type === SUBPACKET.embeddedSignature)
    .slice(0, MAX_BACK_SIGNATURES)
    .flatMap(({ body }) => {
      try {
        return [parseSignatureBody(body)];
      } catch (error) {
        if (error instanceof Refusal) return [];
        throw error;
      }
    });
}

/**
 * SHA-1 counts in self-signatures said to be made before February 2023, since old certificates that are still in use have
 * nothing else; MD5 and RIPEMD-160 never. RFC 9580 section 9.5 allows old signatures whose custody is known: the keyring
 * changes only with the governance quorum, and forging a self-signature takes a second preimage unless its owner signs
 * what an attacker prepared. Revocations are heard with SHA-1 of any date: erring there only takes power away.
 */
function acceptsHash({ hash, createdAt }: OpenpgpSignature): boolean {
  return STRONG_HASHES.includes(hash) || (hash === SHA1 && createdAt < SHA1_END);
}

async function isBy(
  openpgp: Openpgp,
  signer: KeyPacket,
  { body, hash, createdAt }: OpenpgpSignature,
  data: object,
): Promise<boolean> {
  if (hash !== SHA1 && !STRONG_HASHES.includes(hash)) return false;
  // At the date of the signature itself, so that the library judges nothing by date; and we judge the hash.
  const config = { ...openpgp.config, rejectHashAlgorithms: new Set<number>() };
  try {
    const packet = new openpgp.SignaturePacket();
    packet.read(body);
    if (packet.signatureType === null) return false;
    await packet.verify(signer, packet.signatureType, data, new Date(createdAt * 1000), false, config);
    return true;
  } catch {
    // The library has no codes for its errors. Whatever it was: nothing was verified.
    return false;
  }
}

/** `null` where the library can't read the key, or reads it as another than we do. */
async function keyPacket<Packet extends KeyPacket>(packet: Packet, key: OpenpgpKey): Promise<Packet | null> {
  try {
    await packet.read(key.body);
  } catch {
    return null;
  }
  return packet.getFingerprint().toUpperCase() === key.fingerprint ? packet : null;
}
