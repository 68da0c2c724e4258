/** The certificates of `.countersign/keys/` as plain data. Membership proves nothing: a policy's pins do. */
export interface Keyring {
  readonly certificates: readonly Certificate[];
  /** Files that hold no readable certificate, each with the reason. */
  readonly unreadable: readonly UnreadableKeyFile[];
}

export interface KeyFile {
  /** Path below `.countersign/keys/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface UnreadableKeyFile {
  readonly path: string;
  readonly reason: 'not-a-certificate' | 'private-key' | 'too-large' | 'unsupported-version';
}

/** A certificate as it stands in its file: fingerprints are computed, nothing is verified. */
export interface CertificateOutline {
  /** Of several copies of the certificate, the first one's file. */
  readonly file: string;
  /** Fingerprint of the primary key, upper-case hex, computed from its material. */
  readonly primary: string;
  /** Primary key first, then subkeys in the order of the file. */
  readonly keys: readonly OutlinedKey[];
  readonly userIds: readonly string[];
}

export interface OutlinedKey {
  readonly fingerprint: string;
  readonly primary: boolean;
  /**
   * `rsa`, `ed25519`, `ed448`, `p256`, `p384`, `p521`; `openpgp-<id>` (RFC 9580 section 9.1) for what we don't verify.
   */
  readonly algorithm: string;
  /** Modulus or field size in bits; 0 for what we don't verify. */
  readonly bits: number;
  /** One spelling of the raw public key that is equal over all formats: `rsa:<n>:<e>`, `ed25519:<hex>`, `p256:<point>`. */
  readonly material: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

export interface Certificate extends CertificateOutline {
  readonly keys: readonly CertificateKey[];
}

export interface CertificateKey extends OutlinedKey {
  readonly standing: KeyStanding;
}

/** Whether a signature that is asked for exists: `bad` where there are such, and none of them verifies. */
export type Found = 'verified' | 'bad' | 'missing';

/**
 * What the certificate's own, verified self-signatures say of a key (RFC 9580 section 5.2.3, 10.1). Signatures that do
 * not verify have no part in it.
 */
export interface KeyStanding {
  /**
   * The binding (subkey), or self-certification or direct key signature (primary). A subkey's is no better than its
   * primary key's.
   */
  readonly binding: Found;
  /** The newest binding's key flags allow signing data. */
  readonly canSign: boolean;
  /** The subkey itself confirms its primary key by an embedded back signature; always `verified` for a primary key. */
  readonly backSignature: Found;
  /** Seconds since the epoch; the earlier of the key's own and its primary key's end. `null`: does not expire. */
  readonly expiresAt: number | null;
  /** `hard`: compromised, no reason given, or a revocation that can't be read; `soft`: superseded, no longer used. */
  readonly revoked: null | { readonly at: number; readonly kind: 'hard' | 'soft' };
}
