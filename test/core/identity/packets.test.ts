import { describe, expect, it } from 'vitest';
import {
  hasUnreadableRevocation,
  mayBeBy,
  placePackets,
} from '../../../src/core/identity/certificate-packets.ts';
import { Refusal } from '../../../src/core/signature/refusal.ts';
import { selfSign, subkeyDocument, userIdDocument } from '../../keys/hand-certificates.ts';
import type { SelfSignature } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, issuerKeyId, number, packet, signByHand, subpacket, TAG } from '../../keys/packets.ts';
import { parse } from './opened.ts';

const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const second = makeHandKey('ed25519-legacy');
const unreadable: SelfSignature = { flags: null, more: [subpacket(99, Buffer.from('?'), true)] };

const primary = packet(TAG.publicKey, alice.body);
const name = packet(TAG.userId, Buffer.from('alice'));
const subkey = packet(TAG.publicSubkey, second.body);
const ofKey = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, hashedKey(alice), { type, ...signature });
const ofName = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, userIdDocument(alice, 'alice'), { type, ...signature });
const ofSubkey = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, subkeyDocument(alice, second), { type, ...signature });
const placed = (...parts: Uint8Array[]) => parse(Buffer.concat([primary, ...parts]));
const types = (signatures: readonly { readonly type: number }[]) => signatures.map(({ type }) => type);
const typesOf = (bodies: readonly Uint8Array[]) => bodies.map((body) => body[1]);

describe('packets of a certificate', () => {
  it('begin with its primary key', () => {
    expect(() => placePackets('a', [])).toThrow(Refusal);
    expect(() => placePackets('a', [{ tag: TAG.userId, body: Buffer.from('alice') }])).toThrow(Refusal);
    const asSubkey = { tag: TAG.publicSubkey, body: alice.body };
    expect(() => placePackets('a', [asSubkey])).toThrow(Refusal);
  });

  it('that speak of the primary key alone are heard wherever they stand', () => {
    const { primary: own, userIds, subkeys } = placed(name, ofKey(0x1f), subkey, ofKey(0x20), ofSubkey(0x18));
    expect(types(own.signatures)).toEqual([0x1f, 0x20]);
    expect(userIds.map(({ signatures }) => signatures)).toEqual([[]]);
    expect(subkeys.map(({ signatures }) => types(signatures))).toEqual([[0x18]]);
  });

  it('belong to the primary key, where it stands there again', () => {
    const { primary: own, userIds } = placed(name, primary, ofKey(0x13), name, ofName(0x10));
    expect(types(own.signatures)).toEqual([0x13]);
    expect(userIds.map(({ signatures }) => types(signatures))).toEqual([[0x10]]);
  });

  it('that stand there twice are one', () => {
    const {
      primary: own,
      userIds,
      subkeys,
    } = placed(
      ...[ofKey(0x1f), ofKey(0x1f), name, ofName(0x13), ofName(0x13), name, ofName(0x13)],
      ...[subkey, ofSubkey(0x18), subkey, ofSubkey(0x18)],
    );
    expect([own, ...userIds, ...subkeys].map(({ signatures }) => signatures.length)).toEqual([1, 1, 1]);
  });

  it('that can’t be read are remembered by their types, revocations as they are', () => {
    const {
      primary: own,
      userIds,
      subkeys,
    } = placed(
      ofKey(0x1f, unreadable),
      ofKey(0x20, unreadable),
      name,
      ofName(0x13, unreadable),
      ofName(0x30, unreadable),
      subkey,
      ofSubkey(0x18, unreadable),
      ofSubkey(0x28, unreadable),
    );
    expect([...own.unreadable]).toEqual([0x1f, 0x20]);
    expect(typesOf(own.unreadRevocations)).toEqual([0x20]);
    expect(userIds.map((one) => typesOf(one.unreadRevocations))).toEqual([[0x30]]);
    expect(subkeys.map((one) => [...one.unreadable])).toEqual([[0x18, 0x28]]);
    expect(subkeys.map((one) => typesOf(one.unreadRevocations))).toEqual([[0x28]]);
    expect([own, ...userIds, ...subkeys].map(({ signatures }) => signatures)).toEqual([[], [], []]);
  });

  it('have their types in the third byte in version 3', () => {
    const { primary: own } = placed(ofKey(0x20, { version: 3 }));
    expect([...own.unreadable]).toEqual([0x20]);
  });

  it('that are too short to have a type say nothing', () => {
    const { primary: own } = placed(
      packet(TAG.signature, Buffer.alloc(0)),
      packet(TAG.signature, Buffer.of(4)),
    );
    expect([...own.unreadable]).toEqual([]);
    expect(own.unreadRevocations).toEqual([]);
  });

  it('in other people’s names are kept where they may count', () => {
    const by = { by: bob };
    const {
      primary: own,
      userIds,
      subkeys,
    } = placed(
      ...[ofKey(0x1f, by), ofKey(0x20, by), ofKey(0x10, by)],
      ...[name, ofName(0x10, by), ofName(0x30, by), ofName(0x18, by), ofName(0x13)],
      ...[subkey, ofSubkey(0x18, by), ofSubkey(0x28, by)],
    );
    expect([own, ...userIds, ...subkeys].map(({ signatures }) => types(signatures))).toEqual([
      [],
      [0x13],
      [],
    ]);
    expect(types(own.foreignRevocations)).toEqual([0x20]);
    expect(userIds.map(({ others }) => types(others))).toEqual([[0x10, 0x30]]);
    expect(subkeys.map(({ foreignRevocations }) => types(foreignRevocations))).toEqual([[0x28]]);
  });

  it('by others are 4096 of a name at most, and revocations however many', () => {
    const others = (count: number, type: number) =>
      Array.from({ length: count }, (_, index) =>
        packet(
          TAG.signature,
          signByHand(bob, Buffer.alloc(0), {
            type,
            hashed: [subpacket(2, number(index, 4))],
            unhashed: [issuerKeyId(bob)],
            value: Buffer.alloc(0),
          }),
        ),
      );
    const count = (...parts: Uint8Array[]) => types(placed(name, ...parts).userIds[0]?.others ?? []);
    expect(count(...others(4097, 0x10))).toEqual(Array<number>(4096).fill(0x10));
    expect(count(...others(4096, 0x10), ...others(2, 0x30))).toEqual([
      ...Array<number>(4096).fill(0x10),
      0x30,
      0x30,
    ]);
  });
});

describe('who may have made a signature', () => {
  const key = parse(primary).primary.key;
  const other = parse(packet(TAG.publicKey, bob.body)).primary.key;

  it('is told by its fingerprint, and by its key id without one', () => {
    const { fingerprint, keyId } = key;
    expect(mayBeBy(key, { fingerprint, keyId })).toBe(true);
    expect(mayBeBy(key, { fingerprint, keyId: other.keyId })).toBe(true);
    expect(mayBeBy(key, { fingerprint: other.fingerprint, keyId })).toBe(false);
    expect(mayBeBy(key, { fingerprint: null, keyId })).toBe(true);
    expect(mayBeBy(key, { fingerprint: null, keyId: other.keyId })).toBe(false);
    expect(mayBeBy(key, { fingerprint: null, keyId: null })).toBe(true);
  });

  it('is so read from packets', () => {
    const time = subpacket(2, number(HAND_TIME, 4));
    const signed = (hint: readonly Uint8Array[]) => ofName(0x13, { hashed: [time], unhashed: hint });
    const [userId] = placed(
      name,
      signed([issuerKeyId(alice)]),
      signed([issuerKeyId(bob)]),
      signed([]),
    ).userIds;
    expect([userId?.signatures.length, userId?.others.length]).toEqual([2, 1]);
  });
});

describe('a certificate', () => {
  it('has a revocation that can’t be read, of itself or of a subkey', () => {
    const has = (type: number) =>
      [placed(ofKey(type, unreadable)).primary, ...placed(subkey, ofSubkey(type, unreadable)).subkeys].map(
        hasUnreadableRevocation,
      );
    expect([has(0x20), has(0x28), has(0x1f)]).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});
