/** What cryptography alone says of a signature. Who may speak is another question: see `identity/standing`. */
export type ProofStatus = 'good' | 'bad' | 'unknown-key' | 'unsupported' | 'malformed' | 'unsigned';

export type SignatureKind = 'openpgp' | 'ssh' | 'x509' | 'none';

/** Why a signature is not good. Each has an entry in the catalogue of findings. */
export type ProofReason =
  | 'unsigned'
  | 'x509-unsupported'
  | 'signature-malformed'
  | 'signature-bad'
  | 'key-unknown'
  | 'several-signatures'
  | 'text-mode-signature'
  | 'wrong-signature-type'
  | 'weak-hash'
  | 'weak-key'
  | 'algorithm-unsupported'
  | 'version-unsupported'
  | 'dsa-refused'
  | 'wrong-namespace'
  | 'ssh-certificate'
  | 'trailing-bytes';

/** The key whose material verified the signature, named by what was computed from that material. */
export type SignerKey =
  | {
      readonly kind: 'openpgp';
      /** Fingerprint of the (sub)key that signed, upper-case hex. */
      readonly fingerprint: string;
      /** Fingerprint of the primary key of its certificate, upper-case hex: what a policy pins. */
      readonly primary: string;
    }
  | {
      readonly kind: 'ssh';
      /** Key type as in the first field of the key, `ssh-ed25519` and the like. */
      readonly type: string;
      /** The whole public key, base64 as in an `authorized_keys` line. */
      readonly blob: string;
      /** `SHA256:` and unpadded base64, as ssh-keygen prints it. */
      readonly fingerprint: string;
    };

/** The flags byte of an sk signature, which the authenticator itself signed (PROTOCOL.u2f). */
export interface Presence {
  readonly touched: boolean;
  readonly verified: boolean;
}

export interface Proof {
  readonly kind: SignatureKind;
  readonly status: ProofStatus;
  /** `null` exactly when `status` is `good`. */
  readonly reason: ProofReason | null;
  /** Set when `status` is `good`; for other statuses only where the signature itself names the key. */
  readonly key: SignerKey | null;
  /** For an unknown OpenPGP key: what the signature says of its issuer (fingerprint or key id), unverified. */
  readonly issuer: string | null;
  /** `null` for anything but an sk key. */
  readonly presence: Presence | null;
  /** When the signature says that it was made, seconds since the epoch, chosen by the signer; `null` for SSH. */
  readonly claimedAt: number | null;
  /** When the OpenPGP signature says of itself that it ends, seconds since the epoch; `null`: never, or it does not say. */
  readonly expiresAt: number | null;
}
