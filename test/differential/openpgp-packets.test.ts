import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAG, makeHandCertificate } from '../keys/hand-certificates.ts';
import type { Binding, HandCertificate } from '../keys/hand-certificates.ts';
import { makeHandKey } from '../keys/hand-keys.ts';
import type { HandKey, HandKeyKind } from '../keys/hand-keys.ts';
import { openKeys } from '../keys/keys.ts';
import type { Keys } from '../keys/keys.ts';
import {
  armorPgp,
  HAND_TIME,
  issuerKeyId,
  mpi,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../keys/packets.ts';
import type { HandSignature, HashName } from '../keys/packets.ts';
import { gpgAnswer, openBytes, ourAnswer } from './answers.ts';
import type { Answer } from './answers.ts';

/**
 * Packets by hand, which are what the vectors are made of, before gpg: where nothing is wrong it must accept them, and
 * where we refuse what it accepts, the table says why.
 */
const TEXT = Buffer.from('text\n');
const SIGNED_AT = HAND_TIME + 86_400;

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

async function ask(key: HandKey, parts: HandCertificate, signature: HandSignature = {}) {
  const certificate = makeHandCertificate(parts);
  await keys.gpg(['--import'], certificate);
  const body = signByHand(key, TEXT, { createdAt: SIGNED_AT, ...signature });
  const armor = Buffer.from(armorPgp('SIGNATURE', packet(TAG.signature, body)));
  return {
    gpg: await gpgAnswer(keys, armor, TEXT),
    ours: await ourAnswer(await openBytes(certificate), armor, TEXT),
  };
}

describe('what is made by hand is good to both', () => {
  it.each<HandKeyKind>(['rsa2048', 'rsa3072', 'p256', 'p384', 'p521', 'ed25519-legacy'])(
    '%s',
    async (kind) => {
      const [primary, key] = [makeHandKey(kind), makeHandKey(kind)];
      for (const signer of [primary, key]) {
        const { gpg, ours } = await ask(signer, { primary, subkeys: [{ key }] });
        expect(gpg.says).toBe('good');
        expect(ours.answer).toEqual(gpg);
      }
    },
  );
});

/** What is wrong with the signature, what gpg says, and why we refuse it. */
const SIGNATURES: readonly (readonly [string, HandSignature, Answer['says'], string])[] = [
  ['text mode', { type: 0x01 }, 'bad', 'text-mode-signature'],
  ['a standalone signature', { type: 0x02 }, 'refused', 'wrong-signature-type'],
  ['a certification', { type: 0x10 }, 'refused', 'wrong-signature-type'],
  ['a subkey binding', { type: 0x18 }, 'refused', 'wrong-signature-type'],
  ['a direct key signature', { type: 0x1f }, 'refused', 'wrong-signature-type'],
  ['a revocation', { type: 0x20 }, 'refused', 'wrong-signature-type'],
  ['a timestamp', { type: 0x40 }, 'refused', 'wrong-signature-type'],
  // gpg verifies signatures of the version that RFC 4880 calls deprecated; git never made any.
  ['version 3', { version: 3 }, 'good', 'version-unsupported'],
  ['version 5', { version: 5 }, 'refused', 'version-unsupported'],
  ['version 6', { version: 6, unhashed: [] }, 'refused', 'signature-malformed'],
  [
    'an unknown critical subpacket',
    { more: [subpacket(99, Buffer.from('x'), true)] },
    'bad',
    'algorithm-unsupported',
  ],
  ['another hash than was used', { hashId: 10 }, 'bad', 'signature-bad'],
  // gpg does not look at them any more; RFC 9580 section 5.2.4 has them as a check, and so has openpgp.js.
  [
    'first two bytes of the hash that are wrong',
    { quickCheck: Buffer.from([0, 0]) },
    'good',
    'signature-bad',
  ],
  [
    'zeros',
    { value: Buffer.concat([mpi(Buffer.alloc(0)), mpi(Buffer.alloc(0))]) },
    'refused',
    'signature-bad',
  ],
  // The two hints name two keys. gpg believes the hashed one.
  [
    'another issuer in the unhashed area',
    { unhashed: [issuerKeyId(makeHandKey('ed25519-legacy'))] },
    'good',
    'signature-malformed',
  ],
  ['two creation times', { more: [subpacket(2, number(SIGNED_AT, 4))] }, 'good', 'signature-malformed'],
];

describe('a signature with', () => {
  it.each(SIGNATURES)('%s', async (_, signature, says, reason) => {
    const primary = makeHandKey('ed25519-legacy');
    const { gpg, ours } = await ask(primary, { primary }, signature);
    expect([gpg.says, ours.reason]).toEqual([says, reason]);
  });
});

/** What is wrong with the subkey's binding. Where gpg does not take the subkey, it does not know the key. */
const BINDINGS: readonly (readonly [string, Binding, Answer['says'], string])[] = [
  ['that is spoiled', { value: spoiled() }, 'unknown key', 'binding-bad'],
  ['for encryption', { flags: FLAG.encrypt, back: null }, 'refused', 'key-not-for-signing'],
  ['without a back signature', { back: null }, 'refused', 'back-signature-missing'],
  ['with a back signature that is spoiled', { back: { value: spoiled() } }, 'refused', 'back-signature-bad'],
  ['with MD5', { hash: 'md5' }, 'unknown key', 'binding-bad'],
];

describe('a subkey with a binding', () => {
  it.each(BINDINGS)('%s', async (_, binding, says, problem) => {
    const [primary, key] = [makeHandKey('ed25519-legacy'), makeHandKey('ed25519-legacy')];
    const { gpg, ours } = await ask(key, { primary, subkeys: [{ key, bindings: [binding] }] });
    expect([gpg.says, ours.problems]).toEqual([says, [problem]]);
  });
});

/** By key and hash: what gpg says of a key revoked so. We hear every revocation, since that only takes power away. */
const REVOCATIONS: readonly (readonly [HandKeyKind, HashName, Answer['says']])[] = [
  ['ed25519-legacy', 'sha256', 'good, key revoked'],
  ['ed25519-legacy', 'sha1', 'good, key revoked'],
  ['rsa2048', 'sha1', 'good, key revoked'],
  ['rsa2048', 'md5', 'good'],
  ['p256', 'sha1', 'good'],
  ['p384', 'sha256', 'good'],
];

describe('a revocation', () => {
  it.each(REVOCATIONS)('of %s with %s', async (kind, hash, says) => {
    const primary = makeHandKey(kind);
    const revocations = [{ hash, revocationReason: 2, createdAt: HAND_TIME + 1 }];
    const { gpg, ours } = await ask(primary, { primary, revocations });
    expect([gpg.says, ours.problems]).toEqual([says, ['key-revoked-hard']]);
  });

  it('by another key counts for neither', async () => {
    const [primary, by] = [makeHandKey('ed25519-legacy'), makeHandKey('ed25519-legacy')];
    const { gpg, ours } = await ask(primary, { primary, revocations: [{ by }] });
    expect([gpg.says, ours.problems]).toEqual(['good', []]);
  });
});

describe('rules of RFC 9580', () => {
  it('a signature that is older than its key', async () => {
    const primary = makeHandKey('ed25519-legacy');
    const { gpg, ours } = await ask(primary, { primary }, { createdAt: HAND_TIME - 1 });
    expect([gpg.says, ours.problems]).toEqual(['refused', ['key-created-later']]);
  });

  it('a signature whose hash is shorter than the curve', async () => {
    const primary = makeHandKey('p384');
    const { gpg, ours } = await ask(primary, { primary }, { hash: 'sha256' });
    expect([gpg.says, ours.reason]).toEqual(['refused', 'weak-hash']);
  });

  it('a self-signature whose hash is shorter than the curve', async () => {
    const primary = makeHandKey('p384');
    const userIds = [{ text: 'alice', signatures: [{ hash: 'sha256' }] }] as const;
    const { gpg, ours } = await ask(primary, { primary, userIds });
    expect([gpg.says, ours.problems]).toEqual(['unknown key', ['binding-bad']]);
  });
});

function spoiled(): Buffer {
  return Buffer.concat([mpi(Buffer.alloc(32, 7)), mpi(Buffer.alloc(32, 7))]);
}
