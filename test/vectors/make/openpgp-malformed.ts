import { makeHandKey } from '../../keys/hand-keys.ts';
import {
  armorPgp,
  issuerFingerprint,
  issuerKeyId,
  mpi,
  number,
  packet,
  signByHand,
  subpacket,
  TAG,
} from '../../keys/packets.ts';
import type { SignatureVector } from '../vector.ts';
import { refused, refusedBy, refusedWith, SIGNED_AT, signed, TEXT } from './vectors.ts';

const MALFORMED = refused('malformed', 'signature-malformed');
const NO_OPENPGP = { kind: 'none' } as const;

/** Signatures that are no right packet in a right armor, and what is no OpenPGP at all. */
export function makeMalformed(): SignatureVector[] {
  return [...malformed(), ...noSignatures()];
}

function malformed(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const modern = makeHandKey('ed25519', { version: 6 });
  const rsa = makeHandKey('rsa2048');
  const other = makeHandKey('ed25519-legacy');
  const time = subpacket(2, number(SIGNED_AT, 4));
  const whole = packet(TAG.signature, signByHand(key, TEXT, { createdAt: SIGNED_AT }));
  const body = whole.subarray(2);
  const usual = armorPgp('SIGNATURE', whole);
  const raw = (name: string, bytes: Uint8Array, expect = MALFORMED) =>
    refusedWith(name, armorPgp('SIGNATURE', bytes), key, expect);
  const text = (name: string, change: (armor: string) => string, expect = MALFORMED) =>
    refusedWith(name, change(usual), key, expect);
  const several = refused('malformed', 'several-signatures');
  const trailing = refused('malformed', 'trailing-bytes');
  const value = modern.makeValue('sha256', Buffer.alloc(0));
  const zeros = Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(32), Buffer.from([1, 0]), Buffer.alloc(32)]);
  return [
    raw('two signatures', Buffer.concat([whole, whole]), several),
    raw(
      'two signatures of two keys',
      Buffer.concat([whole, packet(TAG.signature, signByHand(other, TEXT))]),
      several,
    ),
    raw('a zero byte after it', Buffer.concat([whole, Buffer.from([0])]), trailing),
    raw('another packet after it', Buffer.concat([whole, packet(TAG.literal, Buffer.from('x'))]), trailing),
    raw('a marker packet before it', Buffer.concat([packet(TAG.marker, Buffer.from('PGP')), whole])),
    raw('a byte after its numbers', packet(TAG.signature, Buffer.concat([body, Buffer.from([0])])), trailing),
    raw('a key', packet(TAG.publicKey, key.body)),
    raw('cut off', whole.subarray(0, -1)),
    raw('a body cut off', packet(TAG.signature, body.subarray(0, -1))),
    raw('nothing but a header', packet(TAG.signature, Buffer.alloc(0))),
    raw('partial lengths', Buffer.concat([Buffer.from([0xc2, 0xe6]), body])),
    raw('indeterminate length', Buffer.concat([Buffer.from([0x8b]), body])),
    refusedBy(key, 'no creation time', { hashed: [issuerFingerprint(key)] }, MALFORMED),
    refusedBy(
      key,
      'the creation time in the unhashed area',
      { hashed: [issuerFingerprint(key)], unhashed: [time] },
      MALFORMED,
    ),
    refusedBy(key, 'two creation times', { more: [subpacket(2, number(SIGNED_AT + 1, 4))] }, MALFORMED),
    refusedBy(key, 'two issuers', { more: [issuerFingerprint(other)] }, MALFORMED),
    refusedBy(key, 'another issuer in the unhashed area', { unhashed: [issuerKeyId(other)] }, MALFORMED),
    refusedBy(
      key,
      'an issuer fingerprint that is cut off',
      { hashed: [time, subpacket(33, Buffer.alloc(20, 4))] },
      MALFORMED,
    ),
    refusedBy(key, 'a subpacket longer than its area', { more: [Buffer.from([9, 99])] }, MALFORMED),
    refusedBy(key, 'a subpacket of no length', { more: [Buffer.from([0])] }, MALFORMED),
    refusedBy(key, 'numbers with leading zeros', { value: zeros }, MALFORMED),
    refusedBy(modern, 'v6, salt of another length', { salt: Buffer.alloc(32) }, MALFORMED),
    refusedBy(modern, 'v6, no salt', { salt: Buffer.alloc(0) }, MALFORMED),
    refusedBy(modern, 'v6, issuer of version 4', { hashed: [time, issuerFingerprint(key)] }, MALFORMED),
    refusedBy(modern, 'v6, issuer key id', { more: [issuerKeyId(modern)] }, MALFORMED),
    refusedBy(key, 'v6 signature of a v4 key', { version: 6, unhashed: [] }, MALFORMED),
    refusedBy(modern, 'v4 signature of a v6 key', { version: 4 }, MALFORMED),
    refusedBy(modern, 'v6, a value of 63 bytes', { value: value.subarray(1) }, MALFORMED),
    refusedBy(
      rsa,
      'RSA, a byte after the number',
      { value: Buffer.concat([mpi(Buffer.alloc(256, 1)), Buffer.from([0])]) },
      trailing,
    ),
    text(
      'text before the armor',
      (armor) => `x\n${armor}`,
      refused('malformed', 'signature-malformed', NO_OPENPGP),
    ),
    text('text after the armor', (armor) => `${armor}x\n`),
    text('no blank line', (armor) => armor.replace('\n\n', '\n')),
    text('wrong checksum', (armor) => armor.replace(/\n=..../, '\n=AAAA')),
    text('no end', (armor) => armor.replace(/-----END.*\n/, '')),
    text('a character that is not base64', (armor) => armor.replace(/\n\n./, '\n\n*')),
  ];
}

function noSignatures(): SignatureVector[] {
  const key = makeHandKey('ed25519-legacy');
  const labelled = (label: string) => signed(key).replaceAll('PGP SIGNATURE', label);
  const x509 = refused('unsupported', 'x509-unsupported', { kind: 'x509' });
  const none = (reason: string) =>
    refused(reason === 'unsigned' ? 'unsigned' : 'malformed', reason, NO_OPENPGP);
  return [
    refusedWith('nothing', '', key, none('unsigned')),
    refusedWith('no armor', 'hello\n', key, none('signature-malformed')),
    refusedWith('a label that nobody knows', labelled('PGP SOMETHING'), key, none('signature-malformed')),
    refusedWith('a label of X.509', labelled('SIGNED MESSAGE'), key, x509),
    refusedWith('a label of PKCS 7', labelled('PKCS7'), key, x509),
    refusedWith('labelled as a PGP message', labelled('PGP MESSAGE'), key, MALFORMED),
  ];
}
