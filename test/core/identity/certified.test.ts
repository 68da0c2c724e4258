import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { acceptsHash, checkCertified, readableHash } from '../../../src/core/identity/certified.ts';
import type { Checked } from '../../../src/core/identity/certified.ts';
import { certifyingKey, checkPacket, isBy } from '../../../src/core/identity/reference.ts';
import { parseOpenpgpKey } from '../../../src/core/signature/openpgp-key.ts';
import { parseSignatureBody } from '../../../src/core/signature/openpgp-signature.ts';
import { userIdDocument } from '../../keys/hand-certificates.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, mpi, number, signByHand, subpacket } from '../../keys/packets.ts';
import type { HandSignature } from '../../keys/packets.ts';

/** 2023-02-01T00:00:00Z, from when on SHA-1 does not count. */
const SHA1_END = 1_675_209_600;
const NAME = Buffer.from('alice');
const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const p384 = makeHandKey('p384');
/** Weak keys are refused elsewhere; these are made quickly. */
const rsa = makeHandKey('rsa1024');
const time = [subpacket(2, number(HAND_TIME, 4))];

const signed = (by: HandKey, options: HandSignature = {}, over = by) =>
  parseSignatureBody(signByHand(by, userIdDocument(over, NAME), { type: 0x13, ...options }));
const read = (key: HandKey) => parseOpenpgpKey(key.body);

describe('a hash', () => {
  it.each<[string, HandKey, HandSignature, boolean]>([
    ['SHA-256', rsa, {}, true],
    ['SHA-1 until the end of January 2023', rsa, { hash: 'sha1', createdAt: SHA1_END - 1 }, true],
    ['SHA-1 since then', rsa, { hash: 'sha1', createdAt: SHA1_END }, false],
    ['SHA-256 since then', rsa, { createdAt: SHA1_END }, true],
    ['MD5', rsa, { hash: 'md5', createdAt: 0 }, false],
    ['RIPEMD-160', rsa, { hash: 'ripemd160', createdAt: 0 }, false],
    ['one that nobody knows', rsa, { hashId: 99 }, false],
    ['SHA-384 with P-384', p384, {}, true],
    ['SHA-256 with P-384', p384, { hash: 'sha256' }, false],
    ['SHA-1 with P-384', p384, { hash: 'sha1', createdAt: 0 }, false],
    ['SHA-256 with Ed25519', alice, {}, true],
    ['SHA-224 with Ed25519', alice, { hash: 'sha224' }, false],
  ])('%s is believed or not', (_, key, options, accepted) => {
    expect(acceptsHash(signed(key, options), read(key))).toBe(accepted);
  });

  it('that is not believed can still be read, if it is long enough for its algorithm', () => {
    expect(readableHash(signed(rsa, { hash: 'sha1' }))).toEqual({ name: 'sha1', bits: 160 });
    expect(readableHash(signed(p384, { hash: 'sha256' }))).toEqual({ name: 'sha256', bits: 256 });
    expect(readableHash(signed(alice, { hash: 'sha1' }))).toBeNull();
    expect(readableHash(signed(rsa, { hash: 'md5' }))).toBeNull();
  });
});

/** Ours and what openpgp.js says; where it says something else, `theirs`. */
const CASES: readonly {
  readonly name: string;
  readonly key?: HandKey;
  readonly options?: HandSignature;
  readonly ours: Checked;
  readonly theirs?: Checked;
}[] = [
  { name: 'as it should be', ours: 'good' },
  { name: 'by an RSA key', key: rsa, ours: 'good' },
  { name: 'with SHA-1 of any date', key: rsa, options: { hash: 'sha1' }, ours: 'good' },
  { name: 'with a false value', options: { value: Buffer.concat([mpi(NAME), mpi(NAME)]) }, ours: 'bad' },
  { name: 'with another beginning of its hash', options: { quickCheck: Buffer.alloc(2) }, ours: 'bad' },
  {
    name: 'in another’s name',
    options: { unhashed: [], hashed: [...time, subpacket(16, Buffer.alloc(8))] },
    ours: 'bad',
  },
  { name: 'in nobody’s name', options: { unhashed: [], hashed: time }, ours: 'good' },
  { name: 'of another version', options: { version: 6, unhashed: [], hashed: time }, ours: 'bad' },
  { name: 'of another algorithm', key: rsa, options: { algorithm: 3 }, ours: 'bad' },
  { name: 'with a hash that nobody knows', options: { hashId: 99 }, ours: 'unclear' },
  { name: 'with a broken hash', key: rsa, options: { hash: 'md5' }, ours: 'unclear' },
  { name: 'with half a value', options: { value: mpi(NAME) }, ours: 'unclear' },
  { name: 'by a key that signs nothing', key: makeHandKey('x25519'), ours: 'bad', theirs: 'unclear' },
];

describe('a signature in a certificate', () => {
  it.each(CASES)('$name', async ({ key = alice, options = {}, ours }) => {
    const over = { key: read(key), userId: NAME };
    expect(await checkCertified(read(key), signed(key, options), over)).toBe(ours);
  });

  it('with more bytes than its value has is unclear', async () => {
    const body = Buffer.concat([signed(alice).body, Buffer.of(0)]);
    const over = { key: read(alice), userId: NAME };
    expect(await checkCertified(read(alice), parseSignatureBody(body), over)).toBe('unclear');
  });

  it('over something else, or by somebody else, is bad', async () => {
    const over = { key: read(alice), userId: NAME };
    expect(await checkCertified(read(alice), signed(alice), { key: read(alice) })).toBe('bad');
    expect(await checkCertified(read(alice), signed(alice), { key: read(bob), userId: NAME })).toBe('bad');
    const byBob = signed(bob, { unhashed: [], hashed: time }, alice);
    expect(await checkCertified(read(alice), byBob, over)).toBe('bad');
    expect(await checkCertified(read(bob), byBob, over)).toBe('good');
  });
});

describe('a signature as openpgp.js has it', () => {
  const reference = async (key: HandKey) => {
    const found = await certifyingKey(openpgp, read(key));
    if (found === null) throw new Error('not read');
    return found;
  };

  it.each(CASES)('$name', async ({ key = alice, options = {}, ours, theirs = ours }) => {
    const by = await reference(key);
    const over = { key: by.key, userId: NAME };
    expect(await checkPacket(openpgp, by, signed(key, options), over)).toBe(theirs);
    expect(await isBy(openpgp, by, signed(key, options), over)).toBe(theirs === 'good');
  });

  it('is of the very key that we read', async () => {
    const { fingerprint } = read(bob);
    expect(await certifyingKey(openpgp, { ...read(alice), fingerprint })).toBeNull();
    expect(await certifyingKey(openpgp, { ...read(alice), body: Buffer.of(4) })).toBeNull();
  });
});
