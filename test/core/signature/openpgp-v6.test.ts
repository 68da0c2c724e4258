import { createMessage, readKey, readSignature, verify as verifyByLibrary } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseOpenpgpKey } from '../../../src/core/signature/openpgp-key.ts';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import type { VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey, HandKeyKind } from '../../keys/hand-keys.ts';
import { makeLibraryKey } from '../../keys/library-keys.ts';
import type { LibraryKey, LibraryKeyOptions } from '../../keys/library-keys.ts';
import { armorPgp, HAND_TIME, issuerKeyId, packet, signByHand, subpacket, TAG } from '../../keys/packets.ts';
import type { HandSignature, HashName } from '../../keys/packets.ts';
import { keysOf } from './keys-of.ts';

const TEXT = Buffer.from('text to sign\n');
const KINDS: readonly (readonly [HandKeyKind, readonly HashName[]])[] = [
  ['ed25519', ['sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512']],
  ['ed448', ['sha512', 'sha3-512']],
  ['rsa2048', ['sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512']],
  ['p256', ['sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512']],
  ['p384', ['sha384', 'sha512', 'sha3-512']],
  ['p521', ['sha512', 'sha3-512']],
];

const made = new Map<string, HandKey>();
/** One key of each kind and version, certificates of all of them in `ring`. */
function key(kind: HandKeyKind, version: 4 | 6 = 6): HandKey {
  const known = made.get(`${kind} ${version}`) ?? makeHandKey(kind, { version });
  made.set(`${kind} ${version}`, known);
  return known;
}
const ringOf = (...keys: readonly HandKey[]) =>
  keysOf(...keys.map((primary) => packet(TAG.publicKey, primary.body)));

function verify(armor: string, ring: VerificationKeys, payload: Uint8Array = TEXT): Promise<Proof> {
  return verifySignature({ payload, armor: Buffer.from(armor), form: 'detached', namespace: 'git' }, ring);
}

function signed(by: HandKey, options: HandSignature = {}, document: Uint8Array = TEXT): string {
  return armorPgp('SIGNATURE', packet(TAG.signature, signByHand(by, document, options)), false);
}

describe.each(KINDS)('a version 6 signature by %s', (kind, hashes) => {
  it.each(hashes)('with %s verifies over its own text, and openpgp.js agrees', async (hash) => {
    const alice = key(kind);
    const armor = signed(alice, { hash });
    const fingerprint = hexOf(alice);
    const proof = await verify(armor, ringOf(alice));
    expect(proof).toEqual({
      kind: 'openpgp',
      status: 'good',
      reason: null,
      key: { kind: 'openpgp', fingerprint, primary: fingerprint },
      issuer: fingerprint,
      presence: null,
      claimedAt: HAND_TIME,
      expiresAt: null,
    });
    expect(fingerprint).toMatch(/^[0-9A-F]{64}$/);
    expect(await verify(armor, ringOf(alice), Buffer.from('other'))).toMatchObject({
      reason: 'signature-bad',
    });
    expect(await verify(armor, noKeys)).toMatchObject({ reason: 'key-unknown', issuer: fingerprint });

    const library = await verifyByLibrary({
      message: await createMessage({ binary: TEXT }),
      signature: await readSignature({ armoredSignature: armor }),
      verificationKeys: (await readKey({ binaryKey: makeHandCertificate({ primary: alice }) })).toPublic(),
    });
    expect(await library.signatures[0]?.verified).toBe(true);
  });
});

describe('a version 6 key that openpgp.js made', () => {
  const types: readonly LibraryKeyOptions[] = [
    { version: 6, type: 'curve25519', signingSubkey: true },
    { version: 6, type: 'curve448', signingSubkey: true },
    { version: 6, type: 'rsa' },
    { version: 6, type: 'ecc', curve: 'nistP256' },
    { version: 6, type: 'ecc', curve: 'nistP384' },
    { version: 6, type: 'ecc', curve: 'nistP521' },
  ];
  let keys: readonly LibraryKey[] = [];
  let ring = noKeys;
  beforeAll(async () => {
    keys = await Promise.all(types.map(makeLibraryKey));
    ring = keysOf(...keys.map(({ certificate }) => Buffer.from(certificate)));
  });

  it.each(types.map((type, index) => [type.curve ?? type.type, index] as const))(
    '%s signs',
    async (_, index) => {
      const alice = keys[index];
      if (alice === undefined) throw new Error('no key');
      const armor = await alice.sign(TEXT);
      expect(await verify(armor, ring)).toMatchObject({
        status: 'good',
        key: { fingerprint: alice.fingerprints.at(-1), primary: alice.fingerprint },
      });
      expect(await verify(armor, ring, Buffer.from('other'))).toMatchObject({ reason: 'signature-bad' });
    },
  );
});

describe('versions do not mix', () => {
  it.each(['ed25519', 'rsa2048', 'p256'] as const)('%s', async (kind) => {
    const [old, modern] = [key(kind, 4), key(kind, 6)];
    // Whichever key a ring offers: one of the other version is none.
    const offering = (offered: HandKey): VerificationKeys => {
      const [found] = ringOf(offered).find({ fingerprint: hexOf(offered), keyId: null });
      return { find: () => (found === undefined ? [] : [found]) };
    };
    const bare = { hashed: [subpacket(2, Buffer.alloc(4, 1))], unhashed: [] };
    for (const [by, other] of [
      [old, modern],
      [modern, old],
    ] as const) {
      expect((await verify(signed(by, bare), offering(by))).status).toBe('good');
      const crossed = signed(by, { ...bare, version: other.version === 4 ? 4 : 6 });
      expect(await verify(crossed, offering(by))).toMatchObject({
        status: 'unknown-key',
        reason: 'key-unknown',
      });
    }
  });

  it('in what names the issuer', async () => {
    const [old, modern] = [key('ed25519', 4), key('ed25519', 6)];
    const at = subpacket(2, Buffer.alloc(4, 1));
    const foreign = (version: number, { fingerprint }: HandKey) =>
      subpacket(33, Buffer.concat([Uint8Array.of(version), fingerprint]));
    for (const options of [
      { version: 6, hashed: [at, foreign(4, old)], unhashed: [] },
      { version: 6, hashed: [at, foreign(4, modern)], unhashed: [] },
      { version: 6, hashed: [at, foreign(6, old)], unhashed: [] },
      { version: 4, hashed: [at, foreign(6, modern)], unhashed: [] },
      { version: 4, hashed: [at], unhashed: [foreign(6, modern)] },
      // RFC 9580 section 5.2.3.12: no key ids in version 6.
      { version: 6, hashed: [at, foreign(6, modern)], unhashed: [issuerKeyId(modern)] },
      { version: 6, hashed: [at, foreign(6, modern), issuerKeyId(modern)], unhashed: [] },
    ] as const) {
      const proof = await verify(signed(modern, options), ringOf(old, modern));
      expect(proof).toMatchObject({ status: 'malformed', reason: 'signature-malformed' });
    }
  });
});

describe('a version 6 signature is refused', () => {
  it.each([0, 15, 17, 24, 32, 255])('with %i bytes of salt for SHA-256', async (size) => {
    const armor = signed(key('ed25519'), { hash: 'sha256', salt: Buffer.alloc(size, 7) });
    expect(await verify(armor, ringOf(key('ed25519')))).toMatchObject({ reason: 'signature-malformed' });
  });

  it.each([
    ['sha224', 16],
    ['sha256', 16],
    ['sha384', 24],
    ['sha512', 32],
    ['sha3-256', 16],
    ['sha3-512', 32],
  ] as const)('with a byte more or less than the salt of %s', async (hash, size) => {
    const by = key('rsa2048');
    for (const wrong of [size - 1, size + 1]) {
      const armor = signed(by, { hash, salt: Buffer.alloc(wrong, 7) });
      expect(await verify(armor, ringOf(by))).toMatchObject({ reason: 'signature-malformed' });
    }
    expect((await verify(signed(by, { hash, salt: Buffer.alloc(size, 7) }), ringOf(by))).status).toBe('good');
  });

  it.each([
    ['ed25519', 'sha224'],
    ['ed448', 'sha256'],
    ['ed448', 'sha384'],
    ['ed448', 'sha3-256'],
    ['p256', 'sha224'],
    ['p384', 'sha256'],
    ['p521', 'sha384'],
  ] as const)('by %s with %s, which is too short for it', async (kind, hash) => {
    for (const version of [4, 6] as const) {
      const by = key(kind, version);
      expect(await verify(signed(by, { hash }), ringOf(by))).toMatchObject({
        status: 'bad',
        reason: 'weak-hash',
      });
    }
  });

  it.each(['md5', 'sha1', 'ripemd160'] as const)('with %s', async (hash) => {
    const by = key('rsa2048');
    expect(await verify(signed(by, { hash }), ringOf(by))).toMatchObject({
      status: 'bad',
      reason: 'weak-hash',
    });
  });

  it.each([
    ['EdDSA of the old form', 'ed25519-legacy', 'algorithm-unsupported'],
    ['DSA', 'dsa2048', 'dsa-refused'],
    ['brainpool', 'brainpoolP256r1', 'algorithm-unsupported'],
    ['secp256k1', 'secp256k1', 'algorithm-unsupported'],
  ] as const)('by %s', async (_, kind, reason) => {
    const by = key(kind);
    expect(await verify(signed(by), ringOf(by))).toMatchObject({ status: 'unsupported', reason });
  });

  it('with bytes after the value', async () => {
    for (const kind of ['ed25519', 'ed448', 'rsa2048', 'p256'] as const) {
      const by = key(kind);
      const body = Buffer.concat([signByHand(by, TEXT), Buffer.from([0])]);
      const proof = await verify(armorPgp('SIGNATURE', packet(TAG.signature, body)), ringOf(by));
      expect(proof).toMatchObject({ status: 'malformed', reason: 'trailing-bytes' });
    }
  });

  it('with subpacket areas longer than the packet', async () => {
    const body = signByHand(key('ed25519'), TEXT);
    for (const at of [4, 8 + body.readUInt32BE(4)]) {
      for (const length of [body.length, 0x7fffffff, 0xffffffff]) {
        const changed = Buffer.from(body);
        changed.writeUInt32BE(length, at);
        const proof = await verify(
          armorPgp('SIGNATURE', packet(TAG.signature, changed)),
          ringOf(key('ed25519')),
        );
        expect(proof).toMatchObject({ status: 'malformed', reason: 'signature-malformed' });
      }
    }
  });
});

describe('a version 6 key', () => {
  const at = 6;
  it.each([-1, 1, 0x7fffffff, 0xffffffff])('must state the length that it has, not %i more', (more) => {
    const { body } = key('ed25519');
    const changed = Buffer.from(body);
    changed.writeUInt32BE(more > 1 ? more : body.readUInt32BE(at) + more, at);
    expect(() => parseOpenpgpKey(changed)).toThrow(
      expect.objectContaining({ reason: 'signature-malformed' }),
    );
  });

  it('of another version than 4 and 6 is none', () => {
    for (const version of [0, 2, 3, 5, 7, 255]) {
      const changed = Buffer.from(key('ed25519').body);
      changed[0] = version;
      expect(() => parseOpenpgpKey(changed)).toThrow(
        expect.objectContaining({ reason: 'version-unsupported' }),
      );
    }
  });

  it('has the same material as version 4, and another fingerprint', () => {
    const { body } = key('ed25519', 4);
    const modern = Buffer.concat([
      Uint8Array.of(6),
      body.subarray(1, 6),
      Uint8Array.of(0, 0, 0, 32),
      body.subarray(6),
    ]);
    const [a, b] = [parseOpenpgpKey(body), parseOpenpgpKey(modern)];
    expect(a.material).toBe(b.material);
    expect([a.fingerprint.length, a.keyId]).toEqual([40, a.fingerprint.slice(24)]);
    expect([b.fingerprint.length, b.keyId]).toEqual([64, b.fingerprint.slice(0, 16)]);
  });
});
