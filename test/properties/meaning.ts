import { parseSignatureArmor } from '../../src/core/signature/armor.ts';
import { RSA } from '../../src/core/signature/openpgp-key.ts';
import { parseOnlySignature } from '../../src/core/signature/openpgp-signature.ts';
import type { Proof } from '../../src/core/signature/proof.ts';
import type { Specimen } from './specimen.ts';
import { must, same, Violation } from './violation.ts';

/**
 * What must hold of any proof over `payload`, whatever the armored signature is: it is good only if the specimens hold a
 * signature over that very payload, by the key that the proof names, with everything in it that a signature protects.
 */
export function checkProof(
  specimens: readonly Specimen[],
  payload: Buffer,
  armor: Buffer,
  proof: Proof,
): void {
  must(
    (proof.status === 'good') === (proof.reason === null),
    'a proof that is good for a reason, or not good for none',
  );
  if (proof.status !== 'good') return;
  const { key } = proof;
  if (key === null) throw new Violation('a good proof without a key');
  const signed = specimens.filter((one) => one.fingerprint === key.fingerprint && same(one.payload, payload));
  must(signed.length > 0, `a good proof of something that ${key.fingerprint} did not sign`);
  must(
    signed.some((one) => meansTheSame(one, armor)),
    `a good proof by ${key.fingerprint} of another signature than it made`,
  );
}

/** Armor, header and the unhashed area may differ, and how the length of an RSA number is stated; nothing else. */
function meansTheSame({ kind, signature }: Specimen, armor: Buffer): boolean {
  if (kind === 'ssh') return same(parseSignatureArmor(armor, 'SSH SIGNATURE'), signature);
  const made = parseOnlySignature(signature);
  const found = parseOnlySignature(parseSignatureArmor(armor, 'PGP SIGNATURE'));
  const value =
    made.algorithm === RSA ? (bytes: Uint8Array) => minimal(bytes.subarray(2)) : (bytes: Uint8Array) => bytes;
  return (
    same(made.hashedPart, found.hashedPart) &&
    same(made.salt, found.salt) &&
    same(made.quickCheck, found.quickCheck) &&
    same(value(made.value), value(found.value))
  );
}

function minimal(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(0, 0) : bytes.subarray(start);
}
