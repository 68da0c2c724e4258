import { FLAG } from '../../keys/hand-certificates.ts';
import type { HandCertificate, SelfSignature } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, number, subpacket } from '../../keys/packets.ts';
import type { SignatureVector, Standing } from '../vector.ts';
import {
  BY_HAND,
  byHand,
  byPrimary,
  bySubkey,
  certificate,
  DAY,
  good,
  goodAt,
  primaryKey,
  SIGNED_AT,
  signed,
  SPOILED,
  vector,
  YEAR,
} from './vectors.ts';

/** Standing that depends on time: expiry, revocation and what the signature says of its own age. */
export function makeDates(): SignatureVector[] {
  return [...expiry(), ...revocations(), ...dates()];
}

function expiry(): SignatureVector[] {
  const expired = ['key-expired'];
  const never = YEAR * 15;
  const primary = primaryKey();
  const key = primaryKey();
  const ends = { keyExpires: YEAR };
  const signatureEnds = { more: [subpacket(3, number(YEAR, 4))] };
  return [
    byPrimary('primary key that expired', [ends], expired, []),
    byPrimary('primary key that will expire', [{ keyExpires: never }]),
    byPrimary('primary key whose expiry is zero, which is never', [{ keyExpires: 0 }]),
    byPrimary('primary key whose self-signature expired', [signatureEnds], expired, []),
    byPrimary('primary key that was prolonged', [ends, { keyExpires: never, createdAt: HAND_TIME + YEAR }]),
    byPrimary('primary key that was prolonged for ever', [{ createdAt: HAND_TIME + YEAR }, ends]),
    byPrimary(
      'primary key that was shortened',
      [{ keyExpires: never }, { ...ends, createdAt: HAND_TIME + DAY }],
      expired,
      [],
    ),
    byPrimary(
      'primary key prolonged by a spoiled signature',
      [ends, { createdAt: HAND_TIME + DAY, value: SPOILED }],
      expired,
      [],
    ),
    bySubkey('subkey that expired', [ends], expired, []),
    bySubkey('subkey that was renewed', [ends, { keyExpires: never, createdAt: HAND_TIME + YEAR }]),
    bySubkey('subkey that was renewed twice', [
      { createdAt: HAND_TIME + 2 * YEAR },
      ends,
      { ...ends, createdAt: HAND_TIME + DAY },
    ]),
    byHand(
      'subkey of a primary key that expired',
      key,
      { primary, userIds: [{ text: 'alice', signatures: [ends] }], subkeys: [{ key }] },
      { problems: expired, inHistory: [] },
    ),
    at('the second before a key expires', [ends], HAND_TIME + YEAR - 1, []),
    at('the second in which a key expires', [ends], HAND_TIME + YEAR, expired),
  ];
}

function at(
  name: string,
  signatures: readonly SelfSignature[],
  time: number,
  problems: readonly string[],
): SignatureVector {
  const primary = primaryKey();
  const certificates = [certificate({ primary, userIds: [{ text: 'alice', signatures }] })];
  const standing = [{ at: time, landed: false, problems }];
  return vector(
    name,
    BY_HAND,
    { armor: signed(primary), certificates },
    goodAt(hexOf(primary), hexOf(primary), standing),
  );
}

function revocations(): SignatureVector[] {
  const hard = ['key-revoked-hard'];
  const soft = ['key-revoked-soft'];
  const later = { createdAt: HAND_TIME + YEAR };
  const reasons: readonly (readonly [string, SelfSignature, readonly string[]])[] = [
    ['without a reason', later, hard],
    ['no reason (0)', { ...later, revocationReason: 0 }, hard],
    ['superseded (1)', { ...later, revocationReason: 1 }, soft],
    ['compromised (2)', { ...later, revocationReason: 2 }, hard],
    ['retired (3)', { ...later, revocationReason: 3 }, soft],
    ['with an unknown reason (100)', { ...later, revocationReason: 100 }, hard],
  ];
  const vectors = reasons.flatMap(([name, revocation, problems]) => {
    const inHistory = problems === hard ? hard : [];
    const [primary, key] = [primaryKey(), primaryKey()];
    const revocations = [revocation];
    return [
      byHand(`primary key revoked ${name}`, primary, { primary, revocations }, { problems, inHistory }),
      byHand(
        `subkey revoked ${name}`,
        key,
        { primary, subkeys: [{ key, revocations }] },
        { problems, inHistory },
      ),
      byHand(
        `subkey of a primary key revoked ${name}`,
        key,
        { primary, revocations, subkeys: [{ key }] },
        { problems, inHistory },
      ),
    ];
  });
  const [primary, key, other] = [primaryKey(), primaryKey(), primaryKey()];
  const both = [
    { ...later, revocationReason: 1 },
    { ...later, revocationReason: 2 },
  ];
  const soon: readonly Standing[] = [
    { at: HAND_TIME + YEAR - 1, landed: false, problems: soft },
    { at: HAND_TIME + YEAR, landed: false, problems: soft },
    { at: HAND_TIME + YEAR, landed: true, problems: [] },
  ];
  const given = {
    armor: signed(primary),
    certificates: [certificate({ primary, revocations: [{ ...later, revocationReason: 3 }] })],
  };
  return [
    ...vectors,
    byHand('soft and hard revocation', primary, { primary, revocations: both }, { problems: hard }),
    byHand('revocation that is spoiled', primary, { primary, revocations: [{ ...later, value: SPOILED }] }),
    byHand('revocation by another key', primary, { primary, revocations: [{ ...later, by: other }] }),
    byHand('revocation of the subkey does not touch the primary key', primary, {
      primary,
      subkeys: [{ key, revocations: [later] }],
    }),
    byHand('revocation of a user id does not touch the key', primary, {
      primary,
      userIds: [{ text: 'alice', signatures: [{}, { type: 0x30, flags: null, ...later }] }],
    }),
    vector(
      'soft revocation before and after its time',
      BY_HAND,
      given,
      goodAt(hexOf(primary), hexOf(primary), soon),
    ),
    twoCopies(),
    ...withBrokenHashes(),
  ];
}

/**
 * Erring here only takes power away: a revocation counts with a hash with which nothing else would. gpg makes one with
 * SHA-1 by an Ed25519 key if it is told to (`--cert-digest-algo SHA1`), and hears it.
 */
function withBrokenHashes(): SignatureVector[] {
  const kinds = [
    ['rsa2048', 'sha1'],
    ['rsa2048', 'md5'],
    ['ed25519-legacy', 'sha1'],
    ['p256', 'sha1'],
  ] as const;
  return kinds.map(([kind, hash]) => {
    const primary = makeHandKey(kind);
    const revocations = [{ createdAt: HAND_TIME + YEAR, revocationReason: 2, hash }];
    return byHand(
      `primary key ${kind} revoked with ${hash}`,
      primary,
      { primary, revocations },
      { problems: ['key-revoked-hard'] },
    );
  });
}

/** Of two copies of a certificate one is revoked: what any of them says is heard. */
function twoCopies(): SignatureVector {
  const primary = primaryKey();
  const copies = [certificate({ primary }), certificate({ primary, revocations: [{ revocationReason: 2 }] })];
  const expect = good(hexOf(primary), hexOf(primary), ['key-revoked-hard']);
  return vector(
    'one of two copies of a certificate is revoked',
    BY_HAND,
    { armor: signed(primary), certificates: copies },
    expect,
  );
}

function dates(): SignatureVector[] {
  const key = primaryKey();
  const later = ['key-created-later'];
  const expired = ['signature-expired'];
  const ends = { more: [subpacket(3, number(DAY, 4))] };
  const given = { armor: signed(key, ends), certificates: [certificate({ primary: key })] };
  const around: readonly Standing[] = [
    { at: SIGNED_AT + DAY - 1, landed: false, problems: [] },
    { at: SIGNED_AT + DAY, landed: false, problems: expired },
    { at: SIGNED_AT + DAY, landed: true, problems: [] },
  ];
  const of = (name: string, signature: object, problems: readonly string[], inHistory = problems) =>
    byHand(name, key, { primary: key }, { problems, inHistory, signature });
  return [
    of('signature older than its key', { createdAt: HAND_TIME - 1 }, later),
    of('signature as old as its key', { createdAt: HAND_TIME }, []),
    of('signature that ended', ends, expired, []),
    of('signature that never ends by its own word', { more: [subpacket(3, number(0, 4))] }, []),
    vector('signature before and after its end', BY_HAND, given, goodAt(hexOf(key), hexOf(key), around)),
    several(),
  ];
}

/** Everything at once: what the certificate says, and what the signature says of itself. */
function several(): SignatureVector {
  const primary = primaryKey();
  const parts: HandCertificate = {
    primary,
    userIds: [{ text: 'alice', signatures: [{ flags: FLAG.certify, keyExpires: DAY }] }],
    revocations: [{ revocationReason: 1 }],
  };
  const signature = { createdAt: HAND_TIME - 1, more: [subpacket(3, number(DAY, 4))] };
  const problems = [
    'key-not-for-signing',
    'key-created-later',
    'key-expired',
    'key-revoked-soft',
    'signature-expired',
  ];
  const given = { armor: signed(primary, signature), certificates: [certificate(parts)] };
  const inHistory = ['key-not-for-signing', 'key-created-later'];
  return vector(
    'several problems at once',
    BY_HAND,
    given,
    good(hexOf(primary), hexOf(primary), problems, inHistory),
  );
}
