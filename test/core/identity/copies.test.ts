import { describe, expect, it } from 'vitest';
import { mergeCopies, openCopies } from '../../../src/core/identity/certificate-copies.ts';
import type { CertificatePackets, SignedKey } from '../../../src/core/identity/certificate-packets.ts';
import {
  makeHandCertificate,
  selfSign,
  subkeyDocument,
  userIdDocument,
} from '../../keys/hand-certificates.ts';
import type { HandSubkey, SelfSignature } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, packet, subpacket, TAG } from '../../keys/packets.ts';
import { parse } from './opened.ts';

const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const first = makeHandKey('ed25519-legacy', { createdAt: HAND_TIME + 1 });
const second = makeHandKey('ed25519-legacy', { createdAt: HAND_TIME + 2 });
const unreadable: SelfSignature = { flags: null, more: [subpacket(99, Buffer.from('?'), true)] };

const primary = packet(TAG.publicKey, alice.body);
const ofKey = (signature: SelfSignature) => selfSign(alice, hashedKey(alice), { type: 0x1f, ...signature });
const ofName = (signature: SelfSignature) =>
  selfSign(alice, userIdDocument(alice, 'alice'), { type: 0x13, ...signature });
const ofSubkey = (key: HandKey, signature: SelfSignature) =>
  selfSign(alice, subkeyDocument(alice, key), { type: 0x18, ...signature });
const name = packet(TAG.userId, Buffer.from('alice'));
const subkey = packet(TAG.publicSubkey, first.body);

/** How often each list of a key has something, and of which types. */
const listed = ({ signatures, foreignRevocations, unreadable, unreadRevocations }: SignedKey) => ({
  signatures: signatures.map(({ type, createdAt }) => [type, createdAt - HAND_TIME]),
  foreign: foreignRevocations.map(({ type, createdAt }) => [type, createdAt - HAND_TIME]),
  unreadable: [...unreadable],
  unread: unreadRevocations.map((body) => body[1]),
});

describe('two copies of a certificate', () => {
  const a = parse(Buffer.concat([primary, name, ofName({}), subkey, ofSubkey(first, {})]));
  const b = parse(
    Buffer.concat([
      primary,
      ofKey({ createdAt: HAND_TIME + 1 }),
      ofKey({ ...unreadable, type: 0x20 }),
      ofKey({ type: 0x20, by: bob, createdAt: HAND_TIME + 2 }),
      name,
      ofName({ createdAt: HAND_TIME + 3 }),
      ofName({}),
      ofName({ by: bob, type: 0x10, createdAt: HAND_TIME + 4 }),
      ofName({ ...unreadable, type: 0x30 }),
      packet(TAG.userId, Buffer.from('second')),
      subkey,
      ofSubkey(first, {}),
      ofSubkey(first, { ...unreadable, type: 0x28 }),
      ofSubkey(first, { type: 0x28, by: bob, createdAt: HAND_TIME + 5 }),
      packet(TAG.publicSubkey, second.body),
      ofSubkey(second, { createdAt: HAND_TIME + 6 }),
    ]),
  );
  const described = ({ primary: { key, ...own }, userIds, subkeys }: CertificatePackets) => ({
    key: key.fingerprint,
    own: listed({ key, ...own }),
    userIds: userIds.map(({ bytes, signatures, others, unreadRevocations }) => ({
      name: Buffer.from(bytes).toString(),
      signatures: signatures.map(({ createdAt }) => createdAt - HAND_TIME).sort(),
      others: others.map(({ createdAt }) => createdAt - HAND_TIME),
      unread: unreadRevocations.map((body) => body[1]),
    })),
    subkeys: subkeys.map((each) => [each.key.createdAt - HAND_TIME, listed(each)]),
  });
  const both = {
    key: a.primary.key.fingerprint,
    own: { signatures: [[0x1f, 1]], foreign: [[0x20, 2]], unreadable: [0x20], unread: [0x20] },
    userIds: [
      { name: 'alice', signatures: [0, 3], others: [4], unread: [0x30] },
      { name: 'second', signatures: [], others: [], unread: [] },
    ],
    subkeys: [
      [1, { signatures: [[0x18, 0]], foreign: [[0x28, 5]], unreadable: [0x28], unread: [0x28] }],
      [2, { signatures: [[0x18, 6]], foreign: [], unreadable: [], unread: [] }],
    ],
  };

  it('say together what either of them says', () => {
    expect(described(mergeCopies(a, b))).toEqual(both);
    expect(described(mergeCopies(b, a))).toEqual(both);
    expect(described(mergeCopies(mergeCopies(a, b), b))).toEqual(both);
  });

  it('are called by the first one’s file', () => {
    expect(mergeCopies({ ...a, file: '1' }, { ...b, file: '2' }).file).toBe('1');
  });

  it('have each signature counted once, however often they come', () => {
    const copies = openCopies(a);
    const counts = [a, b, b, a].map((copy) => {
      copies.add(copy);
      return copies.load.signatures;
    });
    // Of other people’s certifications, and of what can’t be read, there is none among them.
    expect([openCopies(a).load.signatures, openCopies(b).load.signatures, ...counts]).toEqual([
      2, 7, 2, 7, 7, 7,
    ]);
  });

  it('are left alone while there is one', () => {
    expect(openCopies(a).merged()).toBe(a);
  });
});

describe('copies are too large', () => {
  const withSubkeys = (from: number, count: number) =>
    parse(
      makeHandCertificate({
        primary: alice,
        subkeys: Array.from({ length: count }, (_, index): HandSubkey => {
          const body = Buffer.from(first.body);
          body.writeUInt32BE(from + index, 1);
          return { key: { ...first, body }, bindings: [] };
        }),
      }),
    );
  const withNames = (from: number, count: number) =>
    parse(
      Buffer.concat([
        primary,
        ...Array.from({ length: count }, (_, index) =>
          packet(TAG.userId, Buffer.from(`name ${from + index}`)),
        ),
      ]),
    );
  const together = (...[one, ...others]: CertificatePackets[]) => {
    if (one === undefined) throw new Error('no copies');
    const copies = openCopies(one);
    for (const copy of others) copies.add(copy);
    return copies.tooLarge;
  };

  it('with more than 64 keys in all', () => {
    expect(together(withSubkeys(0, 63))).toBe(false);
    expect(together(withSubkeys(0, 40), withSubkeys(30, 33))).toBe(false);
    expect(together(withSubkeys(0, 40), withSubkeys(40, 24))).toBe(true);
  });

  it('with more than 256 names in all', () => {
    expect(together(withNames(0, 256))).toBe(false);
    expect(together(withNames(0, 200), withNames(100, 156))).toBe(false);
    expect(together(withNames(0, 200), withNames(200, 57))).toBe(true);
  });

  it('where one alone is', () => {
    const { subkeys, ...rest } = withSubkeys(0, 40);
    expect(together({ ...rest, subkeys: [...subkeys, ...withSubkeys(40, 24).subkeys] })).toBe(true);
    const names = [...withNames(0, 250).userIds, ...withNames(250, 7).userIds];
    expect(together({ ...withNames(0, 0), userIds: names })).toBe(true);
  });
});
