import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { isWeak } from '../signature/public-key.ts';
import { mayBeBy } from './certificate-packets.ts';
import type { CertificatePackets, SignedUserId } from './certificate-packets.ts';
import { collectInTurns } from './key-file.ts';
import { mayCertify, primaryStanding } from './key-standing.ts';
import type { KeyFile } from './keyring.ts';
import { acceptsHash } from './certified.ts';
import { certifyingKey, isBy } from './reference.ts';
import type { CertifyingKey, Openpgp } from './reference.ts';
import { verifySelfSignatures } from './self-signatures.ts';
import type { VerifiedCertificate } from './self-signatures.ts';
import { CERTIFICATIONS, TYPE } from './signature-type.ts';

/** Subpacket of RFC 9580 section 5.2.3.19: `0` for a certification that its maker keeps for themselves. */
const EXPORTABLE = 4;
/** Of one certificate by others of the keyring. Beyond it, a revocation could be hidden among many. */
const MAX_CERTIFICATIONS = 256;

/**
 * Which other certificates of a keyring certified a user id of a certificate (RFC 9580 section 5.2.1.5 to 5.2.1.8): primary
 * fingerprint → the primary fingerprints of its certifiers, in the keyring's order; those that nobody certified are left
 * out. Only verified certifications count, by keys in good standing, of names that the certificate itself holds, neither
 * revoked nor expired, with hashes as in self-signatures. A certificate with more than 256 of them is certified by nobody.
 *
 * @param at seconds since the epoch
 */
export async function certifiersOf(
  files: readonly KeyFile[],
  at: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { certificates } = await collectInTurns(files);
  if (certificates.length < 2) return new Map();
  const openpgp = await import('openpgp');
  const named: { readonly packets: CertificatePackets; readonly own: readonly SignedUserId[] }[] = [];
  const certifiers = new Map<string, CertifyingKey[]>();
  for (const packets of certificates) {
    const verified = await verifySelfSignatures(packets);
    named.push({ packets, own: packets.userIds.filter((_, index) => verified.ownUserIds[index] === true) });
    const by = canCertify(packets, verified, at) ? await certifyingKey(openpgp, packets.primary.key) : null;
    if (by !== null) certifiers.set(by.key.keyId, [...(certifiers.get(by.key.keyId) ?? []), by]);
  }
  const order = certificates.map(({ primary }) => primary.key.fingerprint);
  const found = new Map<string, readonly string[]>();
  for (const { packets, own } of named) {
    const by = await certifiedBy(openpgp, packets, own, certifiers, at);
    if (by.size > 0) {
      found.set(
        packets.primary.key.fingerprint,
        order.filter((fingerprint) => by.has(fingerprint)),
      );
    }
  }
  return found;
}

function canCertify(
  { primary: { key } }: CertificatePackets,
  verified: VerifiedCertificate,
  at: number,
): boolean {
  const { binding, expiresAt, revoked } = primaryStanding(key.createdAt, verified.primary);
  if (key.key === null || isWeak(key.key) || binding !== 'verified' || !mayCertify(verified.primary))
    return false;
  return revoked === null && (expiresAt === null || at < expiresAt);
}

async function certifiedBy(
  openpgp: Openpgp,
  { primary: { key } }: CertificatePackets,
  userIds: readonly SignedUserId[],
  certifiers: ReadonlyMap<string, readonly CertifyingKey[]>,
  at: number,
): Promise<ReadonlySet<string>> {
  const claims = userIds.map((userId) => claimsOn(userId, certifiers));
  const total = claims.flatMap((claim) => [...claim.values()]).reduce((sum, { length }) => sum + length, 0);
  const found = new Set<string>();
  if (total > MAX_CERTIFICATIONS) return found;
  for (const [index, { bytes }] of userIds.entries()) {
    for (const [by, signatures] of claims[index] ?? []) {
      if (found.has(by.key.fingerprint)) continue;
      const verified = [];
      for (const signature of signatures) {
        if (await isBy(openpgp, by, signature, { key, userId: bytes })) verified.push(signature);
      }
      if (isCertified(by.key, verified, at)) found.add(by.key.fingerprint);
    }
  }
  return found;
}

/** What the certifiers are said to have signed about a name. */
function claimsOn(
  { others }: SignedUserId,
  certifiers: ReadonlyMap<string, readonly CertifyingKey[]>,
): Map<CertifyingKey, OpenpgpSignature[]> {
  const claims = new Map<CertifyingKey, OpenpgpSignature[]>();
  for (const signature of others) {
    for (const by of certifiers.get(signature.issuer.keyId ?? '') ?? []) {
      if (!mayBeBy(by.key, signature.issuer)) continue;
      const known = claims.get(by);
      if (known === undefined) claims.set(by, [signature]);
      else known.push(signature);
    }
  }
  return claims;
}

/** The newest certification counts, if there is one; it must be newer than every revocation. */
function isCertified(by: OpenpgpKey, verified: readonly OpenpgpSignature[], at: number): boolean {
  const certifications = verified.filter((one) => CERTIFICATIONS.includes(one.type) && acceptsHash(one, by));
  const revocations = verified.filter(({ type }) => type === TYPE.certificationRevocation);
  const newest = latest(certifications);
  return (
    newest > latest(revocations) &&
    certifications
      .filter(({ createdAt }) => createdAt === newest)
      .every((one) => isExportable(one) && (one.expiresAt === null || at < one.expiresAt))
  );
}

function isExportable({ hashed }: OpenpgpSignature): boolean {
  return hashed.every(({ type, body }) => type !== EXPORTABLE || body[0] === 1);
}

function latest(signatures: readonly OpenpgpSignature[]): number {
  return signatures.reduce((time, { createdAt }) => Math.max(time, createdAt), -1);
}
