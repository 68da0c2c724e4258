import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey, HandKeyKind } from '../../keys/hand-keys.ts';
import { makeLibraryKey } from '../../keys/library-keys.ts';
import type { LibraryKeyOptions } from '../../keys/library-keys.ts';
import { must } from '../../keys/keys.ts';
import type { GpgAlgorithm, GpgKey, Keys } from '../../keys/keys.ts';
import {
  armorPgp,
  issuerFingerprint,
  issuerKeyId,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../../keys/packets.ts';
import type { HashName } from '../../keys/packets.ts';
import type { SignatureVector } from '../vector.ts';
import { BY_HAND, byHand, certificate, good, SIGNED_AT, signed, TEXT, vector } from './vectors.ts';

const GPG: readonly GpgAlgorithm[] = ['rsa2048', 'rsa3072', 'nistp256', 'nistp384', 'nistp521', 'ed25519'];

/** Every algorithm, version and maker, and the forms of a packet that are unusual and right. */
export async function makeGoodOpenpgp(keys: Keys): Promise<SignatureVector[]> {
  return [
    ...(await byGpg(keys)),
    ...(await byLibrary()),
    ...versionsByHand(),
    ...hashesByHand(),
    ...unusualForms(),
  ];
}

async function byGpg(keys: Keys): Promise<SignatureVector[]> {
  const vectors: SignatureVector[] = [];
  for (const algorithm of GPG) {
    const key = await keys.makeGpgKey('alice', { algorithm, at: '20240101T000000' });
    vectors.push(await gpgVector(keys, `${algorithm} primary key`, key, key.fingerprint));
  }
  const below = await keys.makeGpgKey('bob', { usage: 'cert', signingSubkeys: ['ed25519', 'nistp256'] });
  for (const [index, fingerprint] of below.fingerprints.entries()) {
    if (index > 0)
      vectors.push(
        await gpgVector(
          keys,
          `signing subkey ${index} of a primary key that only certifies`,
          below,
          fingerprint,
        ),
      );
  }
  // RSA-4096 takes long to make, and gpg's own default does not differ but in size.
  const large = makeHandKey('rsa4096');
  return [
    ...vectors,
    byHand('rsa4096 primary key', large, { primary: large }, { signature: { hash: 'sha512' } }),
  ];
}

/** gpg itself must call the signature good before it becomes a vector. */
export async function gpgVector(
  keys: Keys,
  name: string,
  key: GpgKey,
  fingerprint: string,
): Promise<SignatureVector> {
  const armor = await keys.signDetached(fingerprint, TEXT);
  const path = await keys.writeTemporary(armor);
  const said = must('gpg', await keys.gpg(['--status-fd', '1', '--verify', path, '-'], TEXT)).toString();
  if (!said.includes(`VALIDSIG ${fingerprint} `)) throw new Error(`gpg does not accept ${name}`);
  const given = { armor, certificates: [key.certificate] };
  return vector(`gpg: ${name}`, 'gpg 2.2.40', given, good(fingerprint, key.fingerprint));
}

const LIBRARY: readonly (readonly [string, LibraryKeyOptions])[] = [
  ['v4 Ed25519 (algorithm 27)', { version: 4, type: 'curve25519' }],
  ['v4 Ed448', { version: 4, type: 'curve448' }],
  ['v4 Ed25519 legacy', { version: 4, type: 'ecc', curve: 'ed25519Legacy' }],
  ['v6 Ed25519', { version: 6, type: 'curve25519' }],
  ['v6 Ed25519 signing subkey', { version: 6, type: 'curve25519', signingSubkey: true }],
  ['v6 Ed448', { version: 6, type: 'curve448' }],
  ['v6 Ed448 signing subkey', { version: 6, type: 'curve448', signingSubkey: true }],
  ['v6 P-256', { version: 6, type: 'ecc', curve: 'nistP256' }],
  ['v6 P-384', { version: 6, type: 'ecc', curve: 'nistP384' }],
  ['v6 P-521', { version: 6, type: 'ecc', curve: 'nistP521' }],
  ['v6 RSA-2048', { version: 6, type: 'rsa' }],
];

async function byLibrary(): Promise<SignatureVector[]> {
  const vectors = LIBRARY.map(async ([name, options]) => {
    const key = await makeLibraryKey({ ...options, at: new Date(SIGNED_AT * 1000) });
    const fingerprint = key.fingerprints.at(-1) ?? '';
    const given = { armor: await key.sign(TEXT), certificates: [key.certificate] };
    return vector(`openpgp.js: ${name}`, 'openpgp.js 6.3.2', given, good(fingerprint, key.fingerprint));
  });
  return Promise.all(vectors);
}

function versionsByHand(): SignatureVector[] {
  const kinds: readonly (readonly [4 | 6, HandKeyKind])[] = [
    [4, 'ed25519'],
    [4, 'ed448'],
    [6, 'ed25519'],
    [6, 'ed448'],
    [6, 'p256'],
    [6, 'p384'],
    [6, 'p521'],
    [6, 'rsa2048'],
  ];
  return kinds.map(([version, kind]) => {
    const primary = makeHandKey(kind === 'rsa2048' ? 'ed25519' : kind, { version });
    const key = makeHandKey(kind, { version });
    return byHand(`by hand: v${version} ${kind} signing subkey`, key, { primary, subkeys: [{ key }] });
  });
}

function hashesByHand(): SignatureVector[] {
  const rsa = makeHandKey('rsa2048');
  const modern = makeHandKey('rsa2048', { version: 6 });
  const edwards = makeHandKey('ed25519', { version: 6 });
  const by = (name: string, key: HandKey, hash: HashName) =>
    byHand(`by hand: ${name} with ${hash}`, key, { primary: key }, { signature: { hash } });
  return [
    ...(['sha224', 'sha256', 'sha384', 'sha512'] as const).flatMap((hash) => [
      by('v4 RSA', rsa, hash),
      by('v6 RSA', modern, hash),
    ]),
    ...(['sha384', 'sha512', 'sha3-256', 'sha3-512'] as const).map((hash) => by('v6 Ed25519', edwards, hash)),
  ];
}

function unusualForms(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const time = subpacket(2, number(SIGNED_AT, 4));
  const says = good(hexOf(key), hexOf(key));
  const certificates = [certificate({ primary: key })];
  const form = (name: string, armor: string, payload: Uint8Array = TEXT) =>
    vector(`by hand: ${name}`, BY_HAND, { armor, payload, certificates }, says);
  const body = signByHand(key, TEXT, { createdAt: SIGNED_AT });
  const usual = armorPgp('SIGNATURE', packet(TAG.signature, body));
  const bytes = Buffer.from([0, 255, 13, 10, 13, 32, 10]);
  return [
    form('packet header of the old format', armorPgp('SIGNATURE', packet(TAG.signature, body, 'old'))),
    form('no checksum in the armor', armorPgp('SIGNATURE', packet(TAG.signature, body), false)),
    form('CR LF in the armor', usual.replaceAll('\n', '\r\n')),
    form('trailing blanks in the armor', usual.replaceAll('\n', ' \t\n')),
    form('armor headers', usual.replace('\n\n', '\nVersion: x\nComment: y: z\n\n')),
    form('white space after the armor', `${usual}\n\n`),
    form('issuer known by its key id alone', signed(key, { hashed: [time], unhashed: [issuerKeyId(key)] })),
    form(
      'issuer fingerprint in the unhashed area',
      signed(key, { hashed: [time], unhashed: [issuerFingerprint(key)] }),
    ),
    form('a notation', signed(key, { more: [subpacket(20, notation('note@example.org', 'x'))] })),
    form(
      'critical subpackets that are known',
      signed(key, { hashed: [subpacket(2, number(SIGNED_AT, 4), true), issuerFingerprint(key)] }),
    ),
    form(
      'an unknown subpacket that is not critical',
      signed(key, { more: [subpacket(99, Buffer.from('x'))] }),
    ),
    form('a long subpacket', signed(key, { more: [subpacket(99, Buffer.alloc(9000, 1))] })),
    form('an empty document', signed(key, {}, Buffer.alloc(0)), Buffer.alloc(0)),
    form('a document that is not text', signed(key, {}, bytes), bytes),
    paddedRsa(),
  ];
}

/** Go's OpenPGP package states the length of an RSA signature in whole bytes, leading zeros and all. */
function paddedRsa(): SignatureVector {
  const key = makeHandKey('rsa2048');
  for (let attempt = 0; ; attempt += 1) {
    const more = [subpacket(99, number(attempt, 4))];
    const body = signByHand(key, TEXT, { createdAt: SIGNED_AT, more });
    const value = body.subarray(-256);
    if ((value[0] ?? 0) >= 0x80 || body.readUInt16BE(body.length - 258) > 2048) continue;
    const whole = Buffer.concat([number(2048, 2), value]);
    const given = {
      armor: signed(key, { more, value: whole }),
      certificates: [certificate({ primary: key })],
    };
    return vector(
      'by hand: RSA signature of whole bytes, as Go writes it',
      BY_HAND,
      given,
      good(hexOf(key), hexOf(key)),
    );
  }
}

export function notation(name: string, value: string): Buffer {
  const sizes = Buffer.concat([number(name.length, 2), number(value.length, 2)]);
  return Buffer.concat([Buffer.from([0x80, 0, 0, 0]), sizes, Buffer.from(name + value)]);
}
