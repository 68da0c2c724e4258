import { describe, expect, it } from 'vitest';
import { certifiersOf } from '../../../src/core/identity/certifications.ts';
import { makeHandCertificate, selfSign, userIdDocument } from '../../keys/hand-certificates.ts';
import type { SelfSignature } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, issuerKeyId, keyIdOf, mpi, number, packet, subpacket, TAG } from '../../keys/packets.ts';

/** 2023-02-01T00:00:00Z */
const SHA1_END = 1_675_209_600;

const files = (...certificates: Uint8Array[]) =>
  certificates.map((bytes, index) => ({ path: `${index}.asc`, bytes }));

describe('a certification made by hand', () => {
  const alice = makeHandKey('ed25519-legacy');
  const bob = makeHandKey('ed25519-legacy');
  const NAME = 'alice <alice@example.org>';
  const ofBob = makeHandCertificate({ primary: bob });
  const certify = (key: HandKey, signature: SelfSignature = {}, text = NAME) =>
    selfSign(key, userIdDocument(alice, text), { type: 0x10, flags: null, ...signature });
  const certifiers = async (
    signatures: readonly Uint8Array[],
    keyring: readonly Uint8Array[] = [ofBob],
    at = HAND_TIME + 10_000,
  ) => {
    const certificate = Buffer.concat([makeHandCertificate({ primary: alice }), ...signatures]);
    const found = await certifiersOf(files(certificate, ...keyring), at);
    expect([...found.keys()].every((primary) => primary === hexOf(alice))).toBe(true);
    return found.get(hexOf(alice)) ?? [];
  };
  const revoke = (createdAt: number) => certify(bob, { type: 0x30, createdAt });
  const ending = (seconds: number): SelfSignature => ({ more: [subpacket(3, number(seconds, 4))] });
  const exportable = (is: number): SelfSignature => ({ more: [subpacket(4, Uint8Array.of(is))] });
  const falseValue = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);

  it.each([0x10, 0x11, 0x12, 0x13])('of type %i counts', async (type) => {
    expect(await certifiers([certify(bob, { type })])).toEqual([hexOf(bob)]);
  });

  it.each<[string, Uint8Array[]]>([
    ['is false', [certify(bob, { value: falseValue })]],
    ['is of another name', [certify(bob, {}, 'mallory')]],
    ['has a broken hash', [certify(bob, { hash: 'md5' })]],
    ['has expired', [certify(bob, ending(10))]],
    [
      'is replaced by one that has expired',
      [certify(bob), certify(bob, { createdAt: HAND_TIME + 1, ...ending(10) })],
    ],
    ['is kept by its maker', [certify(bob, exportable(0))]],
    ['its maker keeps in the same second', [certify(bob), certify(bob, exportable(0))]],
    [
      'names another key of the same key id',
      [
        certify(bob, {
          hashed: [subpacket(2, number(HAND_TIME, 4))],
          unhashed: [subpacket(33, Buffer.concat([Uint8Array.of(4), Buffer.alloc(12), keyIdOf(bob)]))],
        }),
      ],
    ],
    ['is revoked', [certify(bob), revoke(HAND_TIME + 1)]],
    ['is revoked in the same second', [revoke(HAND_TIME), certify(bob)]],
    ['is of another type', [certify(bob, { type: 0x18 })]],
    ['is by a stranger', [certify(makeHandKey('ed25519-legacy'))]],
    [
      'is one of very many',
      Array.from({ length: 257 }, (_, index) => certify(bob, { createdAt: HAND_TIME + index })),
    ],
  ])('that %s does not count', async (_, signatures) => {
    expect(await certifiers(signatures)).toEqual([]);
  });

  it.each<[string, Uint8Array[]]>([
    ['is to be given out', [certify(bob, exportable(1))]],
    ['is from the beginning of time', [certify(bob, { createdAt: 0 })]],
    [
      'replaces one that its maker kept',
      [certify(bob, exportable(0)), certify(bob, { createdAt: HAND_TIME + 1 })],
    ],
    ['replaces one that has expired', [certify(bob, ending(10)), certify(bob, { createdAt: HAND_TIME + 1 })]],
    [
      'names its maker by the key id alone',
      [certify(bob, { hashed: [subpacket(2, number(HAND_TIME, 4))], unhashed: [issuerKeyId(bob)] })],
    ],
  ])('that %s counts', async (_, signatures) => {
    expect(await certifiers(signatures)).toEqual([hexOf(bob)]);
  });

  it('counts until the second in which it ends, or its maker’s key does', async () => {
    const until = makeHandCertificate({
      primary: bob,
      userIds: [{ text: 'bob', signatures: [{ keyExpires: 100 }] }],
    });
    for (const [signature, keyring] of [
      [certify(bob, ending(100)), ofBob],
      [certify(bob), until],
    ] as const) {
      expect(await certifiers([signature], [keyring], HAND_TIME + 99)).toEqual([hexOf(bob)]);
      expect(await certifiers([signature], [keyring], HAND_TIME + 100)).toEqual([]);
    }
  });

  it('among as many as are looked at counts', async () => {
    const all = Array.from({ length: 256 }, (_, index) => certify(bob, { createdAt: HAND_TIME + index }));
    expect(await certifiers(all)).toEqual([hexOf(bob)]);
  });

  it('renewed after its revocation counts again', async () => {
    const signatures = [certify(bob), revoke(HAND_TIME + 1), certify(bob, { createdAt: HAND_TIME + 2 })];
    expect(await certifiers(signatures)).toEqual([hexOf(bob)]);
  });

  it('falsely revoked counts', async () => {
    const revocation = certify(bob, { type: 0x30, createdAt: HAND_TIME + 1, value: falseValue });
    expect(await certifiers([certify(bob), revocation])).toEqual([hexOf(bob)]);
  });

  it('by a key that may not certify, is revoked, expired or weak does not count', async () => {
    const signing = makeHandCertificate({
      primary: bob,
      userIds: [{ text: 'bob', signatures: [{ flags: 0x02 }] }],
    });
    const revoked = makeHandCertificate({ primary: bob, revocations: [{ revocationReason: 3 }] });
    const expired = makeHandCertificate({
      primary: bob,
      userIds: [{ text: 'bob', signatures: [{ keyExpires: 10 }] }],
    });
    const unsigned = makeHandCertificate({ primary: bob, userIds: [{ text: 'bob', signatures: [] }] });
    for (const certificate of [signing, revoked, expired, unsigned]) {
      expect(await certifiers([certify(bob)], [certificate])).toEqual([]);
    }
    const weak = makeHandKey('rsa1024');
    expect(await certifiers([certify(weak)], [makeHandCertificate({ primary: weak })])).toEqual([]);
    const unknown = makeHandKey('x25519');
    expect(await certifiers([certify(unknown)], [makeHandCertificate({ primary: unknown })])).toEqual([]);
  });

  it('of a name that its owner does not hold does not count', async () => {
    const bare = makeHandCertificate({
      primary: alice,
      direct: [{}],
      userIds: [{ text: NAME, signatures: [] }],
    });
    const certificate = Buffer.concat([bare, certify(bob)]);
    expect(await certifiersOf(files(certificate, ofBob), HAND_TIME)).toEqual(new Map());
  });

  it('with SHA-1 counts where it was made before February 2023', async () => {
    const rsa = makeHandKey('rsa2048');
    const keyring = [makeHandCertificate({ primary: rsa })];
    const made = (createdAt: number) => certifiers([certify(rsa, { hash: 'sha1', createdAt })], keyring);
    expect(await made(SHA1_END - 1)).toEqual([hexOf(rsa)]);
    expect(await made(SHA1_END)).toEqual([]);
  });

  it('is in the order of the keyring, of every name', async () => {
    const carol = makeHandKey('ed25519-legacy');
    const certificate = Buffer.concat([
      makeHandCertificate({ primary: alice, userIds: [{ text: NAME }] }),
      certify(carol),
      packet(TAG.userId, Buffer.from('second')),
      selfSign(alice, userIdDocument(alice, 'second'), { type: 0x13 }),
      certify(bob, {}, 'second'),
      certify(carol, {}, 'second'),
    ]);
    const found = await certifiersOf(
      files(ofBob, certificate, makeHandCertificate({ primary: carol })),
      HAND_TIME,
    );
    expect(found).toEqual(new Map([[hexOf(alice), [hexOf(bob), hexOf(carol)]]]));
    expect(await certifiersOf(files(certificate), HAND_TIME)).toEqual(new Map());
  });

  it('of version 6 counts like any other', async () => {
    const [modern, other] = [makeHandKey('ed25519', { version: 6 }), makeHandKey('ed448', { version: 6 })];
    const signed = makeHandCertificate({ primary: modern, userIds: [{ text: NAME }] });
    const by = selfSign(other, userIdDocument(modern, NAME), { type: 0x10, flags: null });
    const keyring = files(Buffer.concat([signed, by]), makeHandCertificate({ primary: other }));
    expect(await certifiersOf(keyring, HAND_TIME)).toEqual(new Map([[hexOf(modern), [hexOf(other)]]]));
  });
});
