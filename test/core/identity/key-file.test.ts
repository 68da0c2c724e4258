import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCertificates, openKeyring } from '../../../src/core/identity/certificate.ts';
import {
  MAX_CERTIFICATES,
  MAX_KEY_FILE_BYTES,
  MAX_WEIGHT_IN_ALL,
} from '../../../src/core/identity/key-file.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import { packet } from '../../keys/packets.ts';
import { open } from './opened.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

const binary = async (armored: Uint8Array) =>
  new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armored)));

async function unreadable(bytes: Uint8Array): Promise<unknown> {
  const { keyring, keys } = await openKeyring([{ path: 'a', bytes }]);
  expect(keyring.certificates).toEqual([]);
  expect(keys.find({ fingerprint: null, keyId: null })).toEqual([]);
  return keyring.unreadable;
}

describe('a key file is not read', () => {
  it('when it holds a private key', async () => {
    const key = await keys.makeGpgKey('alice');
    const armored = must('gpg', await keys.gpg(['--armor', '--export-secret-keys', key.fingerprint]));
    for (const bytes of [armored, await binary(armored)]) {
      expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'private-key' }]);
    }
    const both = Buffer.concat([await binary(key.certificate), await binary(armored)]);
    expect(await unreadable(both)).toEqual([{ path: 'a', reason: 'private-key' }]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['noise', Buffer.alloc(100, 0xff)],
    ['a signature only', Buffer.from([0x88, 1, 4])],
    ['an empty primary key', Buffer.from([0x98, 1, 4])],
  ])('when it holds %s', async (_, bytes) => {
    expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'not-a-certificate' }]);
  });

  it('when it is too large', async () => {
    const key = await keys.makeGpgKey('alice');
    const bytes = await binary(key.certificate);
    const padded = Buffer.concat([bytes, Buffer.alloc(MAX_KEY_FILE_BYTES)]);
    expect(await unreadable(padded)).toEqual([{ path: 'a', reason: 'too-large' }]);
    const body = makeHandKey('ed25519').body;
    const subkeys = Array.from({ length: 64 }, (_, index) => {
      // Another creation time is another key.
      const other = Buffer.from(body);
      other.writeUInt32BE(index, 1);
      return packet(14, other);
    });
    expect(await unreadable(Buffer.concat([bytes, ...subkeys]))).toEqual([
      { path: 'a', reason: 'too-large' },
    ]);
    expect((await open(Buffer.concat([bytes, ...subkeys.slice(1)])))[0]?.keys).toHaveLength(64);
  });

  it('beyond the number of certificates', async () => {
    const primary = Buffer.from(await binary((await keys.makeGpgKey('alice')).certificate));
    const length = 2 + primary.readUInt8(1);
    const files = Array.from({ length: MAX_CERTIFICATES + 1 }, (_, index) => {
      const bytes = Buffer.from(primary.subarray(0, length));
      // Another creation time is another fingerprint.
      bytes.writeUInt32BE(index, 3);
      return { path: String(index), bytes };
    });
    const { keyring } = await openKeyring(files);
    expect(keyring.certificates).toHaveLength(MAX_CERTIFICATES);
    expect(keyring.unreadable).toEqual([{ path: String(MAX_CERTIFICATES), reason: 'too-large' }]);
  });

  it('beyond the number of signatures, in one certificate or in all', async () => {
    const signed = (count: number, revocations = 0) =>
      makeHandCertificate({
        primary: makeHandKey('ed25519'),
        userIds: [],
        direct: Array.from({ length: count }, (_, index) => ({ createdAt: index })),
        revocations: Array.from({ length: revocations }, () => ({ by: makeHandKey('ed25519') })),
      });
    expect(await unreadable(signed(513))).toEqual([{ path: 'a', reason: 'too-large' }]);
    expect(await unreadable(signed(511, 2))).toEqual([{ path: 'a', reason: 'too-large' }]);
    const full = Array.from({ length: MAX_WEIGHT_IN_ALL / 512 }, () => signed(512));
    const files = [...full, signed(1)].map((bytes, index) => ({ path: String(index), bytes }));
    const { outlines, unreadable: beyond } = await openCertificates([...files, ...files.slice(0, 1)]);
    expect(outlines).toHaveLength(full.length);
    expect(beyond).toEqual([{ path: String(full.length), reason: 'too-large' }]);
  });

  it('when its keys are of another version', async () => {
    for (const version of [2, 3, 5, 7]) {
      const bytes = Buffer.from(makeHandCertificate({ primary: makeHandKey('ed25519') }));
      bytes.writeUInt8(version, 2);
      expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'unsupported-version' }]);
    }
  });

  it('and never makes the reader throw', async () => {
    const real = await binary((await keys.makeGpgKey('alice', { signingSubkeys: ['nistp256'] })).certificate);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: real.length }),
        fc.uint8Array({ maxLength: 20 }),
        fc.nat({ max: 20 }),
        async (at, noise, cut) => {
          const bytes = Buffer.concat([real.subarray(0, at), noise, real.subarray(at + cut)]);
          const { keyring } = await openKeyring([{ path: 'a', bytes }]);
          expect(keyring.certificates.length + keyring.unreadable.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
