import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMessage, generateKey, sign } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import type { VerificationKey, VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { GpgAlgorithm, GpgKey, Keys } from '../../keys/keys.ts';

const TEXT = Buffer.from('text to sign\n');
const ALGORITHMS: readonly GpgAlgorithm[] = [
  'ed25519',
  'rsa2048',
  'rsa3072',
  'nistp256',
  'nistp384',
  'nistp521',
];
const OTHERS: readonly GpgAlgorithm[] = ['rsa1024', 'dsa2048', 'brainpoolP256r1', 'default'];

let keys: Keys;
let people: ReadonlyMap<GpgAlgorithm, GpgKey>;
let ring: VerificationKeys;

beforeAll(async () => {
  keys = await openKeys();
  const made = await Promise.all(
    [...ALGORITHMS, ...OTHERS].map(
      async (algorithm) => [algorithm, await keys.makeGpgKey('alice', { algorithm })] as const,
    ),
  );
  people = new Map(made);
  const files = made.map(([algorithm, key]) => ({ path: `${algorithm}.asc`, bytes: key.certificate }));
  ring = (await openKeyring(files)).keys;
});
afterAll(() => keys.close());

function person(algorithm: GpgAlgorithm): GpgKey {
  const key = people.get(algorithm);
  if (key === undefined) throw new Error(algorithm);
  return key;
}

function verify(armor: Uint8Array | string, payload: Uint8Array = TEXT, with_ = ring): Promise<Proof> {
  return verifySignature({ payload, armor: Buffer.from(armor), form: 'detached', namespace: 'git' }, with_);
}

async function signed(algorithm: GpgAlgorithm, ...args: string[]): Promise<Uint8Array> {
  return keys.signDetached(person(algorithm), TEXT, ['--allow-weak-digest-algos', ...args]);
}

/** What gpg itself says: the fingerprint of a good signature's key and of its primary key, or null. */
async function gpgSays(armor: Uint8Array, payload: Uint8Array): Promise<readonly [string, string] | null> {
  const path = await keys.writeTemporary(armor);
  const { stdout } = await keys.gpg(['--status-fd', '1', '--verify', path, '-'], payload);
  const valid = /VALIDSIG ([0-9A-F]{40}) .* ([0-9A-F]{40})$/m.exec(stdout.toString());
  return valid?.[1] !== undefined && valid[2] !== undefined ? [valid[1], valid[2]] : null;
}

const packets = async (armor: Uint8Array) =>
  new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armor)));
const armored = async (bytes: Uint8Array) => {
  const text = must('gpg', await keys.gpg(['--enarmor'], bytes)).toString();
  return text.replaceAll('PGP ARMORED FILE', 'PGP SIGNATURE').replace(/\nComment: .*/, '');
};

describe('OpenPGP signatures agree with gpg', () => {
  it.each(ALGORITHMS)('%s verifies over its own text only', async (algorithm) => {
    const armor = await signed(algorithm);
    const { fingerprint } = person(algorithm);
    const key = { kind: 'openpgp', fingerprint, primary: fingerprint };
    const claimedAt: unknown = expect.any(Number);
    const good = {
      kind: 'openpgp',
      status: 'good',
      reason: null,
      key,
      issuer: fingerprint,
      presence: null,
      claimedAt,
    };
    expect(await verify(armor)).toEqual(good);
    expect(await gpgSays(armor, TEXT)).toEqual([fingerprint, fingerprint]);
    const other = Buffer.from('text to sigN\n');
    expect(await verify(armor, other)).toMatchObject({ status: 'bad', reason: 'signature-bad', key: null });
    expect(await gpgSays(armor, other)).toBeNull();
    expect(await verify(armor, TEXT, noKeys)).toMatchObject({
      status: 'unknown-key',
      reason: 'key-unknown',
      key: null,
      issuer: fingerprint,
    });
  });

  it.each(['SHA224', 'SHA256', 'SHA384', 'SHA512'])('with %s', async (hash) => {
    const armor = await signed('rsa3072', '--digest-algo', hash);
    expect((await verify(armor)).status).toBe('good');
    expect(await gpgSays(armor, TEXT)).not.toBeNull();
  });

  it('over bytes that are no text, and over none', async () => {
    for (const bytes of [
      Buffer.from([0, 255, 13, 10, 13, 32, 10]),
      Buffer.alloc(0),
      Buffer.alloc(200_000, 7),
    ]) {
      const armor = await keys.signDetached(person('ed25519'), bytes);
      expect((await verify(armor, bytes)).status).toBe('good');
    }
  });

  it('verifies a hundred signatures of each elliptic curve, short numbers among them', async () => {
    for (const algorithm of ['ed25519', 'nistp256'] as const) {
      const proofs = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const bytes = Buffer.from(`text ${index}`);
          return verify(await keys.signDetached(person(algorithm), bytes), bytes);
        }),
      );
      expect(proofs.filter(({ status }) => status !== 'good')).toEqual([]);
    }
  });

  it('by an Ed25519 key in the form of RFC 9580 (algorithm 27), as openpgp.js makes them', async () => {
    const made = await generateKey({ userIDs: [{ name: 'alice' }], type: 'curve25519', format: 'object' });
    const message = await createMessage({ binary: TEXT });
    const armor: unknown = await sign({ message, signingKeys: made.privateKey, detached: true });
    if (typeof armor !== 'string') throw new Error('no armor');
    const { keys: own, keyring } = await openKeyring([
      { path: 'a', bytes: Buffer.from(made.publicKey.armor()) },
    ]);
    const fingerprint = made.publicKey.getFingerprint().toUpperCase();
    expect(made.publicKey.keyPacket.algorithm).toBe(27);
    expect(keyring.certificates[0]?.keys[0]).toMatchObject({ fingerprint, algorithm: 'ed25519' });
    expect(await verify(armor, TEXT, own)).toMatchObject({ status: 'good', key: { fingerprint } });
    expect(await verify(armor, Buffer.from('other'), own)).toMatchObject({
      status: 'bad',
      reason: 'signature-bad',
    });
  });

  it('by a key that is known by its key id only', async () => {
    const signature = await packets(await signed('ed25519'));
    // gpg writes the issuer fingerprint (type 33) first: under a number without meaning it is no hint any more.
    const at = Buffer.from(signature).indexOf(Buffer.from([0x16, 33, 4]));
    expect(at).toBeGreaterThan(0);
    signature[at + 1] = 100;
    const proof = await verify(await armored(signature));
    expect(proof).toMatchObject({ status: 'bad', issuer: person('ed25519').fingerprint.slice(-16) });
  });
});

describe('several keys that share a key id', () => {
  const found = (algorithm: GpgAlgorithm, rest: Partial<VerificationKey> = {}) =>
    ring
      .find({ fingerprint: person(algorithm).fingerprint, keyId: null })
      .map((key) => ({ ...key, ...rest }));

  it('are each tried, and the one that verifies is named', async () => {
    const armor = await signed('rsa2048');
    const both: VerificationKeys = {
      find: () => [...found('rsa1024'), ...found('rsa3072'), ...found('rsa2048')],
    };
    const { fingerprint } = person('rsa2048');
    expect(await verify(armor, TEXT, both)).toMatchObject({ status: 'good', key: { fingerprint } });
    const wrong: VerificationKeys = { find: () => found('rsa3072') };
    expect(await verify(armor, TEXT, wrong)).toMatchObject({ status: 'bad', reason: 'signature-bad' });
  });

  it('and none of the algorithm are no help', async () => {
    const other: VerificationKeys = { find: () => [...found('ed25519'), ...found('rsa2048', { key: null })] };
    const proof = await verify(await signed('rsa2048'), TEXT, other);
    expect(proof).toMatchObject({ status: 'unsupported', reason: 'algorithm-unsupported', key: null });
  });
});

describe('an OpenPGP signature is refused', () => {
  it.each(['MD5', 'SHA1', 'RIPEMD160'])('with the weak hash %s', async (hash) => {
    const armor = await signed('rsa2048', '--digest-algo', hash);
    expect(await verify(armor)).toMatchObject({ status: 'bad', reason: 'weak-hash', key: null });
  });

  it('by an RSA key of 1024 bits', async () => {
    expect(await verify(await signed('rsa1024'))).toMatchObject({
      status: 'bad',
      reason: 'weak-key',
      key: null,
    });
  });

  it.each(['dsa2048', 'brainpoolP256r1'] as const)('by a key of type %s', async (algorithm) => {
    expect(await verify(await signed(algorithm))).toMatchObject({
      status: 'unsupported',
      reason: 'algorithm-unsupported',
    });
  });

  it('in text mode, which would leave the line ends open', async () => {
    const armor = await signed('ed25519', '--textmode');
    expect(await gpgSays(armor, TEXT)).not.toBeNull();
    expect(await verify(armor)).toMatchObject({ status: 'bad', reason: 'text-mode-signature' });
  });

  it('that is a certification and not one of a document', async () => {
    const certificate = await packets(person('rsa2048').certificate);
    const listed = must('gpg', await keys.gpg(['--list-packets'], certificate)).toString();
    const [, offset, header, length] = /off=(\d+) ctb=\w+ tag=2 hlen=(\d+) plen=(\d+)/.exec(listed) ?? [];
    const start = Number(offset);
    const packet = certificate.subarray(start, start + Number(header) + Number(length));
    expect(await verify(await armored(packet))).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
  });

  it('that is one of two', async () => {
    const one = await packets(await signed('ed25519'));
    const two = await packets(await signed('rsa2048'));
    for (const both of [Buffer.concat([one, two]), Buffer.concat([one, one])]) {
      expect(await verify(await armored(both))).toMatchObject({
        status: 'malformed',
        reason: 'several-signatures',
      });
    }
    const blocks = Buffer.concat([await signed('ed25519'), await signed('ed25519')]);
    expect(await verify(blocks)).toMatchObject({ status: 'malformed', reason: 'several-signatures' });
  });

  it('with bytes after it', async () => {
    const one = await packets(await signed('ed25519'));
    for (const tail of [[0], [0xff], [0xcb, 0], [0x88]]) {
      const proof = await verify(await armored(Buffer.concat([one, Buffer.from(tail)])));
      expect(proof).toMatchObject({ status: 'malformed', reason: 'trailing-bytes' });
    }
    // Inside the packet, after the signature's numbers.
    const grown = Buffer.concat([one, Buffer.from([0])]);
    grown.writeUInt8(grown.readUInt8(1) + 1, 1);
    expect(await verify(await armored(grown))).toMatchObject({
      status: 'malformed',
      reason: 'trailing-bytes',
    });
  });

  it.each([
    ['of version 3', 3],
    ['of version 6', 6],
  ])('%s', async (_, version) => {
    const one = await packets(await signed('ed25519'));
    one[2] = version;
    expect(await verify(await armored(one))).toMatchObject({
      status: 'unsupported',
      reason: 'algorithm-unsupported',
    });
  });

  it('with a critical notation, since none is known', async () => {
    const armor = await signed('ed25519', '--sig-notation', '!note@example.org=x');
    expect(await verify(armor)).toMatchObject({ status: 'unsupported', reason: 'algorithm-unsupported' });
    const harmless = await signed('ed25519', '--sig-notation', 'note@example.org=x');
    expect((await verify(harmless)).status).toBe('good');
  });

  it('in a packet with partial or indeterminate length', async () => {
    const body = (await packets(await signed('ed25519'))).subarray(2);
    for (const head of [[0xc2, 0xe6], [0x8b]]) {
      const bytes = Buffer.concat([Buffer.from(head), body]);
      expect(await verify(await armored(bytes))).toMatchObject({
        status: 'malformed',
        reason: 'signature-malformed',
      });
    }
    const newFormat = Buffer.concat([Buffer.from([0xc2, body.length]), body]);
    expect((await verify(await armored(newFormat))).status).toBe('good');
  });

  it('that is not there, is S/MIME, or is nothing known', async () => {
    expect(await verify('')).toMatchObject({ status: 'unsigned', reason: 'unsigned', kind: 'none' });
    for (const label of ['SIGNED MESSAGE', 'PKCS7']) {
      const armor = `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
      expect(await verify(armor)).toMatchObject({
        status: 'unsupported',
        reason: 'x509-unsupported',
        kind: 'x509',
      });
    }
    expect(await verify('hello')).toMatchObject({
      status: 'malformed',
      reason: 'signature-malformed',
      kind: 'none',
    });
  });
});

describe('clear-signed text', () => {
  const verifyClear = (payload: string, armor: string) =>
    verifySignature(
      {
        payload: Buffer.from(payload),
        armor: Buffer.from(armor),
        form: 'cleartext',
        namespace: 'countersign@v1',
      },
      ring,
    );
  const signatureOf = (frame: string) => frame.slice(frame.indexOf('-----BEGIN PGP SIGNATURE-----'));

  it.each(ALGORITHMS)('verifies by %s', async (algorithm) => {
    const frame = await keys.clearsign(person(algorithm), 'countersign: review/v1\nserial: 1\n');
    expect(await verifyClear('countersign: review/v1\nserial: 1\n', signatureOf(frame))).toMatchObject({
      status: 'good',
    });
    expect(await verifyClear('countersign: review/v1\nserial: 2\n', signatureOf(frame))).toMatchObject({
      status: 'bad',
      reason: 'signature-bad',
    });
  });

  it('verifies as gpg does with blanks, blank lines and dashes', async () => {
    for (const text of ['a\n', 'a\n\n', '\na \t\nb\n', '- a\n-----x\n', 'é\n', 'a', '\n']) {
      const frame = await keys.clearsign(person('ed25519'), text);
      const path = join(keys.home, 'frame');
      await writeFile(path, frame);
      expect((await keys.gpg(['--verify', path])).code).toBe(0);
      expect((await verifyClear(text, signatureOf(frame))).status).toBe('good');
    }
  });

  it('is no detached signature, and a detached one does not verify as clear text', async () => {
    const frame = await keys.clearsign(person('ed25519'), TEXT);
    expect(await verify(signatureOf(frame))).toMatchObject({ status: 'bad', reason: 'text-mode-signature' });
    const detached = Buffer.from(await signed('ed25519')).toString();
    expect(await verifyClear(TEXT.toString(), detached)).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
  });
});
