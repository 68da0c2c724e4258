import type { CertificatePackets, SignedKey } from '../identity/certificate-packets.ts';
import { TAG } from '../identity/certificate-packets.ts';
import { crc24 } from '../signature/crc24.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';

/**
 * The armored file of a certificate: keys, user ids, the self-signatures and revocations on them, those too that can't be
 * read, and those certifications by others that `keep` wants. Photos, trust packets and other people's signatures are left out. Every packet that is
 * kept keeps its bytes.
 */
export function encodeCertificate(
  { primary, userIds, subkeys }: CertificatePackets,
  keep: (certification: OpenpgpSignature) => boolean,
): Uint8Array {
  const packets: Uint8Array[] = [];
  const put = (tag: number, body: Uint8Array): void => void packets.push(encodePacket(tag, body));
  const putAll = (signatures: readonly OpenpgpSignature[]): void => {
    for (const { body } of signatures) put(TAG.signature, body);
  };
  put(TAG.publicKey, primary.key.body);
  const putKey = ({ signatures, foreignRevocations, unreadRevocations }: SignedKey): void => {
    for (const body of unreadRevocations) put(TAG.signature, body);
    putAll([...foreignRevocations, ...signatures]);
  };
  putKey(primary);
  for (const { bytes, signatures, others, unreadRevocations } of userIds) {
    put(TAG.userId, bytes);
    for (const body of unreadRevocations) put(TAG.signature, body);
    putAll([...signatures, ...others.filter(keep)]);
  }
  for (const subkey of subkeys) {
    put(TAG.subkey, subkey.key.body);
    putKey(subkey);
  }
  return armor(Buffer.concat(packets), primary.key.version === 4);
}

/** RFC 9580 section 4.2.1: the header of the newer format. */
function encodePacket(tag: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0xc0 | tag), encodeLength(body.length), body]);
}

function encodeLength(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  if (length < 8384) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 0xff);
  const long = Buffer.alloc(5, 0xff);
  long.writeUInt32BE(length, 1);
  return long;
}

/** RFC 9580 section 6.2. Its section 6.1 wants no checksum with version 6; older tools look for one with version 4. */
function armor(bytes: Uint8Array, checksum: boolean): Uint8Array {
  const base64 = Buffer.from(bytes).toString('base64');
  const lines = ['-----BEGIN PGP PUBLIC KEY BLOCK-----', ''];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  if (checksum) {
    const sum = Buffer.alloc(3);
    sum.writeUIntBE(crc24(bytes), 0, 3);
    lines.push(`=${sum.toString('base64')}`);
  }
  lines.push('-----END PGP PUBLIC KEY BLOCK-----', '');
  return Buffer.from(lines.join('\n'), 'latin1');
}
