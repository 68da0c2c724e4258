import { describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import type { CertificateKey } from '../../src/core/identity/keyring.ts';
import { makeHandCertificate, type HandCertificate, type SelfSignature } from '../keys/hand-certificates.ts';
import { makeHandKey } from '../keys/hand-keys.ts';
import { HAND_TIME } from '../keys/packets.ts';

const v4 = makeHandKey('ed25519-legacy');
const v6 = makeHandKey('ed25519', { version: 6 });

async function primaryOf(parts: HandCertificate): Promise<CertificateKey['standing']> {
  const { keyring } = await openKeyring([{ path: 'a', bytes: makeHandCertificate(parts) }]);
  const [key] = keyring.certificates[0]?.keys ?? [];
  if (key === undefined) throw new Error('no certificate');
  return key.standing;
}

const named = (...signatures: SelfSignature[]) => ({
  primary: v4,
  userIds: [{ text: 'alice <alice@example.org>', signatures }],
});
const later = { createdAt: HAND_TIME + 10 };
const mute: SelfSignature = { ...later, flags: null };

describe('what ends a primary key of version 4', () => {
  test('is its newest certification, though that says nothing at all', async () => {
    expect((await primaryOf(named({ keyExpires: 1000 }))).expiresAt).toBe(HAND_TIME + 1000);
    const replaced = await primaryOf(named({ keyExpires: 1000 }, mute));
    expect(replaced).toMatchObject({ expiresAt: null, canSign: true });
  });

  test('is a direct key signature that says so, and none that says nothing', async () => {
    const ends = await primaryOf({ ...named({}), direct: [{ ...mute, keyExpires: 500 }] });
    expect(ends).toMatchObject({ expiresAt: HAND_TIME + 500, canSign: true });
    const revoker = await primaryOf({ ...named({ keyExpires: 1000 }), direct: [mute] });
    expect(revoker.expiresAt).toBe(HAND_TIME + 1000);
    const flags = await primaryOf({ ...named({ keyExpires: 1000 }), direct: [{ ...later, flags: 0x03 }] });
    expect(flags.expiresAt).toBe(HAND_TIME + 1000);
  });
});

test('in version 6 the newest direct key signature says all of it', async () => {
  expect(await primaryOf({ primary: v6, direct: [{ keyExpires: 1000 }] })).toMatchObject({
    expiresAt: HAND_TIME + 1000,
    canSign: true,
  });
  const replaced = await primaryOf({ primary: v6, direct: [{ keyExpires: 1000 }, mute] });
  expect(replaced).toMatchObject({ expiresAt: null, canSign: false });
});

test('of several revocations the hard one counts, then the earliest', async () => {
  const revoked = async (...revocations: SelfSignature[]) =>
    (await primaryOf({ ...named({}), revocations })).revoked;
  const soft = { revocationReason: 3 };
  expect(await revoked({ ...soft, ...later }, soft)).toEqual({ at: HAND_TIME, kind: 'soft' });
  expect(await revoked(soft, { ...later, revocationReason: 2 })).toEqual({
    at: HAND_TIME + 10,
    kind: 'hard',
  });
  expect(await revoked({ ...later, revocationReason: 2 }, soft)).toEqual({
    at: HAND_TIME + 10,
    kind: 'hard',
  });
});
