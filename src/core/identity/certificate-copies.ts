import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { spelling } from './certificate-packets.ts';
import type { Astray, CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';
import { isBeyond, loadOf, openScale } from './certificate-weight.ts';
import type { Load } from './certificate-weight.ts';

/** Copies of one certificate that are being taken together. */
export interface Copies {
  /** What any of them says is heard, revocations above all. Costs no more than the copy is long. */
  add(copy: CertificatePackets): void;
  /** As `loadOf`, of all copies. */
  readonly load: Load;
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
  const astray: AstrayCopies = { signatures: new Map(), unreadRevocations: new Map() };
  const scale = openScale(first.primary.key);
  let load: Load | null = null;

  const take = (copy: CertificatePackets): void => {
    primary ??= openKey(copy.primary);
    scale.putPrimary(addKey(primary, copy.primary));
    for (const userId of copy.userIds) {
      const name = spelling(userId.bytes);
      const known = userIds.get(name) ?? openUserId(userId);
      userIds.set(name, known);
      scale.putUserId(addUserId(known, userId));
    }
    for (const subkey of copy.subkeys) {
      const known = subkeys.get(subkey.key.fingerprint) ?? openKey(subkey);
      subkeys.set(subkey.key.fingerprint, known);
      scale.putSubkey(addKey(known, subkey));
    }
    addBodies(astray.unreadRevocations, copy.astray.unreadRevocations);
    scale.putAstray(addSignatures(astray.signatures, copy.astray.signatures));
  };
  const weigh = (): Load => {
    load ??= primary === null ? loadOf(first) : scale.load(subkeys.size);
    return load;
  };

  return {
    add(copy) {
      if (primary === null) take(first);
      take(copy);
      load = null;
    },
    get load() {
      return weigh();
    },
    get tooLarge() {
      const [keys, names] =
        primary === null ? [first.subkeys.length, first.userIds.length] : [subkeys.size, userIds.size];
      return isBeyond(keys, names, weigh());
    },
    merged() {
      if (primary === null) return first;
      return {
        file: first.file,
        primary: closeKey(primary),
        userIds: [...userIds.values()].map(closeUserId),
        subkeys: [...subkeys.values()].map(closeKey),
        astray: closeAstray(astray),
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

interface AstrayCopies {
  readonly signatures: BySpelling<OpenpgpSignature>;
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

/** What of the copy's signatures is new. */
function addKey(
  known: KeyCopies,
  copy: SignedKey,
): Pick<SignedKey, 'key' | 'signatures' | 'foreignRevocations'> {
  for (const type of copy.unreadable) known.unreadable.add(type);
  addBodies(known.unreadRevocations, copy.unreadRevocations);
  return {
    key: copy.key,
    signatures: addSignatures(known.signatures, copy.signatures),
    foreignRevocations: addSignatures(known.foreignRevocations, copy.foreignRevocations),
  };
}

function addUserId(
  known: UserIdCopies,
  copy: SignedUserId,
): Pick<SignedUserId, 'bytes' | 'signatures' | 'others'> {
  addBodies(known.unreadRevocations, copy.unreadRevocations);
  return {
    bytes: copy.bytes,
    signatures: addSignatures(known.signatures, copy.signatures),
    others: addSignatures(known.others, copy.others),
  };
}

function addBodies(known: BySpelling<Uint8Array>, bodies: readonly Uint8Array[]): void {
  for (const body of bodies) known.set(spelling(body), body);
}

function addSignatures(
  known: BySpelling<OpenpgpSignature>,
  copy: readonly OpenpgpSignature[],
): OpenpgpSignature[] {
  return copy.filter((signature) => {
    const name = spelling(signature.body);
    if (known.has(name)) return false;
    known.set(name, signature);
    return true;
  });
}

function closeAstray({ signatures, unreadRevocations }: AstrayCopies): Astray {
  return { signatures: [...signatures.values()], unreadRevocations: [...unreadRevocations.values()] };
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
