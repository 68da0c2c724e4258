import {
  FLAG,
  makeHandCertificate,
  selfSign,
  subkeyDocument,
  userIdDocument,
} from '../../keys/hand-certificates.ts';
import type { Binding, HandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { stealSubkey } from '../../keys/thief.ts';
import {
  armorPgp,
  HAND_TIME,
  issuerFingerprint,
  issuerKeyId,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../../keys/packets.ts';
import type { SignatureVector } from '../vector.ts';
import { makeDates } from './openpgp-dates.ts';
import {
  BY_HAND,
  byHand,
  bySubkey,
  byPrimary,
  certificate,
  DAY,
  good,
  primaryKey,
  signed,
  SPOILED,
  vector,
} from './vectors.ts';

/** Good signatures by keys that may or may not speak: one vector or more for each problem of standing. */
export function makeStanding(): SignatureVector[] {
  return [...clean(), ...bindings(), ...flags(), ...backSignatures(), ...stolen(), ...makeDates()];
}

function clean(): SignatureVector[] {
  const primary = primaryKey();
  const modern = makeHandKey('ed25519', { version: 6 });
  const [first, second] = [makeHandKey('p256'), primaryKey()];
  return [
    byHand('primary key', primary, { primary }),
    byHand('primary key without flags', primary, {
      primary,
      userIds: [{ text: 'alice', signatures: [{ flags: null }] }],
    }),
    byHand('primary key with a direct key signature alone', primary, { primary, userIds: [], direct: [{}] }),
    byHand('v6 primary key with a user id', modern, {
      primary: modern,
      userIds: [{ text: 'alice', signatures: [{ flags: null }] }],
    }),
    byHand('user id that is not UTF-8', primary, {
      primary,
      userIds: [{ text: Buffer.from([0xff, 0xfe, 0x41]) }],
    }),
    byHand('second of two user ids', primary, {
      primary,
      userIds: [{ text: 'alice', signatures: [] }, { text: 'bob' }],
    }),
    bySubkey('signing subkey', [{}]),
    bySubkey('back signature in the unhashed area', [{ back: { area: 'unhashed' } }]),
    byHand('second of two signing subkeys', second, { primary, subkeys: [{ key: first }, { key: second }] }),
    byHand('below a primary key that only certifies', first, {
      primary,
      userIds: [{ text: 'alice', signatures: [{ flags: FLAG.certify }] }],
      subkeys: [{ key: first }],
    }),
  ];
}

function bindings(): SignatureVector[] {
  const primary = primaryKey();
  const [subkey, other] = [primaryKey(), primaryKey()];
  // What names the primary key and is not by it.
  const forged: Binding = {
    by: other,
    hashed: [subpacket(2, number(HAND_TIME, 4)), issuerFingerprint(primary)],
    unhashed: [issuerKeyId(primary)],
  };
  const missing = { problems: ['key-not-bound'] };
  const bad = { problems: ['binding-bad'] };
  const below = (bindings: readonly Binding[]): HandCertificate => ({
    primary,
    subkeys: [{ key: subkey, bindings }],
  });
  return [
    byHand('primary key without any self-signature', primary, { primary, userIds: [] }, missing),
    byHand(
      'primary key with a user id that it did not sign',
      primary,
      { primary, userIds: [{ text: 'alice', signatures: [] }] },
      missing,
    ),
    byHand(
      'primary key certified by another key alone',
      primary,
      { primary, userIds: [{ text: 'alice', signatures: [{ by: other }] }] },
      missing,
    ),
    byHand('subkey without a binding', subkey, below([]), missing),
    byHand('subkey bound by another key', subkey, below([{ by: other }]), missing),
    byHand('binding that is spoiled', subkey, below([{ value: SPOILED }]), bad),
    byHand('binding by another key that names this one', subkey, below([forged]), bad),
    byHand('binding with MD5', subkey, below([{ hash: 'md5' }]), bad),
    byHand('binding with SHA-1 after January 2023', subkey, below([{ hash: 'sha1' }]), bad),
    byHand('binding with SHA-1 before February 2023', makeOld('subkey'), oldCertificate()),
    byHand(
      'self-signature that is spoiled',
      primary,
      { primary, userIds: [{ text: 'alice', signatures: [{ value: SPOILED }] }] },
      bad,
    ),
    ...misplaced(),
    ...belowWeakKeys(),
    bySubkey('a good binding beside a spoiled one', [{ value: SPOILED, createdAt: HAND_TIME + DAY }, {}]),
  ];
}

/** Self-signatures that are right, but over another subkey and another user id than they stand behind. */
function misplaced(): SignatureVector[] {
  const [primary, subkey, other] = [primaryKey(), primaryKey(), primaryKey()];
  const binding = selfSign(primary, subkeyDocument(primary, other), { type: 0x18, flags: FLAG.sign });
  const withSubkey = [makeHandCertificate({ primary }), packet(TAG.publicSubkey, subkey.body), binding];
  const certification = selfSign(primary, userIdDocument(primary, 'bob'), { type: 0x13 });
  const withUserId = [
    packet(TAG.publicKey, primary.body),
    packet(TAG.userId, Buffer.from('alice')),
    certification,
  ];
  const of = (name: string, key: HandKey, packets: readonly Uint8Array[]) => {
    const certificates = [armorPgp('PUBLIC KEY BLOCK', Buffer.concat(packets))];
    const expect = good(hexOf(key), hexOf(primary), ['binding-bad']);
    return vector(name, BY_HAND, { armor: signed(key), certificates }, expect);
  };
  return [
    of('binding of another subkey', subkey, withSubkey),
    of('self-signature over another user id', primary, withUserId),
  ];
}

/** A key that is not believed itself confirms no other: who factors it could bind what they like. */
function belowWeakKeys(): SignatureVector[] {
  return (['rsa1024', 'dsa2048', 'brainpoolP256r1'] as const).map((kind) => {
    const [primary, key] = [makeHandKey(kind), primaryKey()];
    return byHand(
      `subkey below a primary key ${kind}`,
      key,
      { primary, subkeys: [{ key }] },
      { problems: ['binding-bad'] },
    );
  });
}

const old = {
  primary: makeHandKey('rsa2048', { createdAt: 1_400_000_000 }),
  subkey: makeHandKey('rsa2048', { createdAt: 1_400_000_000 }),
};
const makeOld = (which: keyof typeof old): HandKey => old[which];
function oldCertificate(): HandCertificate {
  const sha1 = { hash: 'sha1', createdAt: 1_400_000_000 } as const;
  return {
    primary: old.primary,
    userIds: [{ text: 'alice', signatures: [sha1] }],
    subkeys: [{ key: old.subkey, bindings: [{ ...sha1, back: sha1 }] }],
  };
}

function flags(): SignatureVector[] {
  const no = ['key-not-for-signing'];
  return [
    byPrimary('primary key that only certifies', [{ flags: FLAG.certify }], no),
    bySubkey('subkey for encryption', [{ flags: FLAG.encrypt, back: null }], no),
    bySubkey('subkey for authentication', [{ flags: FLAG.authenticate, back: null }], no),
    bySubkey('subkey without flags', [{ flags: null }], no),
    bySubkey('subkey with empty flags', [{ flags: null, more: [subpacket(27, Buffer.alloc(0))] }], no),
    bySubkey(
      'flags in the unhashed area',
      [{ flags: null, unhashed: [subpacket(27, Uint8Array.of(FLAG.sign))] }],
      no,
    ),
    bySubkey(
      'subkey whose newest binding takes signing away',
      [{}, { flags: FLAG.authenticate, createdAt: HAND_TIME + DAY }],
      no,
    ),
    bySubkey('subkey whose newest binding allows signing', [
      { flags: FLAG.authenticate },
      { createdAt: HAND_TIME + DAY },
    ]),
  ];
}

function backSignatures(): SignatureVector[] {
  const missing = ['back-signature-missing'];
  const bad = ['back-signature-bad'];
  return [
    bySubkey('no back signature', [{ back: null }], missing),
    bySubkey('back signature that is spoiled', [{ back: { value: SPOILED } }], bad),
    bySubkey('back signature by the primary key', (primary) => [{ back: { by: primary } }], bad),
    bySubkey('back signature of another type', [{ back: { type: 0x18 } }], bad),
    bySubkey('back signature with MD5', [{ back: { hash: 'md5' } }], bad),
    bySubkey('back signature with SHA-1 after January 2023', [{ back: { hash: 'sha1' } }], bad),
    bySubkey('a good back signature in an older binding', [{}, { back: null, createdAt: HAND_TIME + DAY }]),
  ];
}

/** A subkey of bob's below mallory's primary key. */
function stolen(): SignatureVector[] {
  const [primary, subkey, mallory] = [primaryKey(), primaryKey(), primaryKey()];
  const own = certificate({ primary, userIds: [{ text: 'bob' }], subkeys: [{ key: subkey }] });
  const back = signByHand(subkey, subkeyDocument(primary, subkey), { type: 0x19 });
  const copied = certificate({
    primary: mallory,
    userIds: [{ text: 'mallory' }],
    subkeys: [{ key: subkey, bindings: [{ back: null, more: [subpacket(32, back)] }] }],
  });
  const armor = signed(subkey);
  const thief = armorPgp('PUBLIC KEY BLOCK', stealSubkey(subkey.body));
  const both = (name: string, certificates: readonly string[]) =>
    vector(name, BY_HAND, { armor, certificates }, good(hexOf(subkey), hexOf(primary)));
  const byMallory = vector(
    'stolen subkey with the back signature for its owner',
    BY_HAND,
    { armor, certificates: [copied] },
    good(hexOf(subkey), hexOf(mallory), ['back-signature-bad']),
  );
  return [
    both('stolen subkey, the owner last', [thief, copied, own]),
    both('stolen subkey, the owner first', [own, copied, thief]),
    byMallory,
  ];
}
