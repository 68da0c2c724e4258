import { createMessage, generateKey, sign } from 'openpgp';
import { afterAll, describe, expect, it } from 'vitest';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import type { VerificationKey, VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import type { GpgAlgorithm } from '../../keys/keys.ts';
import { ALGORITHMS, openSigners, TEXT } from './gpg-signers.ts';
import { keysOf } from './keys-of.ts';

const { keys, ring, person, signed, verify, gpgSays, packets, armored } = await openSigners([
  ...ALGORITHMS,
  'rsa1024',
]);
afterAll(() => keys.close());

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
      expiresAt: null,
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
    const own = keysOf(Buffer.from(made.publicKey.armor()));
    const fingerprint = made.publicKey.getFingerprint().toUpperCase();
    expect(made.publicKey.keyPacket.algorithm).toBe(27);
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
