import * as openpgp from 'openpgp';
import type { Key } from 'openpgp';

/** What openpgp.js says of a detached signature: by packet against key, and by its own high-level `verify`. */
export interface ReferenceAnswer {
  /** The signature packet verifies with the key packet that it names; no date, no certificate. */
  readonly packet: boolean;
  /** `verify` accepts it, told to refuse nothing that it knows and to judge by the time of the signature. */
  readonly verify: boolean;
}

/** As permissive as the library can be told to be: what is left is cryptography, and how a certificate hangs together. */
const PERMISSIVE = {
  ...openpgp.config,
  minRSABits: 1024,
  rejectHashAlgorithms: new Set<number>(),
  rejectMessageHashAlgorithms: new Set<number>(),
  rejectPublicKeyAlgorithms: new Set<number>(),
  rejectCurves: new Set<never>(),
  allowInsecureVerificationWithReformattedKeys: true,
} as const;

const NO: ReferenceAnswer = { packet: false, verify: false };

export async function referenceAnswer(
  armor: string,
  payload: Uint8Array,
  certificates: readonly Key[],
): Promise<ReferenceAnswer> {
  let signature;
  try {
    signature = await openpgp.readSignature({ armoredSignature: armor, config: PERMISSIVE });
  } catch {
    return NO;
  }
  const [packet, ...more] = signature.packets;
  if (packet === undefined || more.length > 0 || packet.created === null) return NO;
  const keyId = packet.issuerKeyID;
  const keys = certificates.flatMap((certificate) => certificate.getKeys(keyId));
  const message = await openpgp.createMessage({ binary: payload });
  const [document] = message.packets.filterByTag(openpgp.enums.packet.literalData);
  let byPacket = false;
  for (const { keyPacket } of keys) {
    // A certificate that was read has no secret keys: the narrower type says so.
    if (keyPacket instanceof openpgp.SecretSubkeyPacket || document === undefined) continue;
    byPacket ||= await verifiesByPacket(packet, keyPacket, document);
  }
  const options = { message, signature, verificationKeys: [...certificates], config: PERMISSIVE };
  return { packet: byPacket, verify: await verifies({ ...options, date: packet.created }) };
}

async function verifiesByPacket(
  packet: openpgp.SignaturePacket,
  key: Parameters<openpgp.SignaturePacket['verify']>[0],
  document: object,
): Promise<boolean> {
  if (packet.signatureType === null) return false;
  try {
    await packet.verify(key, packet.signatureType, document, packet.created ?? new Date(), true, PERMISSIVE);
    return true;
  } catch {
    return false;
  }
}

async function verifies(options: Parameters<typeof openpgp.verify>[0]): Promise<boolean> {
  try {
    const { signatures } = await openpgp.verify(options);
    return signatures.length === 1 && (await signatures[0]?.verified) === true;
  } catch {
    return false;
  }
}

/** Certificates that the library can read: it does not know all algorithms. */
export async function readCertificates(armored: readonly string[]): Promise<Key[]> {
  const read = armored.map(async (armoredKeys) => {
    try {
      return await openpgp.readKeys({ armoredKeys, config: PERMISSIVE });
    } catch {
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}
