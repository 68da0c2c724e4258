import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { MAX_OTHERS, spelling } from './certificate-packets.ts';
import type { CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';

/** What any of two copies of one certificate says is heard, revocations above all. */
export function mergeCopies(a: CertificatePackets, b: CertificatePackets): CertificatePackets {
  const subkeys = new Map(a.subkeys.map((subkey) => [subkey.key.fingerprint, subkey]));
  for (const subkey of b.subkeys) {
    const known = subkeys.get(subkey.key.fingerprint);
    subkeys.set(subkey.key.fingerprint, known === undefined ? subkey : mergeKeys(known, subkey));
  }
  const userIds = new Map(a.userIds.map((userId) => [spelling(userId.bytes), userId]));
  for (const userId of b.userIds) {
    const known = userIds.get(spelling(userId.bytes));
    userIds.set(spelling(userId.bytes), known === undefined ? userId : mergeUserIds(known, userId));
  }
  return {
    file: a.file,
    primary: mergeKeys(a.primary, b.primary),
    userIds: [...userIds.values()],
    subkeys: [...subkeys.values()],
  };
}

function mergeKeys(a: SignedKey, b: SignedKey): SignedKey {
  return {
    key: a.key,
    signatures: union(a.signatures, b.signatures),
    foreignRevocations: union(a.foreignRevocations, b.foreignRevocations),
    unreadable: new Set([...a.unreadable, ...b.unreadable]),
  };
}

function mergeUserIds(a: SignedUserId, b: SignedUserId): SignedUserId {
  return {
    bytes: a.bytes,
    signatures: union(a.signatures, b.signatures),
    others: union(a.others, b.others).slice(0, MAX_OTHERS),
  };
}

function union(a: readonly OpenpgpSignature[], b: readonly OpenpgpSignature[]): OpenpgpSignature[] {
  return [...new Map([...a, ...b].map((signature) => [spelling(signature.body), signature])).values()];
}
