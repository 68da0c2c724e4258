import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { makeLibraryKey } from '../../keys/library-keys.ts';
import type { LibraryKeyOptions } from '../../keys/library-keys.ts';
import { NOW, open } from './opened.ts';

const TEXT = Buffer.from('text\n');

describe('certificates that openpgp.js made', () => {
  it.each<LibraryKeyOptions>([
    { version: 6, type: 'curve25519', signingSubkey: true },
    { version: 6, type: 'curve448', signingSubkey: true },
    { version: 6, type: 'ecc', curve: 'nistP256', signingSubkey: true },
    { version: 6, type: 'rsa' },
    { version: 4, type: 'curve25519', signingSubkey: true },
    { version: 4, type: 'curve448', signingSubkey: true },
    { version: 4, type: 'ecc', curve: 'ed25519Legacy', signingSubkey: true },
  ])('are in good standing, and sign: %o', async (options) => {
    const key = await makeLibraryKey(options);
    const files = [{ path: 'alice.asc', bytes: Buffer.from(key.certificate) }];
    const { keyring, keys } = await openKeyring(files);
    const [certificate] = keyring.certificates;
    expect(certificate?.primary).toBe(key.fingerprint);
    expect(certificate?.keys.map(({ fingerprint }) => fingerprint)).toEqual(key.fingerprints);
    expect(certificate?.userIds).toEqual(['alice <alice@example.org>']);

    const armor = Buffer.from(await key.sign(TEXT));
    const proof = await verifySignature({ payload: TEXT, armor, form: 'detached', namespace: 'git' }, keys);
    expect(proof).toMatchObject({ status: 'good', key: { primary: key.fingerprint } });
    const signer = certificate?.keys.find(
      ({ fingerprint }) => proof.key?.kind === 'openpgp' && fingerprint === proof.key.fingerprint,
    );
    if (signer === undefined) throw new Error('no signer');
    const { claimedAt, expiresAt } = proof;
    expect(standingOf(signer, { at: NOW, landed: false, claimedAt, expiresAt })).toEqual([]);
  });

  it('may lie in one file with others, armored one after the other', async () => {
    const made = await Promise.all([
      makeLibraryKey({ version: 6, type: 'curve25519' }),
      makeLibraryKey({ version: 4, type: 'curve25519' }),
    ]);
    const opened = await open(Buffer.from(made.map(({ certificate }) => certificate).join('\n')));
    expect(opened.map(({ primary }) => primary)).toEqual(made.map(({ fingerprint }) => fingerprint));
  });
});
