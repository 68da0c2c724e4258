import type { PublicKey } from './public-key.ts';

/** The OpenPGP keys that signatures are checked with, ready for node:crypto. Membership says nothing of standing. */
export interface VerificationKeys {
  /** Keys that a signature's issuer may mean, the likeliest owner first. */
  find(issuer: Issuer): readonly VerificationKey[];
}

/** What a signature says of its issuer, unverified, upper-case hex. */
export interface Issuer {
  readonly fingerprint: string | null;
  readonly keyId: string | null;
}

export interface VerificationKey {
  /** Upper-case hex; its length tells the key's version: 40 digits for 4, 64 for 6. */
  readonly fingerprint: string;
  /** Fingerprint of the primary key of its certificate. */
  readonly primary: string;
  /** OpenPGP public key algorithm id, RFC 9580 section 9.1. */
  readonly algorithm: number;
  /** `null`: an algorithm that we don't verify. */
  readonly key: PublicKey | null;
}

export const noKeys: VerificationKeys = { find: () => [] };
