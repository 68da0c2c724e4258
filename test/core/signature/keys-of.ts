import { parseArmorBlocks } from '../../../src/core/signature/armor.ts';
import { parseOpenpgpKey } from '../../../src/core/signature/openpgp-key.ts';
import { parsePackets } from '../../../src/core/signature/openpgp-packet.ts';
import type { VerificationKey, VerificationKeys } from '../../../src/core/signature/verification-keys.ts';

const KEYS = [6, 14];

/**
 * All keys of some certificates, armored or binary, to verify signatures with: without `identity`, which judges who may
 * speak. A signature that names a fingerprint finds that key, one that names a key id all keys that have it.
 */
export function keysOf(...certificates: readonly Uint8Array[]): VerificationKeys {
  const named = certificates.flatMap((certificate) => {
    const binary = ((certificate[0] ?? 0) & 0x80) !== 0;
    const bytes = binary ? certificate : Buffer.concat(parseArmorBlocks(certificate, 'PGP PUBLIC KEY BLOCK'));
    const keys = parsePackets(bytes)
      .filter(({ tag }) => KEYS.includes(tag))
      .map(({ body }) => parseOpenpgpKey(body));
    const primary = keys[0]?.fingerprint ?? '';
    return keys.map(({ fingerprint, keyId, algorithm, key }) => {
      const found: VerificationKey = { fingerprint, primary, algorithm, key };
      return { keyId, found };
    });
  });
  return {
    find: (issuer) =>
      named
        .filter(({ keyId, found }) =>
          issuer.fingerprint === null ? keyId === issuer.keyId : found.fingerprint === issuer.fingerprint,
        )
        .map(({ found }) => found),
  };
}
