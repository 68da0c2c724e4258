import { describe, expect, it } from 'vitest';
import type { CertificateKey, KeyStanding } from '../../../src/core/identity/keyring.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import type { StandingProblem } from '../../../src/core/identity/standing.ts';
import { WEB_FLOW_KEYS } from '../../../src/core/identity/web-flow.ts';
import { use } from './opened.ts';

const CLEAN: KeyStanding = {
  binding: 'verified',
  canSign: true,
  backSignature: 'verified',
  expiresAt: null,
  revoked: null,
};

function key(standing: Partial<KeyStanding> = {}, rest: Partial<CertificateKey> = {}): CertificateKey {
  return {
    fingerprint: 'A'.repeat(40),
    primary: true,
    algorithm: 'ed25519',
    bits: 256,
    material: 'ed25519:00',
    createdAt: 50,
    standing: { ...CLEAN, ...standing },
    ...rest,
  };
}

const dsa = { algorithm: 'openpgp-17', bits: 0 };

describe('the standing of a key', () => {
  it.each<[string, CertificateKey, StandingProblem[]]>([
    ['nothing is wrong with it', key(), []],
    ['nothing claims it', key({ binding: 'missing' }), ['key-not-bound']],
    ['what claims it is not valid', key({ binding: 'bad' }), ['binding-bad']],
    ['it is not for signing', key({ canSign: false }), ['key-not-for-signing']],
    ['it did not sign back', key({ backSignature: 'missing' }), ['back-signature-missing']],
    ['it signed back something else', key({ backSignature: 'bad' }), ['back-signature-bad']],
    ['it is for encryption', key({ canSign: false, backSignature: 'missing' }), ['key-not-for-signing']],
    [
      'it is not bound, so that nobody knows what it is for',
      key({ binding: 'bad', canSign: false, backSignature: 'missing' }),
      ['binding-bad'],
    ],
    ['it is RSA of 2047 bits', key({}, { algorithm: 'rsa', bits: 2047 }), ['weak-key']],
    ['it is RSA of 2048 bits', key({}, { algorithm: 'rsa', bits: 2048 }), []],
    ['it is p521', key({}, { algorithm: 'p521', bits: 521 }), []],
    ['it is ed448', key({}, { algorithm: 'ed448', bits: 448 }), []],
    ['it is DSA', key({ binding: 'bad' }, dsa), ['algorithm-unsupported']],
    ['it is a DSA subkey', key({}, { ...dsa, primary: false }), ['algorithm-unsupported']],
    [
      'it is a DSA subkey that is not bound',
      key({ binding: 'missing' }, { ...dsa, primary: false }),
      ['key-not-bound', 'algorithm-unsupported'],
    ],
    [
      'all is wrong with it',
      key(
        { binding: 'bad', revoked: { at: 101, kind: 'hard' } },
        { algorithm: 'rsa', bits: 1024, createdAt: 71 },
      ),
      ['binding-bad', 'weak-key', 'key-revoked-hard', 'key-created-later'],
    ],
  ])('is the same for history and for what is new where %s', (_, judged, problems) => {
    const signed = { at: 100, claimedAt: 70, expiresAt: null };
    expect(standingOf(judged, { ...signed, landed: true })).toEqual(problems);
    expect(standingOf(judged, { ...signed, landed: false })).toEqual(problems);
  });

  it.each<[string, Partial<KeyStanding>, StandingProblem[]]>([
    ['before it expires', { expiresAt: 101 }, []],
    ['when it expires', { expiresAt: 100 }, ['key-expired']],
    ['before the date of a soft revocation', { revoked: { at: 101, kind: 'soft' } }, ['key-revoked-soft']],
    ['from that date on', { revoked: { at: 100, kind: 'soft' } }, ['key-revoked-soft']],
    ['with both', { expiresAt: 1, revoked: { at: 1, kind: 'soft' } }, ['key-expired', 'key-revoked-soft']],
  ])('for what is new %s, and no date counts in history', (_, standing, problems) => {
    expect(standingOf(key(standing), use(100, false))).toEqual(problems);
    expect(standingOf(key(standing), use(100, true))).toEqual([]);
  });

  it('a hard revocation in the keyring that judges is no date: the key counts neither now nor in history', () => {
    const revoked = key({ revoked: { at: 101, kind: 'hard' } });
    expect(standingOf(revoked, use(100, false))).toEqual(['key-revoked-hard']);
    expect(standingOf(revoked, use(100, true))).toEqual(['key-revoked-hard']);
  });

  it('a signature that says that it is older than its key contradicts itself, in history too', () => {
    const made = (claimedAt: number) => ({ ...use(100, true), claimedAt });
    expect(standingOf(key(), made(49))).toEqual(['key-created-later']);
    expect(standingOf(key(), { ...made(49), landed: false })).toEqual(['key-created-later']);
    expect(standingOf(key(), made(50))).toEqual([]);
  });

  it('a signature ends by its own word, and not once it has landed', () => {
    const ending = (expiresAt: number, landed = false) => ({ ...use(100, landed), expiresAt });
    expect(standingOf(key(), ending(101))).toEqual([]);
    expect(standingOf(key(), ending(100))).toEqual(['signature-expired']);
    expect(standingOf(key(), ending(100, true))).toEqual([]);
  });
});

it('the keys of web-flow are full fingerprints', () => {
  expect(WEB_FLOW_KEYS).toHaveLength(2);
  for (const fingerprint of WEB_FLOW_KEYS) expect(fingerprint).toMatch(/^[0-9A-F]{40}$/);
});
