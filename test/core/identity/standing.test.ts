import { describe, expect, it } from 'vitest';
import type { CertificateKey, KeyStanding } from '../../../src/core/identity/keyring.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { WEB_FLOW_KEYS } from '../../../src/core/identity/web-flow.ts';

const CLEAN: KeyStanding = { bound: true, canSign: true, backSigned: true, expiresAt: null, revoked: null };

function key(standing: Partial<KeyStanding> = {}, rest: Partial<CertificateKey> = {}): CertificateKey {
  return {
    fingerprint: 'A'.repeat(40),
    primary: true,
    algorithm: 'ed25519',
    bits: 256,
    material: 'ed25519:00',
    createdAt: 0,
    standing: { ...CLEAN, ...standing },
    ...rest,
  };
}

describe('the standing of a key', () => {
  it.each([
    ['nothing is wrong with it', key(), []],
    ['it is not bound', key({ bound: false }), ['key-not-bound']],
    ['it is not for signing', key({ canSign: false }), ['key-not-for-signing']],
    ['it did not sign back', key({ backSigned: false }), ['back-signature-missing']],
    ['it is RSA of 2047 bits', key({}, { algorithm: 'rsa', bits: 2047 }), ['weak-key']],
    ['it is RSA of 2048 bits', key({}, { algorithm: 'rsa', bits: 2048 }), []],
    ['it is p521', key({}, { algorithm: 'p521', bits: 521 }), []],
    ['it is DSA', key({}, { algorithm: 'openpgp-17', bits: 0 }), ['algorithm-unsupported']],
    [
      'all is wrong with it',
      key({ bound: false, canSign: false, backSigned: false }, { algorithm: 'rsa', bits: 1024 }),
      ['key-not-bound', 'key-not-for-signing', 'back-signature-missing', 'weak-key'],
    ],
  ])('is the same for history and for what is new where %s', (_, judged, problems) => {
    expect(standingOf(judged, 100, true)).toEqual(problems);
    expect(standingOf(judged, 100, false)).toEqual(problems);
  });

  it.each([
    ['before it expires', { expiresAt: 101 }, []],
    ['when it expires', { expiresAt: 100 }, ['key-expired']],
    ['before a soft revocation', { revoked: { at: 101, kind: 'soft' as const } }, []],
    ['from a soft revocation on', { revoked: { at: 100, kind: 'soft' as const } }, ['key-revoked']],
    [
      'with both',
      { expiresAt: 1, revoked: { at: 1, kind: 'soft' as const } },
      ['key-expired', 'key-revoked'],
    ],
  ])('for what is new %s, and no date counts in history', (_, standing, problems) => {
    expect(standingOf(key(standing), 100, false)).toEqual(problems);
    expect(standingOf(key(standing), 100, true)).toEqual([]);
  });

  it('a hard revocation in the keyring that judges is no date: the key counts neither now nor in history', () => {
    const revoked = key({ revoked: { at: 101, kind: 'hard' } });
    expect(standingOf(revoked, 100, false)).toEqual(['key-revoked']);
    expect(standingOf(revoked, 100, true)).toEqual(['key-revoked']);
  });
});

it('the keys of web-flow are full fingerprints', () => {
  expect(WEB_FLOW_KEYS).toHaveLength(2);
  for (const fingerprint of WEB_FLOW_KEYS) expect(fingerprint).toMatch(/^[0-9A-F]{40}$/);
});
