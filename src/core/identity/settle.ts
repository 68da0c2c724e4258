import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import type { CertificatePackets, SignedKey } from './certificate-packets.ts';
import { MAX_MISPLACED } from './certificate-weight.ts';
import { checkCertified, isForetold } from './certified.ts';
import { TYPE } from './signature-type.ts';

/** What is not of the subkey that it stands below, if it stands below one. */
interface Misplaced {
  readonly signature: OpenpgpSignature;
  readonly below: SignedKey | null;
}

/**
 * Puts bindings and revocations of subkeys that stand below another key or name where they verify: keyservers have mixed
 * up packets, and gpg puts them right. A revocation that is none of the subkeys' is forgotten; one of which nobody can say
 * whose it is counts for all of them, as do those beyond what is tried.
 *
 * @param most of each type that are tried with every subkey
 */
export async function settle(packets: CertificatePackets, most = MAX_MISPLACED): Promise<CertificatePackets> {
  const { primary, subkeys, astray } = packets;
  const by = primary.key;
  if (by.key === null || subkeys.length === 0) return packets;
  const misplaced = [
    ...astray.signatures.map((signature) => ({ signature, below: null })),
    ...(await misplacedAmong(packets)),
  ];
  if (misplaced.length === 0 && astray.unreadRevocations.length === 0) return packets;
  const found = new Map<SignedKey, OpenpgpSignature[]>();
  const unclear = [...astray.unreadRevocations];
  for (const type of [TYPE.subkeyRevocation, TYPE.subkeyBinding]) {
    const ofType = misplaced.filter(({ signature }) => signature.type === type);
    for (const [index, { signature, below }] of ofType.entries()) {
      const owner = index < most ? await ownerOf(packets, signature, below) : 'unclear';
      if (owner === 'unclear') {
        if (type === TYPE.subkeyRevocation) unclear.push(signature.body);
      } else if (owner !== null) {
        found.set(owner, [...(found.get(owner) ?? []), signature]);
      }
    }
  }
  return {
    ...packets,
    subkeys: subkeys.map((subkey) => ({
      ...subkey,
      signatures: [...subkey.signatures, ...(found.get(subkey) ?? [])],
      unreadable:
        unclear.length > 0 ? new Set([...subkey.unreadable, TYPE.subkeyRevocation]) : subkey.unreadable,
      unreadRevocations: [...subkey.unreadRevocations, ...unclear],
    })),
    astray: { signatures: [], unreadRevocations: [] },
  };
}

/** Of bindings only those with another hash than they foretell: that costs little, and nobody gains by hiding one. */
async function misplacedAmong({ primary, subkeys }: CertificatePackets): Promise<Misplaced[]> {
  const by = primary.key;
  const misplaced: Misplaced[] = [];
  // There is no other place.
  if (subkeys.length === 1) return misplaced;
  for (const below of subkeys) {
    const over = { key: by, subkey: below.key };
    for (const signature of below.signatures) {
      const isMisplaced =
        signature.type === TYPE.subkeyRevocation
          ? (await checkCertified(by, signature, over)) === 'bad'
          : signature.type === TYPE.subkeyBinding && !(await isForetold(signature, over));
      if (isMisplaced) misplaced.push({ signature, below });
    }
  }
  return misplaced;
}

/** `null`: it is of none of them. */
async function ownerOf(
  { primary, subkeys }: CertificatePackets,
  signature: OpenpgpSignature,
  below: SignedKey | null,
): Promise<SignedKey | 'unclear' | null> {
  for (const subkey of subkeys) {
    if (subkey === below) continue;
    const checked = await checkCertified(primary.key, signature, { key: primary.key, subkey: subkey.key });
    if (checked === 'good') return subkey;
    // Its form or hash is none that is read, whatever it is over.
    if (checked === 'unclear') return 'unclear';
  }
  return null;
}
