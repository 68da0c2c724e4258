import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeys } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCommit } from '../../src/core/object/commit.ts';
import { parseOid } from '../../src/core/object/id.ts';
import { CORPUS, hasCorpus, readCorpusKeys } from '../corpus.ts';
import { makeLibraryKey } from '../keys/library-keys.ts';
import type { LibraryKey, LibraryKeyOptions } from '../keys/library-keys.ts';
import type { SignatureVector } from '../vectors/vector.ts';
import { openBytes, ourAnswer } from './answers.ts';
import { readCertificates, referenceAnswer } from './reference.ts';
import type { ReferenceAnswer } from './reference.ts';

/** The fast path against the slow one, which is openpgp.js: on cryptography the two may not differ. */

/** What openpgp.js verifies when it is told to refuse nothing, and we do not. */
const STRICTER: Readonly<Record<string, readonly string[]>> = {
  'text-mode-signature': ['gpg: text mode'],
  'weak-hash': [
    'gpg: MD5',
    'gpg: SHA-1',
    'gpg: RIPEMD-160',
    'by hand: SHA-1',
    'by hand: MD5',
    // RFC 9580 section 5.2.3.2 has verifiers refuse them; the library does so for EdDSA alone.
    'by hand: P-384, SHA-256',
    'by hand: P-521, SHA-384',
    'by hand: P-256, SHA-224',
  ],
  'weak-key': ['gpg: rsa1024', 'by hand: RSA-1024'],
  'dsa-refused': ['gpg: dsa2048', 'by hand: DSA'],
  // The library reads the first of two armors.
  'several-signatures': ['gpg: two armors'],
  'signature-malformed': [
    'by hand: a marker packet before it',
    'by hand: indeterminate length',
    'by hand: two creation times',
    'by hand: two issuers',
    'by hand: an issuer fingerprint that is cut off',
    'by hand: a subpacket of no length',
    'by hand: v6 signature of a v4 key',
    'by hand: v4 signature of a v6 key',
    'by hand: text before the armor',
    'by hand: text after the armor',
    'by hand: wrong checksum',
  ],
};

/** Good with no problem in history to us, and refused by the library's `verify`. */
const BROADER = [
  // Keys from before there were flags may sign, as gpg has it.
  'primary key without flags',
  // The library wants a user id in version 4.
  'primary key with a direct key signature alone',
  // It decodes and encodes user ids, and so changes these bytes.
  'user id that is not UTF-8',
  // It looks at the newest binding alone, and at user ids before keys.
  'a good back signature in an older binding',
  'revocation of a user id does not touch the key',
  // It takes the first certificate that has the key, which is the thief's.
  'stolen subkey, the owner last',
];

/** A problem in history to us, and accepted by the library's `verify`. */
const NARROWER = [
  'back signature of another type',
  'subkey below a primary key rsa1024',
  'subkey below a primary key dsa2048',
  // It ignores revocations by Ed25519 keys with SHA-1, which gpg makes and hears.
  'primary key ed25519-legacy revoked with sha1',
  // It takes the first of two copies.
  'one of two copies of a certificate is revoked',
];

describe('on the vectors', () => {
  const GROUPS = ['openpgp-good', 'openpgp-refused', 'openpgp-standing'];
  const vectors = GROUPS.flatMap((name) => {
    const path = join(import.meta.dirname, `../vectors/signatures/${name}.json`);
    return JSON.parse(readFileSync(path, 'utf8')) as SignatureVector[];
  });
  let answers: readonly (ReferenceAnswer & { readonly vector: SignatureVector })[] = [];
  beforeAll(async () => {
    answers = await Promise.all(
      vectors.map(async (vector) => {
        const certificates = await readCertificates(vector.certificates);
        const answer = await referenceAnswer(
          vector.armor,
          Buffer.from(vector.payload, 'base64'),
          certificates,
        );
        return { ...answer, vector };
      }),
    );
  });

  it('packet against key: everything that is good to us is good to it', () => {
    const good = answers.filter(({ vector }) => vector.expect.status === 'good');
    expect(good.length).toBeGreaterThan(120);
    expect(good.filter(({ packet }) => !packet).map(({ vector }) => vector.name)).toEqual([]);
  });

  it('packet against key: what is good to it alone is refused by us for a reason', () => {
    const found: Record<string, string[]> = {};
    for (const { packet, vector } of answers) {
      const { reason } = vector.expect;
      if (packet && reason !== null) (found[reason] ??= []).push(vector.name);
    }
    const sorted = (groups: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(groups).map(([reason, names]) => [reason, names.toSorted()]));
    expect(sorted(found)).toEqual(sorted(STRICTER));
  });

  it('its `verify` judges keys as we do for what has landed', () => {
    const judged = answers.flatMap(({ verify, vector }) => {
      const landed = vector.expect.standing.find((standing) => standing.landed);
      return landed === undefined ? [] : [{ verify, fit: landed.problems.length === 0, name: vector.name }];
    });
    const names = (fit: boolean) =>
      judged.filter((one) => one.fit === fit && one.verify !== fit).map(({ name }) => name);
    expect(names(true).toSorted()).toEqual(BROADER.toSorted());
    expect(names(false).toSorted()).toEqual(NARROWER.toSorted());
  });
});

const KINDS: readonly (readonly [string, LibraryKeyOptions])[] = [
  ['v4 Ed25519', { version: 4, type: 'curve25519' }],
  ['v4 Ed25519 legacy, subkey', { version: 4, type: 'ecc', curve: 'ed25519Legacy', signingSubkey: true }],
  ['v4 Ed448', { version: 4, type: 'curve448' }],
  ['v6 Ed25519, subkey', { version: 6, type: 'curve25519', signingSubkey: true }],
  ['v6 Ed448, subkey', { version: 6, type: 'curve448', signingSubkey: true }],
  ['v6 P-256', { version: 6, type: 'ecc', curve: 'nistP256' }],
  ['v6 P-384, subkey', { version: 6, type: 'ecc', curve: 'nistP384', signingSubkey: true }],
  ['v6 P-521', { version: 6, type: 'ecc', curve: 'nistP521' }],
  ['v6 RSA-2048', { version: 6, type: 'rsa' }],
];

describe.each(KINDS)('on a key that openpgp.js makes now: %s', (_, options) => {
  const text = Buffer.from('text\n');
  let key: LibraryKey;
  let armor = '';
  beforeAll(async () => {
    key = await makeLibraryKey(options);
    armor = await key.sign(text);
  });

  const both = async (armored: string, payload: Uint8Array, certificate = Buffer.from(key.certificate)) => {
    const ours = await ourAnswer(await openBytes(certificate), Buffer.from(armored), payload);
    const reference = await referenceAnswer(
      armored,
      payload,
      await readCertificates([certificate.toString()]),
    );
    return { ours, reference };
  };

  it('both call it good, and name its fingerprint', async () => {
    const { ours, reference } = await both(armor, text);
    expect(reference).toEqual({ packet: true, verify: true });
    const fingerprint = key.fingerprints.at(-1);
    expect(ours.answer).toEqual({ says: 'good', fingerprint, primary: key.fingerprint });
    expect(ours.problems).toEqual([]);
  });

  it('neither calls it good over another document, or with a byte of it changed', async () => {
    const { ours, reference } = await both(armor, Buffer.from('other'));
    expect([ours.answer.says, reference]).toEqual(['bad', { packet: false, verify: false }]);
    const body = /\n\n([^-=]+)/.exec(armor)?.[1] ?? '';
    const bytes = Buffer.from(body, 'base64');
    for (let step = 0; step <= 24; step += 1) {
      const at = Math.round((step * (bytes.length - 1)) / 24);
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
      const lines = `-----BEGIN PGP SIGNATURE-----\n\n${changed.toString('base64')}\n-----END PGP SIGNATURE-----\n`;
      const said = await both(lines, text);
      // openpgp.js takes a number whose length is not the shortest, as a changed bit of that length may make it; we do not.
      const good = said.ours.answer.says === 'good';
      expect([at, good && !said.reference.packet]).toEqual([at, false]);
      if (options.version === 6) expect([at, good]).toEqual([at, false]);
    }
  });
});

describe.skipIf(!hasCorpus)('on the corpus of real commits', () => {
  it('says the same of all 228 OpenPGP signatures', async () => {
    const files = readCorpusKeys().map(({ bytes }) => Buffer.from(bytes));
    const opened = await openBytes(...files);
    const read = files.map((bytes) =>
      (bytes[0] ?? 0) >= 0x80 ? readKeys({ binaryKeys: bytes }) : readKeys({ armoredKeys: bytes.toString() }),
    );
    const certificates = (await Promise.all(read)).flat();
    const lines = readFileSync(join(CORPUS, 'commits.ndjson'), 'utf8').trim().split('\n');
    const samples = lines.map((line) => JSON.parse(line) as { sha: string; shape: string; raw: string });
    const differing: string[] = [];
    let good = 0;
    let compared = 0;
    for (const { sha, shape, raw } of samples) {
      if (!shape.startsWith('openpgp')) continue;
      const id = parseOid(sha);
      const parsed = id === null ? null : parseCommit(id, new Uint8Array(Buffer.from(raw, 'base64')));
      if (parsed?.ok !== true || parsed.commit.signature === null) throw new Error(sha);
      const { payload, signature } = parsed.commit;
      const ours = await ourAnswer(opened, signature.armor, payload);
      const reference = await referenceAnswer(Buffer.from(signature.armor).toString(), payload, certificates);
      compared += 1;
      if (ours.reason === null) good += 1;
      if ((ours.reason === null) !== reference.packet) differing.push(sha);
      // Whatever the library's own judgement accepts must be good to us; openpgpjs issue 1800 is why not the reverse.
      if (reference.verify && ours.inHistory.length > 0) differing.push(sha);
    }
    expect(differing).toEqual([]);
    expect([compared, good > 100]).toEqual([228, true]);
  });
});
