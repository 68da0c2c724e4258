import { describe, expect, it } from 'vitest';
import { isRefresh } from '../../../src/core/identity/refresh.ts';
import { FLAG, makeHandCertificate, selfSign, userIdDocument } from '../../keys/hand-certificates.ts';
import type { Binding, HandCertificate, SelfSignature } from '../../keys/hand-certificates.ts';
import { hashedKey, makeHandKey } from '../../keys/hand-keys.ts';
import {
  HAND_TIME,
  issuerFingerprint,
  issuerKeyId,
  mpi,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../../keys/packets.ts';

/** The same rules as in `refresh.test.ts`, on certificates that gpg does not make. */
const LATER = HAND_TIME + 1000;
const FALSE_VALUE = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);
const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const first = makeHandKey('ed25519-legacy', { createdAt: HAND_TIME + 1 });
const second = makeHandKey('ed25519-legacy', { createdAt: HAND_TIME + 2 });

type Parts = Omit<HandCertificate, 'primary'>;
type Case = readonly [name: string, before: Uint8Array, after: Uint8Array];

const made = (parts: Parts = {}): Buffer => makeHandCertificate({ primary: alice, ...parts });
const named = (...signatures: SelfSignature[]) => ({ text: 'alice', signatures });
const withName = (...signatures: SelfSignature[]) => made({ userIds: [named(...signatures)] });
const withSubkey = (...bindings: Binding[]) => made({ subkeys: [{ key: first, bindings }] });
const withTwo = (firstEnds: number, secondEnds: number) =>
  made({
    subkeys: [
      { key: first, bindings: [{ keyExpires: firstEnds, createdAt: HAND_TIME + firstEnds }] },
      { key: second, bindings: [{ keyExpires: secondEnds }] },
    ],
  });
const direct = (signature: SelfSignature = {}) =>
  selfSign(alice, hashedKey(alice), { type: 0x1f, ...signature });
const ofName = (signature: SelfSignature, text = 'alice') =>
  selfSign(alice, userIdDocument(alice, text), { type: 0x13, ...signature });
const old: SelfSignature = { keyExpires: 5000 };
const young: SelfSignature = { keyExpires: 9000, createdAt: LATER };
const takenBack: SelfSignature = { type: 0x30, flags: null, createdAt: HAND_TIME + 10 };
const appoint: SelfSignature = {
  flags: null,
  more: [subpacket(12, Buffer.concat([Uint8Array.of(0x80, bob.algorithm), bob.fingerprint]))],
};
const revocation = selfSign(alice, hashedKey(alice), { type: 0x20, flags: null, revocationReason: 3 });
const picture = packet(TAG.attribute, Buffer.from('picture'));
const nobodys = (index: number): Buffer =>
  packet(
    TAG.signature,
    signByHand(alice, Buffer.from('junk'), {
      type: 0x13,
      value: mpi(Uint8Array.of(1)),
      hashed: [subpacket(2, number(index, 4))],
      unhashed: [],
    }),
  );

describe('a changed key file is a refresh', () => {
  it.each<Case>([
    ['when nothing changed', withName(old), withName(old)],
    ['when its name was prolonged', withName(old), withName(young)],
    ['when it was prolonged for ever', withName(old), withName({ createdAt: LATER })],
    ['when it ended never and does not now', withName({}), withName({ createdAt: LATER })],
    ['when the new signature stands beside the old one', withName(old), withName(old, young)],
    ['when the old one of two goes', withName(old, young), withName(young)],
    ['when both stand there in two copies', withName(old), Buffer.concat([withName(old), withName(young)])],
    ['when a direct key signature was prolonged', made({ direct: [old] }), made({ direct: [young] })],
    [
      'when a direct key signature was prolonged, wherever it stands',
      Buffer.concat([withSubkey({}), direct(old)]),
      made({ direct: [young], subkeys: [{ key: first }] }),
    ],
    [
      'when a revocation of the key stands elsewhere',
      Buffer.concat([withSubkey(old), revocation]),
      Buffer.concat([packet(TAG.publicKey, alice.body), revocation, withSubkey(young)]),
    ],
    ['when a subkey was prolonged', withSubkey(old), withSubkey(young)],
    ['when one of two subkeys was prolonged', withTwo(5000, 8000), withTwo(6000, 8000)],
    [
      'when the new signature has a note, and names its maker otherwise',
      withName({ ...old, hashed: [subpacket(2, number(HAND_TIME, 4)), issuerFingerprint(alice)] }),
      withName({
        ...young,
        hashed: [
          subpacket(2, number(LATER, 4)),
          issuerKeyId(alice),
          subpacket(
            20,
            Buffer.concat([number(0x80000000, 4), number(1, 2), number(1, 2), Buffer.from('ab')]),
          ),
        ],
      }),
    ],
    [
      'when the new signature says the same in another order',
      withName({ more: [subpacket(23, Uint8Array.of(0x80)), subpacket(30, Uint8Array.of(1))] }),
      withName({
        createdAt: LATER,
        more: [subpacket(30, Uint8Array.of(1)), subpacket(23, Uint8Array.of(0x80))],
      }),
    ],
    [
      'when names stand in another order, one of them a stranger’s',
      made({ userIds: [named({}), { text: 'b', signatures: [] }] }),
      made({ userIds: [{ text: 'b', signatures: [] }, named({})] }),
    ],
    [
      'when one of two certificates in a file was prolonged',
      Buffer.concat([withName(old), makeHandCertificate({ primary: bob })]),
      Buffer.concat([makeHandCertificate({ primary: bob }), withName(young)]),
    ],
    [
      'when it appoints whom it appointed',
      made({ direct: [appoint], userIds: [named(old)] }),
      made({ direct: [appoint], userIds: [named(young)] }),
    ],
    [
      'when a picture and what is signed of it stay',
      Buffer.concat([withName(old), picture, nobodys(1)]),
      Buffer.concat([withName(young), picture, nobodys(1)]),
    ],
    [
      'when what others signed stays',
      Buffer.concat([withName(old), ofName({ by: bob }), nobodys(1)]),
      Buffer.concat([withName(young), nobodys(1), ofName({ by: bob })]),
    ],
  ])('%s', async (_, before, after) => {
    expect(await isRefresh(before, after)).toBe(true);
  });

  it('when a certificate of version 6 was prolonged', async () => {
    const primary = makeHandKey('ed25519', { version: 6 });
    const [before, after] = [old, young].map((one) => makeHandCertificate({ primary, direct: [one] }));
    if (before === undefined || after === undefined) throw new Error('no certificates');
    expect(await isRefresh(before, after)).toBe(true);
    expect(await isRefresh(after, before)).toBe(false);
  });
});

describe('a changed key file is none', () => {
  it.each<Case>([
    ['when it ends earlier', withName(young), withName({ ...old, createdAt: LATER + 1 })],
    ['when it ends now and never did', withName({}), withName(young)],
    ['when a subkey ends earlier and the other does not', withTwo(5000, 9000), withTwo(4000, 9000)],
    ['when it has another name', withName({}), made({ userIds: [{ text: 'b', signatures: [{}] }] })],
    ['when it has one name more', withName({}), made({ userIds: [named({}), { text: 'b' }] })],
    ['when it has one name less', made({ userIds: [named({}), { text: 'b' }] }), withName({})],
    ['when it has a picture', withName({}), Buffer.concat([withName({}), picture])],
    [
      'when something is signed of a picture',
      Buffer.concat([withName({}), picture]),
      Buffer.concat([withName({}), picture, ofName({})]),
    ],
    [
      'when something is signed of a picture no more',
      Buffer.concat([withName({}), picture, ofName({})]),
      Buffer.concat([withName({}), picture]),
    ],
    [
      'when the second certificate in it does not sign any more',
      Buffer.concat([made(), makeHandCertificate({ primary: bob })]),
      Buffer.concat([
        made(),
        makeHandCertificate({
          primary: bob,
          userIds: [{ text: 'alice <alice@example.org>', signatures: [] }],
        }),
      ]),
    ],
    [
      'when the signature of one of its names goes',
      made({ userIds: [named({}), { text: 'b' }] }),
      made({ userIds: [named({}), { text: 'b', signatures: [] }] }),
    ],
    ['when it has another subkey', withSubkey({}), made({ subkeys: [{ key: second }] })],
    [
      'when the binding of a subkey that does not sign goes',
      withSubkey({ flags: FLAG.encrypt, back: null }),
      withSubkey(),
    ],
    [
      'when a subkey does not sign back any more',
      withSubkey({}),
      withSubkey({ back: null, createdAt: LATER }),
    ],
    [
      'when a subkey signs back falsely',
      withSubkey({}),
      withSubkey({ back: { value: FALSE_VALUE }, createdAt: LATER }),
    ],
    [
      'when the newest signature, which took signing away, goes',
      withName({}, { flags: FLAG.certify, createdAt: LATER }),
      withName({}),
    ],
    [
      'when the newest signature, which took certifying away, goes',
      withName({}, { flags: FLAG.sign, createdAt: LATER }),
      withName({}),
    ],
    ['when a revoker is appointed no more', made({ direct: [appoint] }), made()],
    ['when a revoker is appointed', made(), made({ direct: [appoint] })],
    [
      'when the new signature allows more, of no weight here',
      withName(old),
      withName({ ...young, flags: FLAG.certify | FLAG.sign | FLAG.authenticate }),
    ],
    [
      'when the new signature says what would be spelled alike without gaps',
      withName({
        flags: null,
        more: [subpacket(1, Uint8Array.of(0xaa)), subpacket(107, Uint8Array.of(0xbb))],
      }),
      withName({
        flags: null,
        createdAt: LATER,
        more: [subpacket(1, Uint8Array.of(0xaa, 0x10)), subpacket(7, Uint8Array.of(0xbb))],
      }),
    ],
    ['when the new signature is of another type', withName(old), withName({ ...young, type: 0x10 })],
    [
      'when the new signature says of one name what another said',
      made({ userIds: [named({}), { text: 'b', signatures: [{ flags: FLAG.certify | 0x10 | FLAG.sign }] }] }),
      made({
        userIds: [
          named({}, { flags: FLAG.certify | 0x10 | FLAG.sign, createdAt: LATER }),
          { text: 'b', signatures: [{ flags: FLAG.certify | 0x10 | FLAG.sign }] },
        ],
      }),
    ],
    ['when the new signature is false', withName(old), withName(old, { ...young, value: FALSE_VALUE })],
    ['when the new signature is by somebody else', withName(old), withName(old, { ...young, by: bob })],
    ['when the new signature has a broken hash', withName(old), withName(old, { ...young, hash: 'md5' })],
    ['when what somebody else signed goes', withName(old, { by: bob }), withName(old)],
    ['when what nobody signed goes', Buffer.concat([withName(old), nobodys(1)]), withName(young)],
    ['when its revocation goes', made({ revocations: [{}] }), made()],
    ['when its revocation comes', made(), made({ revocations: [{}] })],
    [
      'when a subkey’s revocation goes',
      made({ subkeys: [{ key: first, revocations: [{}] }] }),
      made({ subkeys: [{ key: first }] }),
    ],
    [
      'when a revocation of a name goes that has no effect any more',
      withName({}, takenBack, { createdAt: LATER }),
      withName({}, { createdAt: LATER }),
    ],
    [
      'when a revocation of a name comes that has no effect',
      withName({}, { createdAt: LATER }),
      withName({}, takenBack, { createdAt: LATER }),
    ],
    ['when it is another’s', withName({}), makeHandCertificate({ primary: bob, userIds: [named({})] })],
    [
      'when there is another beside it',
      made(),
      Buffer.concat([made(), makeHandCertificate({ primary: bob })]),
    ],
    ['when one of two goes', Buffer.concat([made(), makeHandCertificate({ primary: bob })]), made()],
    ['when nothing could be read', Buffer.from('x'), made()],
    ['when nothing can be read', made(), Buffer.from('x')],
    ['when it is packets, but no certificate', made(), revocation],
    ['when it never was a certificate', revocation, made()],
  ])('%s', async (_, before, after) => {
    expect(await isRefresh(before, after)).toBe(false);
  });
});
