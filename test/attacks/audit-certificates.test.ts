import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { keepVerified } from '../../src/core/identity/keep-verified.ts';
import { parseKeyFile } from '../../src/core/identity/key-file.ts';
import { standingOf } from '../../src/core/identity/standing.ts';
import { encodeCertificate } from '../../src/core/policy/edit-certificate.ts';
import { makeHandCertificate, selfSign, subkeyDocument, userIdDocument } from '../keys/hand-certificates.ts';
import type { SelfSignature } from '../keys/hand-certificates.ts';
import { hashedKey, keyOf, makeHandKey, makeMaterial } from '../keys/hand-keys.ts';
import type { HandKey } from '../keys/hand-keys.ts';
import { HAND_TIME, issuerKeyId, mpi, number, packet, signByHand, subpacket, TAG } from '../keys/packets.ts';

const NAME = 'alice <alice@example.org>';
const alice = makeHandKey('ed25519-legacy');
const [first, second] = [makeHandKey('ed25519-legacy'), makeHandKey('ed25519-legacy')];

async function opened(...files: Uint8Array[]) {
  const { keyring } = await openKeyring(files.map((bytes, index) => ({ path: String(index), bytes })));
  return keyring;
}

/** What keeps each key of the only certificate from signing something new at a time. */
async function problems(bytes: Uint8Array, at = HAND_TIME + 10) {
  const { certificates } = await opened(bytes);
  const use = { at, landed: false, claimedAt: null, expiresAt: null };
  return certificates.flatMap(({ keys }) => keys.map((key) => standingOf(key, use)));
}

/** The file that `keys add` makes of a certificate. */
async function added(bytes: Uint8Array): Promise<Uint8Array> {
  const parsed = parseKeyFile({ path: 'a', bytes });
  const [certificate] = parsed.ok ? parsed.certificates : [];
  if (certificate === undefined) throw new Error('no certificate');
  return encodeCertificate(await keepVerified(certificate), () => false);
}

/** Certifications that nobody made, by their hash. */
const junk = (by: HandKey, count: number) =>
  Array.from({ length: count }, (_, index) =>
    packet(
      TAG.signature,
      signByHand(by, Buffer.alloc(1), { type: 0x13, hash: 'sha3-512', createdAt: HAND_TIME + index }),
    ),
  );

const tooLarge = (...paths: string[]) => paths.map((path) => ({ path, reason: 'too-large' }));

describe('a stranger’s key files freeze nobody', () => {
  it('by names that are hashed again and again: a name has 2048 bytes at most, as for gpg', async () => {
    const long = (length: number) =>
      makeHandCertificate({ primary: alice, userIds: [{ text: 'a'.repeat(length) }] });
    expect((await opened(long(2048))).certificates[0]?.userIds).toEqual(['a'.repeat(2048)]);
    expect((await opened(long(2049))).certificates[0]?.userIds).toEqual([]);
    expect(await problems(long(2049))).toEqual([['key-not-bound']]);
    // All else that the certificate says is heard, also what stands below such a name and is none of its own.
    const beside = Buffer.concat([
      makeHandCertificate({ primary: alice }),
      packet(TAG.userId, Buffer.alloc(2049, 0x61)),
      selfSign(alice, userIdDocument(alice, 'a'.repeat(2049)), {
        type: 0x13,
        createdAt: HAND_TIME + 1,
        flags: 1,
      }),
    ]);
    expect(await problems(beside)).toEqual([[]]);
    const below = Buffer.concat([beside, selfSign(alice, hashedKey(alice), { type: 0x20, flags: null })]);
    expect(await problems(below)).toEqual([['key-revoked-hard']]);
  });

  it('while a photo is no harm to its certificate', async () => {
    const photo = packet(TAG.attribute, Buffer.alloc(200_000, 1));
    expect(await problems(Buffer.concat([makeHandCertificate({ primary: alice }), photo]))).toEqual([[]]);
  });

  it('since the event loop turns while they are read and hashed', async () => {
    const files = Array.from({ length: 8 }, () => {
      const key = makeHandKey('ed25519-legacy');
      const name = packet(TAG.userId, Buffer.alloc(2000, 0x61));
      return Buffer.concat([packet(TAG.publicKey, key.body), name, ...junk(key, 500)]);
    });
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const { certificates } = await opened(...files);
    done = true;
    expect(certificates).toHaveLength(8);
    // 8 MiB are hashed, with a turn for each.
    expect(turns).toBeGreaterThanOrEqual(7);
  });

  it('by keys that are dear to verify with', async () => {
    // One numbers the other: the modulus has no factors that anybody knows.
    const dear = (index: number): HandKey => {
      const modulus = Buffer.alloc(2048, 0xc1 + index);
      const parameters = Buffer.concat([mpi(modulus), mpi(Buffer.from('010001', 'hex'))]);
      return keyOf({ ...makeMaterial('ed25519'), id: 1, parameters, makeValue: () => mpi(Buffer.of(2)) });
    };
    const full = (key: HandKey) => {
      const document = userIdDocument(key, NAME);
      const made = Array.from({ length: 256 }, (_, index) =>
        selfSign(key, document, { type: 0x13, createdAt: HAND_TIME + index }),
      );
      return Buffer.concat([packet(TAG.publicKey, key.body), packet(TAG.userId, Buffer.from(NAME)), ...made]);
    };
    // Each signature is worth 16 others: 256 of them are more than one certificate may cost.
    const { unreadable } = await opened(full(dear(0)), full(dear(2)));
    expect(unreadable).toEqual(tooLarge('0', '1'));
  });

  it('by revocations of names in somebody else’s name', async () => {
    const files = Array.from({ length: 3 }, () => {
      const key = makeHandKey('ed25519-legacy');
      const names = Array.from({ length: 256 }, (_, name) => [
        packet(TAG.userId, number(name, 2)),
        ...Array.from({ length: 16 }, (_, index) =>
          packet(
            TAG.signature,
            signByHand(key, Buffer.alloc(0), {
              type: 0x30,
              hashed: [subpacket(2, number(HAND_TIME + index, 4))],
              unhashed: [issuerKeyId(alice)],
              value: Buffer.alloc(0),
            }),
          ),
        ),
      ]);
      return Buffer.concat([packet(TAG.publicKey, key.body), ...names.flat()]);
    });
    expect((await opened(...files)).unreadable).toEqual(tooLarge('0', '1', '2'));
  });

  it('by back signatures', async () => {
    // 8 for each of 63 subkeys are tried, 14 times as dear as the primary key's own.
    const subkey = makeHandKey('p521');
    const back = signByHand(subkey, Buffer.alloc(0), { type: 0x19, value: Buffer.alloc(0) });
    const files = Array.from({ length: 2 }, () => {
      const primary = makeHandKey('ed25519-legacy');
      const subkeys = Array.from({ length: 63 }, (_, index) => {
        const body = Buffer.from(subkey.body);
        body.writeUInt32BE(HAND_TIME + index, 1);
        return { key: { ...subkey, body, fingerprint: number(index, 20) } };
      });
      const more = Array.from({ length: 8 }, () => subpacket(32, back));
      return makeHandCertificate({
        primary,
        subkeys: subkeys.map((one) => ({ ...one, bindings: [{ back: null, more }] })),
      });
    });
    expect((await opened(...files)).unreadable).toEqual(tooLarge('0', '1'));
  });

  it('by the exponent of an RSA key, which has 32 bits at most', async () => {
    const { privateKey, makeValue, usualHash } = makeMaterial('rsa2048');
    const withExponent = (hex: string) => {
      const parameters = Buffer.concat([mpi(Buffer.alloc(256, 0xc1)), mpi(Buffer.from(hex, 'hex'))]);
      const key = keyOf({ id: 1, parameters, privateKey, usualHash, makeValue });
      return Buffer.concat([packet(TAG.publicKey, key.body), packet(TAG.userId, Buffer.from(NAME))]);
    };
    expect((await opened(withExponent('ffffffff'))).unreadable).toEqual([]);
    const reason = 'not-a-certificate';
    expect((await opened(withExponent('0100000001'))).unreadable).toEqual([{ path: '0', reason }]);
  });
});

describe('a revocation is heard', () => {
  const wrong = { quickCheck: Uint8Array.of(0, 0) };

  it('whatever its two bytes that nothing protects are', async () => {
    const primary = makeHandCertificate({ primary: alice, revocations: [wrong] });
    const subkey = makeHandCertificate({
      primary: alice,
      subkeys: [{ key: first, revocations: [wrong] }, { key: second }],
    });
    const name = makeHandCertificate({
      primary: alice,
      userIds: [
        {
          text: NAME,
          signatures: [
            { createdAt: HAND_TIME + 1 },
            { type: 0x30, flags: null, createdAt: HAND_TIME + 2, ...wrong },
          ],
        },
        { text: 'old', signatures: [{ flags: 0x01 }] },
      ],
    });
    for (const read of [(bytes: Uint8Array) => Promise.resolve(bytes), added]) {
      expect(await problems(await read(primary))).toEqual([['key-revoked-hard']]);
      expect(await problems(await read(subkey))).toEqual([[], ['key-revoked-hard'], []]);
      expect(await problems(await read(name))).toEqual([['key-not-for-signing']]);
    }
  });

  it('wherever that of a subkey stands', async () => {
    const plain = makeHandCertificate({ primary: alice, subkeys: [{ key: first }, { key: second }] });
    const revocation = (options: SelfSignature = {}) =>
      selfSign(alice, subkeyDocument(alice, first), { type: 0x28, flags: null, ...options });
    const [key, name] = [packet(TAG.publicKey, alice.body), packet(TAG.userId, Buffer.from(NAME))];
    const attribute = packet(TAG.attribute, Buffer.alloc(10, 1));
    const unreadable = packet(TAG.publicSubkey, Buffer.of(3));
    const below = [[], [key], [name], [attribute], [unreadable]];
    for (const place of below) {
      for (const signature of [revocation(), revocation(wrong)]) {
        const file = Buffer.concat([plain, ...place, signature]);
        expect(await problems(file)).toEqual([[], ['key-revoked-hard'], []]);
        expect(await problems(await added(file))).toEqual([[], ['key-revoked-hard'], []]);
        // In another copy of the certificate.
        const apart = Buffer.concat([key, ...place, signature]);
        const { certificates } = await opened(plain, apart);
        expect(certificates[0]?.keys.map(({ standing }) => standing.revoked?.kind)).toEqual([
          undefined,
          'hard',
          undefined,
        ]);
      }
    }
    const soft = Buffer.concat([plain, revocation({ revocationReason: 3 })]);
    expect(await problems(soft)).toEqual([[], ['key-revoked-soft'], []]);
  });

  it('of all subkeys where nobody can tell of which it is', async () => {
    const plain = makeHandCertificate({ primary: alice, subkeys: [{ key: first }, { key: second }] });
    const name = packet(TAG.userId, Buffer.from(NAME));
    const sign = (index: number, options: SelfSignature) =>
      selfSign(alice, Buffer.from('nothing'), {
        type: 0x28,
        flags: null,
        createdAt: HAND_TIME + index,
        ...options,
      });
    const heard = [[], ['key-revoked-hard'], ['key-revoked-hard']];
    const unheard = [[], [], []];
    for (const options of [{ hash: 'md5' }, { more: [subpacket(99, Buffer.from('?'), true)] }] as const) {
      const file = Buffer.concat([plain, name, sign(0, options)]);
      expect(await problems(file)).toEqual(heard);
      expect(await problems(await added(file))).toEqual(heard);
    }
    // One that is none of theirs is nothing; among many, nobody looks at each.
    const strays = (count: number) => Array.from({ length: count }, (_, index) => sign(index, {}));
    expect(await problems(Buffer.concat([plain, name, ...strays(8)]))).toEqual(unheard);
    expect(await problems(Buffer.concat([plain, name, ...strays(9)]))).toEqual(heard);
    const others = strays(1).map(() => sign(0, { by: second }));
    expect(await problems(Buffer.concat([plain, name, ...others]))).toEqual(unheard);
  });

  it('from whatever day on it says that it holds', async () => {
    const revocations = [{ revocationReason: 1, createdAt: HAND_TIME + 1000 }];
    expect(await problems(makeHandCertificate({ primary: alice, revocations }))).toEqual([
      ['key-revoked-soft'],
    ]);
  });
});

describe('a binding that stands below another key or name', () => {
  const subkey = packet(TAG.publicSubkey, first.body);
  const binding = makeHandCertificate({ primary: alice, userIds: [], subkeys: [{ key: first }] }).subarray(
    packet(TAG.publicKey, alice.body).length + subkey.length,
  );
  const plain = makeHandCertificate({ primary: alice });

  it('binds', async () => {
    const other = makeHandCertificate({ primary: alice, subkeys: [{ key: second }] });
    expect(await problems(Buffer.concat([other, binding, subkey]))).toEqual([[], [], []]);
    expect(await problems(Buffer.concat([plain, binding, subkey]))).toEqual([[], []]);
    expect(await problems(await added(Buffer.concat([plain, binding, subkey])))).toEqual([[], []]);
  });

  it('takes away what it takes away', async () => {
    const narrow = selfSign(alice, subkeyDocument(alice, first), {
      type: 0x18,
      flags: 0x0c,
      createdAt: HAND_TIME + 1,
    });
    const file = makeHandCertificate({ primary: alice, subkeys: [{ key: first }, { key: second }] });
    expect(await problems(Buffer.concat([file, narrow]))).toEqual([[], ['key-not-for-signing'], []]);
  });
});

describe('what a key says of itself last is not undone', () => {
  const LATER = 1_750_000_000;
  const sha1 = { hash: 'sha1', createdAt: LATER } as const;
  const withName = (...signatures: SelfSignature[]) =>
    makeHandCertificate({ primary: alice, userIds: [{ text: NAME, signatures }] });

  it('by its hash: with SHA-1, it takes away', async () => {
    expect(await problems(withName({}, { ...sha1, keyExpires: 1 }), LATER)).toEqual([['key-expired']]);
    expect(await problems(withName({}, { ...sha1, flags: 1 }), LATER)).toEqual([['key-not-for-signing']]);
    const subkey = (...bindings: SelfSignature[]) =>
      makeHandCertificate({ primary: alice, subkeys: [{ key: first, bindings }] });
    const narrow = subkey({}, { ...sha1, flags: 0x0c });
    expect(await problems(narrow, LATER)).toEqual([[], ['key-not-for-signing']]);
    expect(await problems(await added(narrow), LATER)).toEqual([[], ['key-not-for-signing']]);
    const ended = subkey({}, { ...sha1, keyExpires: 1 });
    expect(await problems(ended, LATER)).toEqual([[], ['key-expired']]);
  });

  it('and gives nothing', async () => {
    expect(await problems(withName(sha1), LATER)).toEqual([['binding-bad']]);
    expect(await problems(withName({ flags: 1 }, sha1), LATER)).toEqual([['key-not-for-signing']]);
    expect(await problems(withName({ keyExpires: 1 }, sha1), LATER)).toEqual([['key-expired']]);
  });

  it('while what was said since with another hash counts', async () => {
    const old = { ...sha1, flags: 1, keyExpires: 1 };
    expect(await problems(withName(old, { createdAt: LATER + 1 }), LATER + 2)).toEqual([[]]);
    expect(await problems(withName({}, old, { ...sha1, createdAt: LATER + 1 }), LATER + 2)).toEqual([[]]);
    // A name that was taken back tells nothing.
    const back = { type: 0x30, flags: null, createdAt: LATER + 1 };
    const names = [{ text: NAME }, { text: 'old', signatures: [{}, old, back] }];
    expect(await problems(makeHandCertificate({ primary: alice, userIds: names }), LATER + 2)).toEqual([[]]);
  });

  it('by a name that says more than the key itself', async () => {
    const direct = (flags: number) =>
      makeHandCertificate({
        primary: alice,
        direct: [{ flags }],
        userIds: [{ text: NAME, signatures: [{ flags: 0x03, createdAt: HAND_TIME + 1 }] }],
      });
    expect(await problems(direct(0x01))).toEqual([['key-not-for-signing']]);
    expect(await problems(direct(0x03))).toEqual([[]]);
  });
});
