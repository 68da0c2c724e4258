import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDerPair } from '../../../src/core/signature/der.ts';
import { parseOpenpgpKey } from '../../../src/core/signature/openpgp-key.ts';
import { parsePackets } from '../../../src/core/signature/openpgp-packet.ts';
import type { Proof } from '../../../src/core/signature/proof.ts';
import type { VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import {
  armorPgp,
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
import type { HandSignature } from '../../keys/packets.ts';
import { keysOf } from './keys-of.ts';

const TEXT = Buffer.from('text to sign\n');
const alice = makeHandKey('ed25519');
const modern = makeHandKey('ed25519', { version: 6 });
const bob = makeHandKey('rsa2048');
const carol = makeHandKey('p256');
const ring = keysOf(...[alice, modern, bob, carol].map(({ body }) => packet(TAG.publicKey, body)));
const created = subpacket(2, number(HAND_TIME, 4));
const named = issuerFingerprint(alice);

function verifyBytes(bytes: Uint8Array, among: VerificationKeys = ring): Promise<Proof> {
  const armor = Buffer.from(armorPgp('SIGNATURE', bytes));
  return verifySignature({ payload: TEXT, armor, form: 'detached', namespace: 'git' }, among);
}
const verify = (by: HandKey, options: HandSignature = {}) =>
  verifyBytes(packet(TAG.signature, signByHand(by, TEXT, options)));

describe('subpackets of a signature', () => {
  it('may be there, known or not, where nobody calls them critical', async () => {
    for (const more of [
      subpacket(100, Buffer.from('x')),
      subpacket(20, Buffer.alloc(9)),
      subpacket(26, Buffer.alloc(0)),
    ]) {
      expect((await verify(alice, { more: [more] })).status).toBe('good');
      expect((await verify(modern, { more: [more] })).status).toBe('good');
    }
  });

  it.each([
    ['of an unknown type, critical', { more: [subpacket(100, Buffer.from('x'), true)] }],
    [
      'of an unknown type, critical, in the other area',
      { unhashed: [issuerKeyId(alice), subpacket(101, Buffer.alloc(0), true)] },
    ],
    ['a critical notation', { more: [subpacket(20, Buffer.alloc(9), true)] }],
  ] as const)('%s, make it unsupported', async (_, options) => {
    expect(await verify(alice, options)).toMatchObject({
      status: 'unsupported',
      reason: 'algorithm-unsupported',
    });
  });

  it.each<[string, HandSignature]>([
    ['two creation times', { hashed: [created, created, named] }],
    ['two creation times that differ', { hashed: [created, subpacket(2, number(1, 4)), named] }],
    ['no creation time', { hashed: [named] }],
    ['a creation time that is not hashed', { hashed: [named], unhashed: [created] }],
    ['a creation time of five bytes', { hashed: [subpacket(2, number(1, 5)), named] }],
    ['two ends', { hashed: [created, named, subpacket(3, number(5, 4)), subpacket(3, number(6, 4))] }],
    ['an end of two bytes', { hashed: [created, named, subpacket(3, number(5, 2))] }],
    ['two issuers', { hashed: [created, named, issuerFingerprint(bob)] }],
    ['another issuer in the other area', { unhashed: [issuerFingerprint(bob)] }],
    ['the key id of another issuer', { unhashed: [issuerKeyId(bob)] }],
    ['a key id of seven bytes', { unhashed: [subpacket(16, Buffer.alloc(7))] }],
    [
      'a fingerprint of 32 bytes',
      { unhashed: [subpacket(33, Buffer.concat([Uint8Array.of(4), Buffer.alloc(32)]))] },
    ],
    ['a subpacket of no length', { more: [Buffer.from([0])] }],
    ['a subpacket that is cut off', { more: [Buffer.from([9, 100, 1])] }],
    ['far too many', { more: Array.from({ length: 300 }, () => subpacket(100, Buffer.alloc(0))) }],
  ])('%s: malformed', async (_, options) => {
    expect(await verify(alice, options)).toMatchObject({
      status: 'malformed',
      reason: 'signature-malformed',
    });
  });

  it('say when the signature ends, if they are hashed', async () => {
    const ending = (seconds: number) => subpacket(3, number(seconds, 4));
    expect((await verify(alice, { more: [ending(3600)] })).expiresAt).toBe(HAND_TIME + 3600);
    expect((await verify(alice, { more: [ending(0xffffffff)] })).expiresAt).toBe(HAND_TIME + 0xffffffff);
    expect((await verify(modern, { more: [ending(1)] })).expiresAt).toBe(HAND_TIME + 1);
    expect((await verify(alice, { more: [ending(0)] })).expiresAt).toBeNull();
    expect((await verify(alice, { unhashed: [issuerKeyId(alice), ending(1)] })).expiresAt).toBeNull();
    expect((await verify(alice)).expiresAt).toBeNull();
    // Of a signature that is not good too: it is what it says.
    expect(await verify(alice, { more: [ending(9)], quickCheck: Buffer.alloc(2) })).toMatchObject({
      status: 'bad',
      expiresAt: HAND_TIME + 9,
    });
  });
});

describe('numbers of a signature', () => {
  it('are as long as they say', async () => {
    const value = (change: (numbers: Buffer) => Buffer): HandKey => ({
      ...carol,
      makeValue: (...args) => change(Buffer.from(carol.makeValue(...args))),
    });
    const by = (change: (numbers: Buffer) => Buffer) =>
      verifyBytes(packet(TAG.signature, signByHand(value(change), TEXT)));
    expect((await by((numbers) => numbers)).status).toBe('good');
    const bits = (numbers: Buffer) => numbers.readUInt16BE(0);
    const size = (numbers: Buffer) => 2 + Math.ceil(bits(numbers) / 8);
    for (const change of [
      // One leading zero byte; a bit more than there is; a number that is zero; a number that is missing.
      (n: Buffer) => Buffer.concat([number(bits(n) + 8, 2), Buffer.alloc(1), n.subarray(2)]),
      (n: Buffer) => Buffer.concat([number(bits(n) - 1, 2), n.subarray(2)]),
      (n: Buffer) => Buffer.concat([number(0, 2), n.subarray(size(n))]),
      (n: Buffer) => n.subarray(0, size(n)),
      () => Buffer.alloc(0),
      (n: Buffer) => Buffer.concat([mpi(Buffer.alloc(40, 1)), n.subarray(size(n))]),
    ]) {
      expect((await by(change)).status).toMatch(/^(?:malformed|bad)$/);
    }
  });

  it('become the DER that OpenSSL wants', () => {
    const big = (bytes: Uint8Array) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
    const integer = (bytes: Uint8Array) => {
      let hex = big(bytes).toString(16);
      hex = hex.padStart(hex.length + (hex.length % 2), '0');
      const positive = parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex;
      return Buffer.concat([Uint8Array.of(2, positive.length / 2), Buffer.from(positive, 'hex')]);
    };
    const digits = fc.uint8Array({ maxLength: 66 });
    fc.assert(
      fc.property(digits, digits, (r, s) => {
        const content = Buffer.concat([integer(r), integer(s)]);
        const head = content.length < 128 ? [0x30, content.length] : [0x30, 0x81, content.length];
        expect(Buffer.from(encodeDerPair(r, s)).toString('hex')).toBe(
          Buffer.concat([Uint8Array.from(head), content]).toString('hex'),
        );
      }),
    );
  });
});

describe('a packet header', () => {
  const body = signByHand(alice, TEXT);
  it.each([
    ['new, one byte', [0xc2, body.length]],
    ['new, five bytes', [0xc2, 0xff, 0, 0, 0, body.length]],
    ['old, one byte', [0x88, body.length]],
    ['old, two bytes', [0x89, 0, body.length]],
    ['old, four bytes', [0x8a, 0, 0, 0, body.length]],
  ])('%s, says where the body is', async (_, head) => {
    expect((await verifyBytes(Buffer.concat([Uint8Array.from(head), body]))).status).toBe('good');
  });

  it.each([
    ['without its first bit', [0x42, body.length]],
    ['of indeterminate length', [0x8b]],
    ['of partial length', [0xc2, 0xe6]],
    ['longer than what is there', [0xc2, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['of another packet', [0xcb, body.length]],
    ['of the reserved packet 0', [0xc0, body.length]],
    ['of a padding packet', [0xd5, body.length]],
    ['cut off', [0xc2]],
  ])('%s: malformed', async (_, head) => {
    const bytes =
      head.length === 1 && head[0] === 0xc2
        ? Buffer.from(head)
        : Buffer.concat([Uint8Array.from(head), body]);
    expect(await verifyBytes(bytes)).toMatchObject({ status: 'malformed', reason: 'signature-malformed' });
  });

  it('of any type is given to whoever reads certificates', () => {
    const bytes = Buffer.concat([
      packet(21, Buffer.alloc(3)),
      packet(45, Buffer.from('x')),
      packet(60, Buffer.alloc(0)),
    ]);
    expect(parsePackets(bytes).map(({ tag }) => tag)).toEqual([21, 45, 60]);
  });
});

describe('a public key', () => {
  const point = Buffer.from(carol.body.subarray(-64));
  const keyBody = (version: 4 | 6, algorithm: number, parameters: Uint8Array) =>
    Buffer.concat([
      Uint8Array.of(version),
      number(HAND_TIME, 4),
      Uint8Array.of(algorithm),
      version === 4 ? Buffer.alloc(0) : number(parameters.length, 4),
      parameters,
    ]);
  const oid = Buffer.from('082a8648ce3d030107', 'hex');
  const rsa = (n: Uint8Array, e: Uint8Array) => Buffer.concat([mpi(n), mpi(e)]);
  const n = Buffer.alloc(256, 0xc1);
  const legacy = Buffer.from('092b06010401da470f01', 'hex');

  it.each([
    ['bytes after it', 27, Buffer.alloc(33, 7)],
    ['too few bytes', 27, Buffer.alloc(31, 7)],
    ['too few bytes', 28, Buffer.alloc(56, 7)],
    [
      'a compressed point',
      19,
      Buffer.concat([oid, mpi(Buffer.concat([Uint8Array.of(2), point.subarray(0, 32)]))]),
    ],
    ['no prefix before a legacy point', 22, Buffer.concat([legacy, mpi(Buffer.alloc(32, 0x7f))])],
    ['the exponent 1', 1, rsa(n, Uint8Array.of(1))],
    ['an even exponent', 1, rsa(n, Uint8Array.of(4))],
    ['a modulus beyond 16384 bits', 1, rsa(Buffer.alloc(2049, 0xc1), Uint8Array.of(1, 0, 1))],
    ['leading zeros', 1, Buffer.concat([number(2056, 2), Buffer.alloc(1), n, mpi(Uint8Array.of(1, 0, 1))])],
    ['more than a packet of a key may have', 27, Buffer.alloc(70_000)],
  ])('with %s (algorithm %i) is malformed', (_, algorithm, parameters) => {
    for (const version of [4, 6] as const) {
      if (version === 6 && algorithm === 22) continue;
      const parse = () => parseOpenpgpKey(keyBody(version, algorithm, parameters));
      expect(parse).toThrow(expect.objectContaining({ reason: 'signature-malformed' }));
    }
  });

  it('that is a point of small order is malformed, since anybody signs with it', () => {
    const ones = `01${'00'.repeat(31)}`;
    const others = [
      '00'.repeat(32),
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ];
    for (const hex of [ones, ...others]) {
      for (const sign of [0, 0x80]) {
        const raw = Buffer.from(hex, 'hex');
        raw.writeUInt8(raw.readUInt8(31) | sign, 31);
        const prefixed = Buffer.concat([legacy, mpi(Buffer.concat([Uint8Array.of(0x40), raw]))]);
        for (const body of [keyBody(4, 27, raw), keyBody(6, 27, raw), keyBody(4, 22, prefixed)]) {
          expect(() => parseOpenpgpKey(body)).toThrow(
            expect.objectContaining({ reason: 'signature-malformed' }),
          );
        }
      }
    }
  });

  it('of an unknown algorithm or curve is read, and verifies nothing', async () => {
    for (const [algorithm, parameters] of [
      [25, Buffer.alloc(32, 7)],
      [18, Buffer.alloc(50, 7)],
      [99, Buffer.alloc(0)],
      [19, Buffer.concat([Buffer.from('052b8104000a', 'hex'), mpi(Buffer.alloc(65, 4))])],
    ] as const) {
      const body = keyBody(4, algorithm, parameters);
      const key = parseOpenpgpKey(body);
      expect(key).toMatchObject({ algorithm, key: null });
      expect(key.material).toBe(`openpgp-${algorithm}:${parameters.toString('hex')}`);
      const stranger = { ...alice, algorithm, fingerprint: Buffer.from(key.fingerprint, 'hex') };
      const signature = packet(TAG.signature, signByHand(stranger, TEXT, { algorithm: 27 }));
      expect(await verifyBytes(signature, keysOf(packet(TAG.publicKey, body)))).toMatchObject({
        reason: 'algorithm-unsupported',
      });
    }
  });

  it('whose point is not on its curve verifies nothing, and stands in nobody’s way', async () => {
    const off = Buffer.from(point);
    off.writeUInt8(off.readUInt8(63) ^ 1, 63);
    const body = keyBody(4, 19, Buffer.concat([oid, mpi(Buffer.concat([Uint8Array.of(4), off]))]));
    const [broken] = keysOf(packet(TAG.publicKey, body)).find({
      fingerprint: parseOpenpgpKey(body).fingerprint,
      keyId: null,
    });
    const [right] = ring.find({ fingerprint: hexOf(carol), keyId: null });
    if (broken === undefined || right === undefined) throw new Error('no key');
    const signature = packet(TAG.signature, signByHand(carol, TEXT));
    expect(await verifyBytes(signature, { find: () => [broken] })).toMatchObject({ reason: 'signature-bad' });
    expect(await verifyBytes(signature, { find: () => [broken, right] })).toMatchObject({ status: 'good' });
  });

  it('of DSA is refused by that name, whatever algorithm the signature claims', async () => {
    const dave = makeHandKey('dsa2048');
    const dsa = keysOf(packet(TAG.publicKey, dave.body));
    for (const algorithm of [17, 1, 27]) {
      const proof = await verifyBytes(packet(TAG.signature, signByHand(dave, TEXT, { algorithm })), dsa);
      expect(proof).toMatchObject({ status: 'unsupported', reason: 'dsa-refused' });
    }
  });
});
