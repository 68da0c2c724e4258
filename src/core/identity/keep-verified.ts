import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import type { CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';
import { checkCertified, checkClaim } from './certified.ts';
import type { Certified } from './certified.ts';
import { settle } from './settle.ts';
import { isAppointedRevoker, isByNonetheless, revokersOf } from './self-signatures.ts';
import { CERTIFICATIONS, TYPE } from './signature-type.ts';

/**
 * What of a certificate its owner really signed: of what anybody may have put beside it nothing is left. Names and subkeys
 * go that no verified signature claims. Revocations stay where nobody can tell whether they are ones; those in a
 * stranger's name go, unless the certificate appointed that stranger. Other people's certifications are not looked at. A
 * certificate whose algorithm we don't verify stays as it is.
 */
export async function keepVerified(unsettled: CertificatePackets): Promise<CertificatePackets> {
  const by = unsettled.primary.key;
  if (by.key === null) return unsettled;
  // All are tried: what nobody signed must not stay because there is much of it.
  const packets = await settle(unsettled, Infinity);
  const userIds: SignedUserId[] = [];
  for (const userId of packets.userIds) {
    const signatures = await signed(by, userId.signatures, { key: by, userId: userId.bytes });
    if (signatures.length > 0 || userId.unreadRevocations.length > 0) userIds.push({ ...userId, signatures });
  }
  const direct = await signed(by, packets.primary.signatures, { key: by });
  const revokers = revokersOf([...direct, ...userIds.flatMap(({ signatures }) => signatures)]);
  const subkeys: SignedKey[] = [];
  for (const subkey of packets.subkeys) {
    const over = { key: by, subkey: subkey.key };
    const signatures = await signed(by, subkey.signatures, over);
    if (!signatures.some(({ type }) => type === TYPE.subkeyBinding)) continue;
    const foreignRevocations = await foreign(by, subkey, over, revokers);
    subkeys.push({ ...subkey, signatures, foreignRevocations });
  }
  const foreignRevocations = await foreign(by, packets.primary, { key: by }, revokers);
  return {
    ...packets,
    primary: { ...packets.primary, signatures: direct, foreignRevocations },
    userIds,
    subkeys,
  };
}

async function signed(
  by: OpenpgpKey,
  signatures: readonly OpenpgpSignature[],
  over: Certified,
): Promise<OpenpgpSignature[]> {
  const [claims, revocation]: readonly [readonly number[], number] = over.userId
    ? [CERTIFICATIONS, TYPE.certificationRevocation]
    : over.subkey
      ? [[TYPE.subkeyBinding], TYPE.subkeyRevocation]
      : [[TYPE.directKey], TYPE.keyRevocation];
  const kept: OpenpgpSignature[] = [];
  for (const signature of signatures) {
    const revokes = signature.type === revocation;
    if (!revokes && !claims.includes(signature.type)) continue;
    const isBad = revokes
      ? (await checkCertified(by, signature, over)) === 'bad'
      : (await checkClaim(by, signature, over)) === 'bad';
    if (!isBad) kept.push(signature);
  }
  return kept;
}

async function foreign(
  by: OpenpgpKey,
  { foreignRevocations }: SignedKey,
  over: Certified,
  revokers: ReadonlySet<string>,
): Promise<OpenpgpSignature[]> {
  const kept: OpenpgpSignature[] = [];
  for (const signature of foreignRevocations) {
    if (isAppointedRevoker(signature, revokers) || (await isByNonetheless(by, signature, over)))
      kept.push(signature);
  }
  return kept;
}
