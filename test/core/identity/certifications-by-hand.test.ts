import { describe, expect, it } from 'vitest';
import { certifiersOf } from '../../../src/core/identity/certifications.ts';
import { makeHandCertificate, selfSign, userIdDocument } from '../../keys/hand-certificates.ts';
import type { SelfSignature } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, mpi, number, subpacket } from '../../keys/packets.ts';

const files = (...certificates: Uint8Array[]) =>
  certificates.map((bytes, index) => ({ path: `${index}.asc`, bytes }));

describe('a certification made by hand', () => {
  const alice = makeHandKey('ed25519-legacy');
  const bob = makeHandKey('ed25519-legacy');
  const NAME = 'alice <alice@example.org>';
  const ofBob = makeHandCertificate({ primary: bob });
  const certify = (key: HandKey, signature: SelfSignature = {}, text = NAME) =>
    selfSign(key, userIdDocument(alice, text), { type: 0x10, flags: null, ...signature });
  const certifiers = async (signatures: readonly Uint8Array[], keyring: readonly Uint8Array[] = [ofBob]) => {
    const certificate = Buffer.concat([makeHandCertificate({ primary: alice }), ...signatures]);
    const found = await certifiersOf(files(certificate, ...keyring), HAND_TIME + 10_000);
    expect([...found.keys()].every((primary) => primary === hexOf(alice))).toBe(true);
    return found.get(hexOf(alice)) ?? [];
  };
  const revoke = (createdAt: number) => certify(bob, { type: 0x30, createdAt });
  const falseValue = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);

  it.each([0x10, 0x11, 0x12, 0x13])('of type %i counts', async (type) => {
    expect(await certifiers([certify(bob, { type })])).toEqual([hexOf(bob)]);
  });

  it.each<[string, Uint8Array[]]>([
    ['is false', [certify(bob, { value: falseValue })]],
    ['is of another name', [certify(bob, {}, 'mallory')]],
    ['has a broken hash', [certify(bob, { hash: 'md5' })]],
    ['has expired', [certify(bob, { more: [subpacket(3, number(10, 4))] })]],
    [
      'is replaced by one that has expired',
      [certify(bob), certify(bob, { createdAt: HAND_TIME + 1, more: [subpacket(3, number(10, 4))] })],
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
    for (const certificate of [signing, revoked, expired]) {
      expect(await certifiers([certify(bob)], [certificate])).toEqual([]);
    }
    const weak = makeHandKey('rsa1024');
    expect(await certifiers([certify(weak)], [makeHandCertificate({ primary: weak })])).toEqual([]);
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

  it('of version 6 counts like any other', async () => {
    const [modern, other] = [makeHandKey('ed25519', { version: 6 }), makeHandKey('ed448', { version: 6 })];
    const signed = makeHandCertificate({ primary: modern, userIds: [{ text: NAME }] });
    const by = selfSign(other, userIdDocument(modern, NAME), { type: 0x10, flags: null });
    const keyring = files(Buffer.concat([signed, by]), makeHandCertificate({ primary: other }));
    expect(await certifiersOf(keyring, HAND_TIME)).toEqual(new Map([[hexOf(modern), [hexOf(other)]]]));
  });
});
