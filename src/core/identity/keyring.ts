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

export interface Certificate {
  readonly file: string;
  /** Fingerprint of the primary key, upper-case hex, computed from its material. */
  readonly primary: string;
  /** Primary key first, then subkeys in the order of the file. */
  readonly keys: readonly CertificateKey[];
  readonly userIds: readonly string[];
}

export interface CertificateKey {
  readonly fingerprint: string;
  readonly primary: boolean;
  /** `rsa`, `ed25519`, `p256`, `p384`, `p521`; `openpgp-<id>` (RFC 9580 section 9.1) for what we don't verify. */
  readonly algorithm: string;
  /** Modulus or field size in bits; 0 for what we don't verify. */
  readonly bits: number;
  /** One spelling of the raw public key that is equal over all formats: `rsa:<n>:<e>`, `ed25519:<hex>`, `p256:<point>`. */
  readonly material: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly standing: KeyStanding;
}

/**
 * What the certificate's own, verified self-signatures say of a key (RFC 9580 section 5.2.3, 10.1). Signatures that do
 * not verify have no part in it.
 */
export interface KeyStanding {
  /** A verified binding (subkey) or self-certification or direct key signature (primary) exists. */
  readonly bound: boolean;
  /** The newest binding's key flags allow signing data. */
  readonly canSign: boolean;
  /** The signing subkey itself confirms the primary key by an embedded back signature; always true for a primary key. */
  readonly backSigned: boolean;
  /** Seconds since the epoch; the earlier of the key's own and its primary key's end. `null`: does not expire. */
  readonly expiresAt: number | null;
  /** `hard`: compromised or no reason given; `soft`: superseded, retired, no longer used. */
  readonly revoked: null | { readonly at: number; readonly kind: 'hard' | 'soft' };
}
