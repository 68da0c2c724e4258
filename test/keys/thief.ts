import { hashedKey, makeHandKey } from './hand-keys.ts';
import { FLAG, makeHandCertificate, selfSign } from './hand-certificates.ts';
import { HAND_TIME, packet, TAG } from './packets.ts';

/**
 * A certificate of mallory's, made by hand because no tool makes it: an Ed25519 primary key that claims `subkey`, the body
 * of somebody else's public subkey packet, as its own for signing. All of its signatures are right; what it can't have is
 * the subkey's back signature.
 */
export function stealSubkey(subkey: Uint8Array, createdAt = HAND_TIME): Uint8Array {
  const primary = makeHandKey('ed25519-legacy', { createdAt });
  const document = Buffer.concat([hashedKey(primary), hashedKey({ version: 4, body: Buffer.from(subkey) })]);
  return Buffer.concat([
    makeHandCertificate({
      primary,
      userIds: [{ text: 'mallory <mallory@example.org>', signatures: [{ createdAt }] }],
    }),
    packet(TAG.publicSubkey, subkey),
    selfSign(primary, document, { type: 0x18, flags: FLAG.sign, createdAt }),
  ]);
}
