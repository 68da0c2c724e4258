import { describe, expect, it } from 'vitest';
import { mergeCopies, openCopies } from '../../../src/core/identity/certificate-copies.ts';
import { isBeyond, loadOf, weightOf } from '../../../src/core/identity/certificate-weight.ts';
import {
  makeHandCertificate,
  selfSign,
  subkeyDocument,
  userIdDocument,
} from '../../keys/hand-certificates.ts';
import type { Binding } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, packet, subpacket, TAG } from '../../keys/packets.ts';
import { parse } from './opened.ts';

const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const strong = makeHandKey('p521');
const [primary, name] = [packet(TAG.publicKey, alice.body), packet(TAG.userId, Buffer.from('alice'))];
const ofKey = (type: number, options = {}) => selfSign(alice, hashedKey(alice), { type, ...options });
const ofName = (type: number, options = {}) =>
  selfSign(alice, userIdDocument(alice, 'alice'), { type, ...options });
const ofSubkey = (type: number, options = {}) =>
  selfSign(alice, subkeyDocument(alice, strong), { type, ...options });
const subkey = packet(TAG.publicSubkey, strong.body);
const load = (...parts: Uint8Array[]) => loadOf(parse(Buffer.concat([primary, ...parts])));

describe('a certificate', () => {
  it('may have 64 keys, 256 names and 512 signatures', () => {
    const of = (signatures: number, weight = signatures) => ({ signatures, weight });
    expect(isBeyond(63, 256, of(512, 1024))).toBe(false);
    const beyond = [isBeyond(64, 0, of(0)), isBeyond(0, 257, of(0)), isBeyond(0, 0, of(513))];
    expect([...beyond, isBeyond(0, 0, of(100, 1025))]).toEqual([true, true, true, true]);
  });

  it('has those signatures counted that have a part in our judgement', () => {
    const by = { by: bob };
    const unreadable = { more: [subpacket(99, Buffer.from('?'), true)] };
    const parts = [
      ...[ofKey(0x1f), ofKey(0x20, by), ofKey(0x20, unreadable)],
      ...[name, ofName(0x13), ofName(0x10, by)],
      ...[subkey, ofSubkey(0x18), ofSubkey(0x28, by), ofSubkey(0x28, { ...by, createdAt: HAND_TIME + 1 })],
    ];
    expect(load(...parts).signatures).toBe(6);
    // Those that stand in a wrong place, too.
    expect(load(...parts, name, ofSubkey(0x18), ofSubkey(0x28)).signatures).toBe(8);
  });
});

describe('the weight of a certificate', () => {
  it('is that of its primary key for each of its signatures', () => {
    expect(load(ofKey(0x1f), name, ofName(0x13), ofName(0x30)).weight).toBe(3);
    const certificate = makeHandCertificate({ primary: strong, direct: [{}] });
    expect(loadOf(parse(certificate)).weight).toBe(28);
    // Of an algorithm that nothing is verified with.
    expect(loadOf(parse(makeHandCertificate({ primary: makeHandKey('x25519') }))).weight).toBe(0);
  });

  it('grows with the bits of a key', () => {
    const rsa = (bits: number) => weightOf({ algorithm: 'rsa', bits });
    expect([1024, 4096, 4097, 8192, 16384].map(rsa)).toEqual([1, 1, 2, 4, 16]);
    const others = (['ed25519', 'p256', 'ed448', 'p384', 'p521'] as const).map((algorithm) =>
      weightOf({ algorithm, bits: 0 }),
    );
    expect(others).toEqual([1, 1, 2, 6, 14]);
  });

  it('grows with what is hashed', () => {
    const long = ofKey(0x1f, { more: [subpacket(100, Buffer.alloc(1 << 15))] });
    expect(load(long).weight).toBe(3);
    const key = { ...strong, body: Buffer.concat([strong.body.subarray(0, 5), Buffer.alloc(1 << 14, 99)]) };
    const certificate = makeHandCertificate({
      primary: alice,
      subkeys: [{ key, bindings: [{ back: null }] }],
    });
    // A name and a binding, 16 KiB below the binding, and 16 times 16 KiB for what may be misplaced.
    expect(loadOf(parse(certificate)).weight).toBe(2 + 1 + 16);
  });

  it('has 8 back signatures of a subkey', () => {
    const bound = (count: number) => {
      const bindings = Array.from({ length: count }, (_, index): Binding => ({
        createdAt: HAND_TIME + index,
      }));
      return loadOf(parse(makeHandCertificate({ primary: alice, subkeys: [{ key: strong, bindings }] })))
        .weight;
    };
    expect([1, 2, 8, 9].map((count) => bound(count) - count - 1)).toEqual(
      [1, 2, 8, 8].map((count) => 14 * count),
    );
  });

  it('has 16 revocations of a name in other people’s names, and no certifications', () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => ofName(0x30, { by: bob, createdAt: HAND_TIME + index }));
    expect(load(name, ...others(16), ofName(0x10, { by: bob }))).toEqual({ signatures: 0, weight: 16 });
    expect(load(name, ...others(17))).toEqual({ signatures: 0, weight: 16 });
  });

  it('has 8 revocations tried with every subkey, and as many bindings hashed', () => {
    const more = packet(TAG.publicSubkey, bob.body);
    const subkeys = [subkey, more];
    const made = (type: number, count: number) =>
      Array.from({ length: count }, (_, index) => ofSubkey(type, { createdAt: HAND_TIME + index }));
    expect(load(...subkeys, ...made(0x28, 3)).weight).toBe(3 + 2 * 3);
    expect(load(...subkeys, ...made(0x28, 9)).weight).toBe(9 + 2 * 8);
    expect(load(...subkeys, ...made(0x18, 9)).weight).toBe(9 + 1);
    expect(load(...made(0x18, 9)).weight).toBe(9);
  });

  it('is that of all copies together, however they come', () => {
    const parts = [
      [ofKey(0x1f), name, ofName(0x13), ofName(0x30, { by: bob }), ofSubkey(0x28)],
      [name, ofName(0x13), ofName(0x30, { by: bob, createdAt: 1 }), subkey, ofSubkey(0x18), ofSubkey(0x28)],
      [
        subkey,
        ofSubkey(0x28, { by: bob }),
        ofSubkey(0x18, { createdAt: HAND_TIME + 1 }),
        name,
        ofSubkey(0x18),
      ],
    ].map((copy) => parse(Buffer.concat([primary, ...copy])));
    const [a, b, c] = parts;
    if (a === undefined || b === undefined || c === undefined) throw new Error('no copies');
    const copies = openCopies(a);
    for (const copy of [b, c, a, b]) copies.add(copy);
    expect(copies.load).toEqual(loadOf(mergeCopies(mergeCopies(a, b), c)));
    expect(copies.load).toEqual(loadOf(copies.merged()));
    expect(openCopies(a).load).toEqual(loadOf(a));
  });
});
