import { hashedKey, hexOf, keyOf, makeHandKey, makeMaterial } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import type { Keys } from '../../keys/keys.ts';
import {
  armorPgp,
  issuerFingerprint,
  issuerKeyId,
  keyIdOf,
  mpi,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../../keys/packets.ts';
import type { HandSignature } from '../../keys/packets.ts';
import type { SignatureVector } from '../vector.ts';
import { notation } from './openpgp-good.ts';
import { makeMalformed } from './openpgp-malformed.ts';
import { refused, SIGNED_AT, signed, TEXT, vector, refusedBy, refusedWith } from './vectors.ts';

const BAD = refused('bad', 'signature-bad');
const UNSUPPORTED = refused('unsupported', 'algorithm-unsupported');
const OTHER_VERSION = refused('unsupported', 'version-unsupported');
const WEAK_HASH = refused('bad', 'weak-hash');

/** One vector or more for each reason for which an OpenPGP signature is refused. */
export async function makeRefusedOpenpgp(keys: Keys): Promise<SignatureVector[]> {
  return [
    ...(await byGpg(keys)),
    ...badByHand(),
    ...unknownKeys(),
    ...types(),
    ...unsupported(),
    ...makeMalformed(),
  ];
}

async function byGpg(keys: Keys): Promise<SignatureVector[]> {
  const rsa = await keys.makeGpgKey('alice', { algorithm: 'rsa2048' });
  const own = [rsa.certificate];
  const sign = (...args: string[]) => keys.signDetached(rsa, TEXT, ['--allow-weak-digest-algos', ...args]);
  const gpg = (
    name: string,
    armor: string | Uint8Array,
    certificates: readonly Uint8Array[],
    expect: typeof BAD,
  ) => vector(`gpg: ${name}`, 'gpg 2.2.40', { armor, certificates }, expect);
  const usual = Buffer.from(await sign());
  const tampered = Buffer.concat([TEXT.subarray(0, -1), Buffer.from('.\n')]);
  const vectors = [
    gpg('MD5', await sign('--digest-algo', 'MD5'), own, WEAK_HASH),
    gpg('SHA-1', await sign('--digest-algo', 'SHA1'), own, WEAK_HASH),
    gpg('RIPEMD-160', await sign('--digest-algo', 'RIPEMD160'), own, WEAK_HASH),
    gpg('text mode', await sign('--textmode'), own, refused('bad', 'text-mode-signature')),
    gpg('critical notation', await sign('--sig-notation', '!note@example.org=x'), own, UNSUPPORTED),
    gpg('unknown key', usual, [], refused('unknown-key', 'key-unknown', { fingerprint: rsa.fingerprint })),
    gpg('two armors', Buffer.concat([usual, usual]), own, refused('malformed', 'several-signatures')),
    vector(
      'gpg: tampered payload',
      'gpg 2.2.40',
      { armor: usual, payload: tampered, certificates: own },
      BAD,
    ),
  ];
  const others = [
    ['rsa1024', refused('bad', 'weak-key')],
    ['dsa2048', refused('unsupported', 'dsa-refused')],
    ['brainpoolP256r1', UNSUPPORTED],
  ] as const;
  for (const [algorithm, expect] of others) {
    const key = await keys.makeGpgKey('bob', { algorithm });
    vectors.push(gpg(algorithm, await keys.signDetached(key, TEXT), [key.certificate], expect));
  }
  return vectors;
}

function badByHand(): SignatureVector[] {
  const legacy = makeHandKey('ed25519-legacy');
  const modern = makeHandKey('ed25519', { version: 6 });
  const rsa = makeHandKey('rsa2048');
  const other = makeHandKey('ed25519-legacy');
  const zero = Buffer.concat([mpi(Buffer.alloc(0)), mpi(Buffer.alloc(0))]);
  const reused = {
    hashed: [subpacket(2, number(SIGNED_AT, 4)), issuerFingerprint(legacy)],
    unhashed: [issuerKeyId(legacy)],
  };
  const spoiled = (key: HandKey, at: number): string => {
    const body = signByHand(key, TEXT, { createdAt: SIGNED_AT });
    const index = at < 0 ? body.length + at : at;
    body.writeUInt8(body.readUInt8(index) ^ 1, index);
    return armorPgp('SIGNATURE', packet(TAG.signature, body));
  };
  return [
    refusedWith('another document', signed(legacy), legacy, BAD, Buffer.from('other')),
    refusedWith(
      'a document with one byte more',
      signed(legacy),
      legacy,
      BAD,
      Buffer.concat([TEXT, Buffer.from('\n')]),
    ),
    refusedWith('v6, another document', signed(modern), modern, BAD, Buffer.from('other')),
    // Version, type, algorithm, hash and two bytes of length come before the time's subpacket, whose last byte is its sixth.
    refusedWith('the creation time changed', spoiled(legacy, 11), legacy, BAD),
    refusedWith('the value changed', spoiled(legacy, -1), legacy, BAD),
    refusedWith('v6, the value changed', spoiled(modern, -1), modern, BAD),
    refusedWith('v6, the salt changed', spoiled(modern, -65), modern, BAD),
    refusedWith('RSA, the value changed', spoiled(rsa, -1), rsa, BAD),
    refusedBy(legacy, 'the first two bytes of the hash changed', { quickCheck: Buffer.from([0, 0]) }, BAD),
    refusedBy(legacy, 'a value of zeros', { value: zero }, BAD),
    refusedBy(makeHandKey('p256'), 'ECDSA, a value of zeros', { value: zero }, BAD),
    refusedBy(rsa, 'RSA, a value of one', { value: mpi(Uint8Array.of(1)) }, BAD),
    refusedWith('the signature of another key that names this one', signed(other, reused), legacy, BAD),
  ];
}

function unknownKeys(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const modern = makeHandKey('ed25519', { version: 6 });
  const other = makeHandKey('ed25519-legacy');
  const time = subpacket(2, number(SIGNED_AT, 4));
  const keyId = Buffer.from(keyIdOf(key)).toString('hex').toUpperCase();
  const unknown = (fingerprint: string | null) => refused('unknown-key', 'key-unknown', { fingerprint });
  return [
    refusedWith('a key that no certificate has', signed(key), other, unknown(hexOf(key))),
    refusedWith('a v6 key that no certificate has', signed(modern), other, unknown(hexOf(modern))),
    refusedWith('a key id that no certificate has', signed(key, { hashed: [time] }), other, unknown(keyId)),
    refusedWith('no hint of the issuer', signed(key, { hashed: [time], unhashed: [] }), key, unknown(null)),
  ];
}

/** Each is right as a signature over these bytes, so that nothing but its type is wrong. */
function types(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const others = [0x02, 0x10, 0x11, 0x12, 0x13, 0x16, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50, 0xff];
  const wrong = refused('bad', 'wrong-signature-type');
  const binding = signed(key, { type: 0x13 }, Buffer.concat([hashedKey(key), Buffer.from('alice')]));
  return [
    refusedBy(key, 'text mode', { type: 0x01 }, refused('bad', 'text-mode-signature')),
    ...others.map((type) => refusedBy(key, `type 0x${type.toString(16).padStart(2, '0')}`, { type }, wrong)),
    refusedWith(
      'the certification of a user id',
      binding,
      key,
      wrong,
      Buffer.concat([hashedKey(key), Buffer.from('alice')]),
    ),
  ];
}

function unsupported(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const modern = makeHandKey('ed25519', { version: 6 });
  const rsa = makeHandKey('rsa2048');
  const p384 = makeHandKey('p384');
  const version = (name: string, signature: HandSignature, expect = OTHER_VERSION) =>
    refusedBy(key, name, signature, expect);
  const body = signByHand(key, TEXT, { createdAt: SIGNED_AT });
  const numbered = (number: number) =>
    armorPgp('SIGNATURE', packet(TAG.signature, Buffer.concat([Uint8Array.of(number), body.subarray(1)])));
  const legacyInV6 = keyOf(makeMaterial('ed25519-legacy'), { version: 6 });
  return [
    version('signature of version 3', { version: 3 }),
    version('signature of version 5', { version: 5 }),
    ...[0, 1, 2, 7, 255].map((number) =>
      refusedWith(`signature of version ${number}`, numbered(number), key, OTHER_VERSION),
    ),
    refusedBy(makeHandKey('dsa2048'), 'DSA', {}, refused('unsupported', 'dsa-refused')),
    refusedBy(makeHandKey('brainpoolP256r1'), 'brainpoolP256r1', {}, UNSUPPORTED),
    refusedBy(makeHandKey('secp256k1'), 'secp256k1', {}, UNSUPPORTED),
    refusedBy(makeHandKey('x25519'), 'X25519', {}, UNSUPPORTED),
    refusedBy(legacyInV6, 'Ed25519 legacy in version 6', {}, UNSUPPORTED),
    ...[2, 16, 18, 20, 21, 25, 99, 100].map((algorithm) =>
      refusedBy(rsa, `algorithm ${algorithm}`, { algorithm }, UNSUPPORTED),
    ),
    refusedBy(rsa, 'algorithm of another key', { algorithm: 27 }, UNSUPPORTED),
    ...[0, 4, 7, 13, 99].map((hashId) => refusedBy(rsa, `hash ${hashId}`, { hashId }, UNSUPPORTED)),
    refusedBy(
      rsa,
      'unknown critical subpacket',
      { more: [subpacket(99, Buffer.from('x'), true)] },
      UNSUPPORTED,
    ),
    refusedBy(
      key,
      'critical notation',
      { more: [subpacket(20, notation('note@example.org', 'x'), true)] },
      UNSUPPORTED,
    ),
    refusedBy(
      modern,
      'v6, critical notation',
      { more: [subpacket(20, notation('note@example.org', 'x'), true)] },
      UNSUPPORTED,
    ),
    refusedBy(makeHandKey('rsa1024'), 'RSA-1024', {}, refused('bad', 'weak-key')),
    refusedBy(rsa, 'SHA-1', { hash: 'sha1' }, WEAK_HASH),
    refusedBy(rsa, 'MD5', { hash: 'md5' }, WEAK_HASH),
    refusedBy(key, 'Ed25519 legacy, SHA-1', { hash: 'sha1' }, WEAK_HASH),
    refusedBy(modern, 'v6, SHA-1', { hash: 'sha1' }, WEAK_HASH),
    // RFC 9580 sections 5.2.3.2 to 5.2.3.5: a hash must not be shorter than the key is strong.
    refusedBy(p384, 'P-384, SHA-256', { hash: 'sha256' }, WEAK_HASH),
    refusedBy(makeHandKey('p521'), 'P-521, SHA-384', { hash: 'sha384' }, WEAK_HASH),
    refusedBy(makeHandKey('p256'), 'P-256, SHA-224', { hash: 'sha224' }, WEAK_HASH),
    refusedBy(key, 'Ed25519 legacy, SHA-224', { hash: 'sha224' }, WEAK_HASH),
    refusedBy(modern, 'v6 Ed25519, SHA-224', { hash: 'sha224' }, WEAK_HASH),
    refusedBy(makeHandKey('ed448', { version: 6 }), 'v6 Ed448, SHA-256', { hash: 'sha256' }, WEAK_HASH),
  ];
}
