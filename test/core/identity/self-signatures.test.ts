import { describe, expect, it } from 'vitest';
import { verifySelfSignatures } from '../../../src/core/identity/self-signatures.ts';
import {
  makeHandCertificate,
  selfSign,
  subkeyDocument,
  userIdDocument,
} from '../../keys/hand-certificates.ts';
import type { Binding, SelfSignature } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, issuerKeyId, mpi, number, packet, subpacket, TAG } from '../../keys/packets.ts';
import { parse } from './opened.ts';

const FALSE_VALUE = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);
const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const sub = makeHandKey('ed25519-legacy');

const primary = packet(TAG.publicKey, alice.body);
const name = packet(TAG.userId, Buffer.from('alice'));
const ofKey = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, hashedKey(alice), { type, flags: null, ...signature });
const ofName = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, userIdDocument(alice, 'alice'), { type, flags: null, ...signature });
const verified = (...parts: Uint8Array[]) => verifySelfSignatures(parse(Buffer.concat([primary, ...parts])));
/** Made by alice, in bob's name where everybody can change it. */
const misnamed = (createdAt: number): SelfSignature => ({
  createdAt,
  hashed: [subpacket(2, number(createdAt, 4))],
  unhashed: [issuerKeyId(bob)],
});
const types = (signatures: readonly { readonly type: number }[]) => signatures.map(({ type }) => type);

describe('a name', () => {
  const isOwn = async (...signatures: Uint8Array[]) => (await verified(name, ...signatures)).ownUserIds;
  const later = HAND_TIME + 1;

  it.each<[string, Uint8Array[], boolean]>([
    ['that its owner certified', [ofName(0x13)], true],
    ['that its owner certified at the beginning of time', [ofName(0x13, { createdAt: 0 })], true],
    ['that nobody certified', [], false],
    ['that somebody else certified', [ofName(0x13, { by: bob })], false],
    ['that was taken back', [ofName(0x13), ofName(0x30, { createdAt: later })], false],
    ['that was taken back in the same second', [ofName(0x30), ofName(0x13)], false],
    ['that was taken back before', [ofName(0x30), ofName(0x13, { createdAt: later })], true],
    ['falsely taken back', [ofName(0x13), ofName(0x30, { createdAt: later, value: FALSE_VALUE })], true],
    ['taken back by somebody else', [ofName(0x13), ofName(0x30, { createdAt: later, by: bob })], true],
    ['taken back in another’s name', [ofName(0x13), ofName(0x30, misnamed(later))], false],
    ['certified in another’s name', [ofName(0x13), ofName(0x10, misnamed(later))], true],
    ['that its owner signed in another way', [ofName(0x13), ofName(0x18, { createdAt: later })], true],
  ])('%s is its own or not', async (_, signatures, own) => {
    expect(await isOwn(...signatures)).toEqual([own]);
  });

  it('has 16 revocations in other people’s names looked at', async () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => ofName(0x30, { by: bob, createdAt: later + index }));
    const real = ofName(0x30, misnamed(later));
    expect(await isOwn(ofName(0x13), ...others(15), real)).toEqual([false]);
    expect(await isOwn(ofName(0x13), ...others(16), real)).toEqual([true]);
    // Certifications by others are none of them.
    const certifications = Array.from({ length: 20 }, (_, index) =>
      ofName(0x10, { by: bob, createdAt: HAND_TIME + index }),
    );
    expect(await isOwn(ofName(0x13), ...certifications, real)).toEqual([false]);
  });

  it('is nobody’s below a key whose algorithm is not verified', async () => {
    const unknown = makeHandKey('x25519');
    const certificate = makeHandCertificate({ primary: unknown, subkeys: [{ key: sub, bindings: [] }] });
    const { primary: own, subkeys, ownUserIds } = await verifySelfSignatures(parse(certificate));
    const nothing = { bindings: [], doubted: [], binding: 'bad', revocations: [], unclearRevocation: false };
    expect(own).toEqual({ ...nothing, backSignature: 'verified' });
    expect(subkeys).toEqual([{ ...nothing, backSignature: 'missing' }]);
    expect(ownUserIds).toEqual([false]);
  });
});

describe('a primary key', () => {
  it('is bound by direct key signatures and certifications alone', async () => {
    const { primary: own } = await verified(ofKey(0x13), ofKey(0x18), ofKey(0x20, { value: FALSE_VALUE }));
    expect(own).toMatchObject({
      bindings: [],
      binding: 'missing',
      revocations: [],
      backSignature: 'verified',
    });
    const both = await verified(ofKey(0x1f), name, ofName(0x13));
    expect(types(both.primary.bindings)).toEqual([0x1f, 0x13]);
    expect(both.primary.binding).toBe('verified');
  });

  it('is revoked by its own revocations, in whosever name, not by those of subkeys', async () => {
    const revocations = async (...signatures: Uint8Array[]) =>
      types((await verified(...signatures)).primary.revocations);
    expect(await revocations(ofKey(0x20))).toEqual([0x20]);
    expect(await revocations(ofKey(0x20, misnamed(HAND_TIME)))).toEqual([0x20]);
    expect(await revocations(ofKey(0x28, misnamed(HAND_TIME)))).toEqual([]);
    expect(await revocations(ofKey(0x20, { by: bob }))).toEqual([]);
  });

  it('has a revocation that is unclear, and none, where that is only false', async () => {
    const unclear = async (signature: SelfSignature) =>
      (await verified(ofKey(0x20, signature))).primary.unclearRevocation;
    expect(await unclear({ hashId: 99 })).toBe(true);
    expect(await unclear({ value: FALSE_VALUE })).toBe(false);
    expect(await unclear({})).toBe(false);
  });
});

describe('a revoker', () => {
  const appointed = Buffer.concat([Uint8Array.of(0x80, bob.algorithm), bob.fingerprint]);
  const isHeard = async (type: number, body: Uint8Array, revocation: SelfSignature = { by: bob }) => {
    const appointment = ofKey(0x1f, { more: [subpacket(type, body)] });
    const { primary: own } = await verified(appointment, ofKey(0x20, revocation));
    return own.unclearRevocation;
  };

  it('is named by subpacket 12 with the fingerprint of a key of version 4', async () => {
    expect(await isHeard(12, appointed)).toBe(true);
    expect(await isHeard(30, appointed)).toBe(false);
    expect(await isHeard(12, Buffer.concat([appointed, Buffer.of(0)]))).toBe(false);
    expect(await isHeard(12, appointed.subarray(0, 21))).toBe(false);
    const unset = Buffer.from(appointed);
    unset[0] = 0x7f;
    expect(await isHeard(12, unset)).toBe(false);
    expect(await isHeard(12, Buffer.alloc(0))).toBe(false);
  });

  it('is heard by the key id alone', async () => {
    const time = [subpacket(2, number(HAND_TIME, 4))];
    expect(await isHeard(12, appointed, { by: bob, hashed: time, unhashed: [issuerKeyId(bob)] })).toBe(true);
    // It was appointed by its whole fingerprint, though.
    const short = Buffer.concat([appointed.subarray(0, 2), appointed.subarray(-8)]);
    expect(await isHeard(12, short, { by: bob, hashed: time, unhashed: [issuerKeyId(bob)] })).toBe(false);
    const stranger = makeHandKey('ed25519-legacy');
    expect(await isHeard(12, appointed, { by: bob, hashed: time, unhashed: [issuerKeyId(stranger)] })).toBe(
      false,
    );
  });
});

describe('a back signature', () => {
  const found = async (...bindings: Binding[]) => {
    const certificate = makeHandCertificate({ primary: alice, subkeys: [{ key: sub, bindings }] });
    return (await verifySelfSignatures(parse(certificate))).subkeys.map(({ backSignature }) => backSignature);
  };
  const falsely = (count: number): Binding[] =>
    Array.from({ length: count }, (_, index) => ({
      createdAt: HAND_TIME + index,
      back: { value: FALSE_VALUE },
    }));

  it('is missing, bad or verified', async () => {
    expect(await found({ back: null })).toEqual(['missing']);
    expect(await found({ back: { value: FALSE_VALUE } })).toEqual(['bad']);
    expect(await found({})).toEqual(['verified']);
  });

  it('is looked for in the eight newest bindings that have one', async () => {
    const oldest: Binding = { createdAt: HAND_TIME - 1 };
    expect(await found(oldest, ...falsely(7))).toEqual(['verified']);
    expect(await found(oldest, ...falsely(8))).toEqual(['bad']);
    expect(await found(...falsely(8), { createdAt: HAND_TIME + 100 })).toEqual(['verified']);
  });

  it('that can’t be read is bad', async () => {
    const embedded = (body: Uint8Array): Binding => ({ back: null, more: [subpacket(32, body)] });
    expect(await found(embedded(Buffer.of(4, 0x19)))).toEqual(['bad']);
    expect(await found(embedded(Buffer.of(3)), {})).toEqual(['verified']);
  });

  it('is none in a binding that does not verify', async () => {
    expect(await found({ value: FALSE_VALUE })).toEqual(['missing']);
    const strange = selfSign(bob, subkeyDocument(alice, sub), { type: 0x18 });
    const { subkeys } = await verified(packet(TAG.publicSubkey, sub.body), strange);
    expect(subkeys).toMatchObject([{ binding: 'missing', backSignature: 'missing' }]);
  });
});
