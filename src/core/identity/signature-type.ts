/** Signature type ids of certificates, RFC 9580 section 5.2.1. */
export const TYPE = {
  subkeyBinding: 0x18,
  backSignature: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** Of a key and a user id: generic, persona, casual, positive. */
export const CERTIFICATIONS: readonly number[] = [0x10, 0x11, 0x12, 0x13];
