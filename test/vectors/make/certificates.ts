import { FLAG, makeHandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { must } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import { armorPgp, HAND_TIME, packet, TAG } from '../../keys/packets.ts';
import type { CertificateExpectation, CertificateVector, KeyExpectation } from '../vector.ts';
import { BY_HAND, DAY, JUDGED_AT } from './vectors.ts';

type Read = readonly CertificateExpectation[];

/** Files of certificates: what is read out of them, or why they are refused. */
export async function makeCertificates(keys: Keys): Promise<CertificateVector[]> {
  return [...(await byGpg(keys)), ...forms(), ...keysThatDontSign(), ...unreadable()];
}

function file(
  name: string,
  bytes: string | Uint8Array,
  read: Read | string,
  madeBy = BY_HAND,
): CertificateVector {
  const expect =
    typeof read === 'string'
      ? { unreadable: read, certificates: [] }
      : { unreadable: null, certificates: read };
  return { name, madeBy, file: Buffer.from(bytes).toString('base64'), expect };
}

/** What is to be read of a key: two judgements at `JUDGED_AT`, of what has landed and of what has not. */
function keyRead(
  key: Pick<KeyExpectation, 'fingerprint' | 'createdAt' | 'algorithm' | 'bits'>,
  problems: readonly string[] = [],
  more: Partial<KeyExpectation> & { inHistory?: readonly string[] } = {},
): KeyExpectation {
  const { inHistory = problems, ...rest } = more;
  const judge = (landed: boolean, found: readonly string[]) => ({
    at: JUDGED_AT,
    landed,
    problems: found.toSorted(),
  });
  return {
    expiresAt: null,
    revoked: null,
    ...key,
    standing: [judge(false, problems), judge(true, inHistory)],
    ...rest,
  };
}

const NAMES: Readonly<Record<number, readonly [string, number]>> = {
  22: ['ed25519', 256],
  27: ['ed25519', 256],
  28: ['ed448', 448],
};

function named(
  key: HandKey,
  [algorithm, bits] = NAMES[key.algorithm] ?? ['', 0],
): Pick<KeyExpectation, 'fingerprint' | 'createdAt' | 'algorithm' | 'bits'> {
  return { fingerprint: hexOf(key), createdAt: key.createdAt, algorithm, bits };
}

async function byGpg(keys: Keys): Promise<CertificateVector[]> {
  const created = Date.UTC(2024, 0, 1) / 1000;
  const made = await keys.makeGpgKey('alice', {
    usage: 'cert',
    signingSubkeys: ['rsa2048', 'nistp384'],
    at: '20240101T000000',
    expires: 'seconds=31536000',
  });
  const [primary = '', rsa = '', p384 = ''] = made.fingerprints;
  const expiresAt = created + 365 * DAY;
  const expired = (fingerprint: string, algorithm: string, bits: number, always: readonly string[] = []) =>
    keyRead({ fingerprint, createdAt: created, algorithm, bits }, [...always, 'key-expired'], {
      expiresAt,
      inHistory: always,
    });
  const read: Read = [
    {
      primary,
      userIds: ['alice <alice@example.org>'],
      keys: [
        expired(primary, 'ed25519', 256, ['key-not-for-signing']),
        expired(rsa, 'rsa', 2048),
        expired(p384, 'p384', 384),
      ],
    },
  ];
  const gpg = 'gpg 2.2.40';
  const armored = Buffer.from(made.certificate).toString();
  const secret = must('gpg', await keys.gpg(['--armor', '--export-secret-keys', made.fingerprint]));
  return [
    file('gpg: armored', armored, read, gpg),
    file('gpg: binary', must('gpg', await keys.gpg(['--export', made.fingerprint])), read, gpg),
    file('gpg: armored with CR LF', armored.replaceAll('\n', '\r\n'), read, gpg),
    file('gpg: private key', withoutSecrets(secret), 'private-key', gpg),
  ];
}

/** No private key is kept, not even one that nobody uses: the label and the first bytes are what tells it. */
function withoutSecrets(armored: Buffer): string {
  const lines = armored.toString().split('\n');
  return [...lines.slice(0, 3), lines.at(-2), ''].join('\n');
}

function forms(): CertificateVector[] {
  const [first, second] = [makeHandKey('ed25519-legacy'), makeHandKey('ed25519', { version: 6 })];
  const below = makeHandKey('ed448', { version: 6 });
  const [one, two] = [
    makeHandCertificate({ primary: first }),
    makeHandCertificate({ primary: second, subkeys: [{ key: below }] }),
  ];
  const ofFirst: CertificateExpectation = {
    primary: hexOf(first),
    userIds: ['alice <alice@example.org>'],
    keys: [keyRead(named(first))],
  };
  const ofSecond: CertificateExpectation = {
    primary: hexOf(second),
    userIds: [],
    keys: [keyRead(named(second)), keyRead(named(below))],
  };
  const label = 'PUBLIC KEY BLOCK';
  const revoked = makeHandCertificate({
    primary: first,
    revocations: [{ revocationReason: 1, createdAt: HAND_TIME + DAY }],
  });
  const ofRevoked: CertificateExpectation = {
    ...ofFirst,
    keys: [
      keyRead(named(first), ['key-revoked-soft'], {
        inHistory: [],
        revoked: { at: HAND_TIME + DAY, kind: 'soft' },
      }),
    ],
  };
  return [
    file('v4', one, [ofFirst]),
    file('v6 with a subkey', two, [ofSecond]),
    file('two in one binary file', Buffer.concat([one, two]), [ofFirst, ofSecond]),
    file('two in one armor', armorPgp(label, Buffer.concat([one, two])), [ofFirst, ofSecond]),
    file('two armors in one file', armorPgp(label, one) + armorPgp(label, two), [ofFirst, ofSecond]),
    file('the same twice', Buffer.concat([one, one]), [ofFirst]),
    file('two copies, one of them revoked', Buffer.concat([one, revoked]), [ofRevoked]),
    file(
      'a subkey of an unknown version is left out',
      Buffer.concat([one, packet(TAG.publicSubkey, Buffer.from([5, 1, 2]))]),
      [ofFirst],
    ),
    file('a user attribute is left out', Buffer.concat([one, packet(TAG.attribute, Buffer.from('x'))]), [
      ofFirst,
    ]),
  ];
}

function keysThatDontSign(): CertificateVector[] {
  const primary = makeHandKey('ed25519-legacy');
  const kinds = ['rsa1024', 'dsa2048', 'brainpoolP256r1', 'secp256k1'] as const;
  const said: Readonly<Record<(typeof kinds)[number], readonly [readonly [string, number], string]>> = {
    rsa1024: [['rsa', 1024], 'weak-key'],
    dsa2048: [['openpgp-17', 0], 'algorithm-unsupported'],
    brainpoolP256r1: [['openpgp-19', 0], 'algorithm-unsupported'],
    secp256k1: [['openpgp-19', 0], 'algorithm-unsupported'],
  };
  const vectors = kinds.flatMap((kind) => {
    const key = makeHandKey(kind);
    const [name, problem] = said[kind];
    const own = makeHandCertificate({ primary: key, userIds: [{ text: 'alice' }] });
    return file(`primary key ${kind}`, own, [
      { primary: hexOf(key), userIds: ['alice'], keys: [keyRead(named(key, name), [problem])] },
    ]);
  });
  const encrypting = makeHandKey('x25519');
  const binding = { flags: FLAG.encrypt, back: null };
  const mixed = makeHandCertificate({
    primary,
    userIds: [{ text: 'alice' }],
    subkeys: [{ key: encrypting, bindings: [binding] }],
  });
  const problems = ['algorithm-unsupported', 'key-not-for-signing'];
  const keys = [keyRead(named(primary)), keyRead(named(encrypting, ['openpgp-25', 0]), problems)];
  return [
    ...vectors,
    file('subkey for encryption', mixed, [{ primary: hexOf(primary), userIds: ['alice'], keys }]),
  ];
}

function unreadable(): CertificateVector[] {
  const key = makeHandKey('ed25519-legacy');
  const whole = makeHandCertificate({ primary: key });
  const numbered = (version: number) =>
    packet(TAG.publicKey, Buffer.concat([Uint8Array.of(version), key.body.subarray(1)]));
  const none = 'not-a-certificate';
  return [
    file('nothing', '', none),
    file('text', 'hello\n', none),
    file('cut off', whole.subarray(0, -1), none),
    file('a user id first', packet(TAG.userId, Buffer.from('alice')), none),
    file('a subkey first', packet(TAG.publicSubkey, key.body), none),
    file('a signature', armorPgp('SIGNATURE', packet(TAG.signature, Buffer.from('x'))), none),
    file('wrong checksum', armorPgp('PUBLIC KEY BLOCK', whole).replace(/\n=..../, '\n=AAAA'), none),
    file('secret key packet', packet(TAG.secretKey, key.body), 'private-key'),
    file(
      'secret subkey packet in it',
      Buffer.concat([whole, packet(TAG.secretSubkey, key.body)]),
      'private-key',
    ),
    ...[2, 3, 5, 7].map((version) => file(`version ${version}`, numbered(version), 'unsupported-version')),
    file('bytes after the key', packet(TAG.publicKey, Buffer.concat([key.body, Buffer.from('x')])), none),
  ];
}
