import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { countSignatures, isBeyond, spelling } from './certificate-packets.ts';
import type { CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';

/** Copies of one certificate that are being taken together. */
export interface Copies {
  /** What any of them says is heard, revocations above all. Costs no more than the copy is long. */
  add(copy: CertificatePackets): void;
  /** As `countSignatures`, of all copies. */
  readonly signatures: number;
  /** As `isTooLarge`, of all copies. */
  readonly tooLarge: boolean;
  /** One certificate of all copies, under the first one's file. */
  merged(): CertificatePackets;
}

/** Begins with one copy. Most certificates stay alone: for those it costs nothing. */
export function openCopies(first: CertificatePackets): Copies {
  let primary: KeyCopies | null = null;
  const userIds = new Map<string, UserIdCopies>();
  const subkeys = new Map<string, KeyCopies>();
  let signatures = countSignatures(first);

  const take = (copy: CertificatePackets): number => {
    primary ??= openKey(copy.primary);
    let added = addKey(primary, copy.primary);
    for (const userId of copy.userIds) {
      const name = spelling(userId.bytes);
      const known = userIds.get(name) ?? openUserId(userId);
      userIds.set(name, known);
      added += addUserId(known, userId);
    }
    for (const subkey of copy.subkeys) {
      const known = subkeys.get(subkey.key.fingerprint) ?? openKey(subkey);
      subkeys.set(subkey.key.fingerprint, known);
      added += addKey(known, subkey);
    }
    return added;
  };

  return {
    add(copy) {
      if (primary === null) signatures = take(first);
      signatures += take(copy);
    },
    get signatures() {
      return signatures;
    },
    get tooLarge() {
      const [keys, names] =
        primary === null ? [first.subkeys.length, first.userIds.length] : [subkeys.size, userIds.size];
      return isBeyond(keys, names, signatures);
    },
    merged() {
      if (primary === null) return first;
      return {
        file: first.file,
        primary: closeKey(primary),
        userIds: [...userIds.values()].map(closeUserId),
        subkeys: [...subkeys.values()].map(closeKey),
      };
    },
  };
}

/** What any of two copies of one certificate says. */
export function mergeCopies(a: CertificatePackets, b: CertificatePackets): CertificatePackets {
  const copies = openCopies(a);
  copies.add(b);
  return copies.merged();
}

type BySpelling<T> = Map<string, T>;

interface KeyCopies {
  readonly key: SignedKey['key'];
  readonly signatures: BySpelling<OpenpgpSignature>;
  readonly foreignRevocations: BySpelling<OpenpgpSignature>;
  readonly unreadable: Set<number>;
  readonly unreadRevocations: BySpelling<Uint8Array>;
}

interface UserIdCopies {
  readonly bytes: Uint8Array;
  readonly signatures: BySpelling<OpenpgpSignature>;
  readonly others: BySpelling<OpenpgpSignature>;
  readonly unreadRevocations: BySpelling<Uint8Array>;
}

function openKey({ key }: SignedKey): KeyCopies {
  return {
    key,
    signatures: new Map(),
    foreignRevocations: new Map(),
    unreadable: new Set(),
    unreadRevocations: new Map(),
  };
}

function openUserId({ bytes }: SignedUserId): UserIdCopies {
  return { bytes, signatures: new Map(), others: new Map(), unreadRevocations: new Map() };
}

/** How many signatures that count are new. */
function addKey(known: KeyCopies, copy: SignedKey): number {
  for (const type of copy.unreadable) known.unreadable.add(type);
  for (const body of copy.unreadRevocations) known.unreadRevocations.set(spelling(body), body);
  return (
    addSignatures(known.signatures, copy.signatures) +
    addSignatures(known.foreignRevocations, copy.foreignRevocations)
  );
}

function addUserId(known: UserIdCopies, copy: SignedUserId): number {
  addSignatures(known.others, copy.others);
  for (const body of copy.unreadRevocations) known.unreadRevocations.set(spelling(body), body);
  return addSignatures(known.signatures, copy.signatures);
}

function addSignatures(known: BySpelling<OpenpgpSignature>, copy: readonly OpenpgpSignature[]): number {
  const before = known.size;
  for (const signature of copy) known.set(spelling(signature.body), signature);
  return known.size - before;
}

function closeKey({
  key,
  signatures,
  foreignRevocations,
  unreadable,
  unreadRevocations,
}: KeyCopies): SignedKey {
  return {
    key,
    signatures: [...signatures.values()],
    foreignRevocations: [...foreignRevocations.values()],
    unreadable,
    unreadRevocations: [...unreadRevocations.values()],
  };
}

function closeUserId({ bytes, signatures, others, unreadRevocations }: UserIdCopies): SignedUserId {
  return {
    bytes,
    signatures: [...signatures.values()],
    others: [...others.values()],
    unreadRevocations: [...unreadRevocations.values()],
  };
}
