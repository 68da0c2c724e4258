import { describe, expect, it } from 'vitest';
import type { CertificatePackets } from '../../../src/core/identity/certificate-packets.ts';
import { keepVerified } from '../../../src/core/identity/keep-verified.ts';
import { selfSign, subkeyDocument, userIdDocument } from '../../keys/hand-certificates.ts';
import type { SelfSignature } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HASH_IDS, mpi, packet, subpacket, TAG } from '../../keys/packets.ts';
import { parse } from './opened.ts';

const FALSE_VALUE = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);
const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const carol = makeHandKey('ed25519-legacy');
const sub = makeHandKey('ed25519-legacy');

const primary = packet(TAG.publicKey, alice.body);
const name = packet(TAG.userId, Buffer.from('alice'));
const subkey = packet(TAG.publicSubkey, sub.body);
const ofKey = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, hashedKey(alice), { type, ...signature });
const ofName = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, userIdDocument(alice, 'alice'), { type, ...signature });
const ofSubkey = (type: number, signature: SelfSignature = {}) =>
  selfSign(alice, subkeyDocument(alice, sub), { type, ...signature });
const appoint = (key: HandKey): SelfSignature => ({
  more: [subpacket(12, Buffer.concat([Uint8Array.of(0x80, key.algorithm), key.fingerprint]))],
});

const types = (signatures: readonly { readonly type: number }[]) => signatures.map(({ type }) => type);
const kept = (...parts: Uint8Array[]): Promise<CertificatePackets> =>
  keepVerified(parse(Buffer.concat([primary, ...parts])));

/** One thing signed three times: falsely, with a hash that nobody knows, and rightly. */
const threefold = (sign: (type: number, signature?: SelfSignature) => Uint8Array, type: number) => [
  sign(type, { value: FALSE_VALUE }),
  sign(type, { hashId: 99 }),
  sign(type),
];

describe('of a certificate is kept', () => {
  it('of claims what verifies, of revocations what is unclear too', async () => {
    const {
      primary: own,
      userIds,
      subkeys,
    } = await kept(
      ...[...threefold(ofKey, 0x1f), ...threefold(ofKey, 0x20)],
      ...[name, ...threefold(ofName, 0x10), ...threefold(ofName, 0x30)],
      ...[subkey, ...threefold(ofSubkey, 0x18), ...threefold(ofSubkey, 0x28)],
    );
    expect([own, ...userIds, ...subkeys].map(({ signatures }) => types(signatures))).toEqual([
      [0x1f, 0x20, 0x20],
      [0x10, 0x30, 0x30],
      [0x18, 0x28, 0x28],
    ]);
    for (const { signatures } of [own, ...userIds, ...subkeys]) {
      expect(signatures.map(({ hash }) => hash)).toEqual([HASH_IDS.sha256, 99, HASH_IDS.sha256]);
    }
  });

  it('nothing of a type that has no place there, even if the owner signed it', async () => {
    const {
      primary: own,
      userIds,
      subkeys,
    } = await kept(
      ...[ofKey(0x13), ofKey(0x18), ofKey(0x28), ofKey(0x1f)],
      ...[name, ofName(0x18), ofName(0x28), ofName(0x13)],
      ...[subkey, ofSubkey(0x13), ofSubkey(0x30), ofSubkey(0x18)],
    );
    expect(types(own.signatures)).toEqual([0x1f]);
    expect(userIds.map(({ signatures }) => types(signatures))).toEqual([[0x13]]);
    expect(subkeys.map(({ signatures }) => types(signatures))).toEqual([[0x18]]);
  });

  it('a name with a certification, or a revocation that can’t be read', async () => {
    const revocation = ofName(0x30, { more: [subpacket(99, Buffer.from('?'), true)] });
    const { userIds } = await kept(name, packet(TAG.userId, Buffer.from('second')), revocation);
    expect(userIds.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['second']);
    expect(userIds[0]?.unreadRevocations).toHaveLength(1);
    const taken = await kept(name, ofName(0x30));
    expect(taken.userIds.map(({ signatures }) => types(signatures))).toEqual([[0x30]]);
  });

  it('a subkey that is bound, and not one that is only revoked', async () => {
    expect((await kept(subkey, ofSubkey(0x28))).subkeys).toEqual([]);
    expect((await kept(subkey, ofSubkey(0x18, { value: FALSE_VALUE }), ofSubkey(0x28))).subkeys).toEqual([]);
    expect((await kept(subkey, ofSubkey(0x18), ofSubkey(0x28))).subkeys).toHaveLength(1);
  });

  it.each<[string, Uint8Array[]]>([
    ['itself', [ofKey(0x1f, appoint(bob))]],
    ['a name of it', [name, ofName(0x13, appoint(bob))]],
  ])('what somebody whom %s appointed revoked, and nobody else', async (_, appointing) => {
    const { primary: own, subkeys } = await kept(
      ...appointing,
      ...[ofKey(0x20, { by: bob }), ofKey(0x20, { by: carol })],
      ...[subkey, ofSubkey(0x18), ofSubkey(0x28, { by: carol }), ofSubkey(0x28, { by: bob })],
    );
    const by = ({ issuer }: { readonly issuer: { readonly fingerprint: string | null } }) =>
      issuer.fingerprint;
    const ofBob = [Buffer.from(bob.fingerprint).toString('hex').toUpperCase()];
    expect(own.foreignRevocations.map(by)).toEqual(ofBob);
    expect(subkeys.map(({ foreignRevocations }) => foreignRevocations.map(by))).toEqual([ofBob]);
  });

  it('nothing that a false appointment would keep', async () => {
    const { primary: own } = await kept(
      ofKey(0x1f, { ...appoint(bob), value: FALSE_VALUE }),
      ofKey(0x20, { by: bob }),
    );
    expect([own.signatures, own.foreignRevocations]).toEqual([[], []]);
  });

  it('all of it, where its algorithm is not verified', async () => {
    const unknown = makeHandKey('x25519');
    const packets = parse(
      Buffer.concat([
        ...[packet(TAG.publicKey, unknown.body), ofKey(0x20, { by: unknown })],
        ...[name, ofName(0x13, { by: unknown }), packet(TAG.userId, Buffer.from('second'))],
        ...[subkey, ofSubkey(0x28, { by: unknown })],
      ]),
    );
    expect(packets.subkeys.map(({ signatures }) => types(signatures))).toEqual([[0x28]]);
    expect(await keepVerified(packets)).toEqual(packets);
  });
});
