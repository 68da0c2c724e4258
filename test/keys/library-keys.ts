import { createMessage, generateKey, sign } from 'openpgp';
import type { PublicKey } from 'openpgp';

/** A key that openpgp.js made, for what gpg 2.2 can't make: version 6, and algorithms 27 and 28 of RFC 9580. */
export interface LibraryKey {
  /** Of the primary key, upper-case hex; 64 digits of a v6 key. */
  readonly fingerprint: string;
  /** All keys of the certificate, primary first. */
  readonly fingerprints: readonly string[];
  /** Armored. */
  readonly certificate: string;
  readonly publicKey: PublicKey;
  /** Armored detached signature, by the newest signing subkey where there is one. */
  sign(bytes: Uint8Array): Promise<string>;
}

export interface LibraryKeyOptions {
  readonly version: 4 | 6;
  readonly type: 'curve25519' | 'curve448' | 'rsa' | 'ecc';
  /** For `ecc`. */
  readonly curve?: 'nistP256' | 'nistP384' | 'nistP521' | 'ed25519Legacy';
  /** Default: none, so that the primary key signs. */
  readonly signingSubkey?: boolean;
  /** Default: an hour ago, so that nobody's clock is before it. */
  readonly at?: Date;
}

export async function makeLibraryKey(options: LibraryKeyOptions): Promise<LibraryKey> {
  const { version, type, curve, signingSubkey = false, at = new Date(Date.now() - 3_600_000) } = options;
  const { publicKey, privateKey } = await generateKey({
    userIDs: [{ name: 'alice', email: 'alice@example.org' }],
    type,
    ...(curve === undefined ? {} : { curve }),
    rsaBits: 2048,
    subkeys: signingSubkey ? [{ sign: true }] : [],
    date: at,
    config: { v6Keys: version === 6 },
    format: 'object',
  });
  const fingerprints = publicKey.getKeys().map((key) => key.getFingerprint().toUpperCase());
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    fingerprints,
    certificate: publicKey.armor(),
    publicKey,
    async sign(bytes) {
      const message = await createMessage({ binary: bytes });
      const armor: unknown = await sign({ message, signingKeys: privateKey, detached: true });
      if (typeof armor !== 'string') throw new Error('no armor');
      return armor;
    },
  };
}
