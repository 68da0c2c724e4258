import type * as OpenpgpModule from 'openpgp';
import type { PublicKeyPacket } from 'openpgp';
import { mayBeBy } from './certificate-packets.ts';
import { readableHash } from './certified.ts';
import type { Certified, Checked } from './certified.ts';
import { hashedKey } from '../signature/openpgp-key.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';

/**
 * openpgp.js: what verifies the certifications that other people made, and the reference that our own verification of
 * self-signatures is held to by tests.
 */
export type Openpgp = typeof OpenpgpModule;

/** A key that the library can verify with. */
export interface CertifyingKey {
  readonly key: OpenpgpKey;
  readonly packet: PublicKeyPacket;
}

/** `null` where the library can't read the key, or reads it as another than we do. */
export async function certifyingKey(openpgp: Openpgp, key: OpenpgpKey): Promise<CertifyingKey | null> {
  const packet = new openpgp.PublicKeyPacket();
  try {
    await packet.read(key.body);
  } catch {
    return null;
  }
  return packet.getFingerprint().toUpperCase() === key.fingerprint ? { key, packet } : null;
}

/**
 * Checks a signature packet against a key packet, and nothing else: no date is looked at (openpgpjs issue 1800 is what
 * comes of judging both at once), and neither are flags. What it is made over is given to the library as the bytes that we
 * read: it would decode and encode them again, and so lose what is not UTF-8, and refuse subkeys that it can't use.
 */
export async function checkPacket(
  openpgp: Openpgp,
  { key, packet: signer }: CertifyingKey,
  signature: OpenpgpSignature,
  { key: own, subkey, userId }: Certified,
): Promise<Checked> {
  const { version, algorithm, issuer, createdAt } = signature;
  if (version !== key.version || algorithm !== key.algorithm || !mayBeBy(key, issuer)) return 'bad';
  if (readableHash(signature) === null) return 'unclear';
  const packet = new openpgp.SignaturePacket();
  try {
    packet.read(withoutHints(signature));
  } catch {
    return 'unclear';
  }
  if (packet.signatureType === null) return 'unclear';
  // Who is said to have signed was compared above, and may be left open.
  packet.issuerKeyID = signer.getKeyID();
  // The library refuses every signature that appoints a revoker. These bytes are hashed all the same.
  packet.revocationKeyClass = null;
  // At the date of the signature itself, so that the library judges nothing by date; and we judge the hash.
  const config = { ...openpgp.config, rejectHashAlgorithms: new Set<number>() };
  const data = {
    key: { writeForHash: () => hashedKey(own) },
    ...(subkey && { bind: { writeForHash: () => hashedKey(subkey) } }),
    ...(userId && { userID: { write: () => userId } }),
  };
  try {
    await packet.verify(signer, packet.signatureType, data, new Date(createdAt * 1000), false, config);
    return 'good';
  } catch {
    // The library has no codes for its errors. Whatever it was: nothing was verified.
    return 'bad';
  }
}

export async function isBy(...args: Parameters<typeof checkPacket>): Promise<boolean> {
  return (await checkPacket(...args)) === 'good';
}

/** The packet's body with an empty unhashed area: what anybody may have written there must not stop the library. */
function withoutHints({ version, hashedPart, quickCheck, salt, value }: OpenpgpSignature): Uint8Array {
  const salted = version === 6 ? [Uint8Array.of(salt.length), salt] : [];
  return Buffer.concat([hashedPart, Buffer.alloc(version === 6 ? 4 : 2), quickCheck, ...salted, value]);
}
