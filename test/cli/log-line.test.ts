import { describe, expect, test } from 'vitest';
import type { CertificateKey } from '../../src/core/identity/keyring.ts';
import { parseOid } from '../../src/core/object/id.ts';
import type { Proof } from '../../src/core/signature/proof.ts';
import { lineOf } from '../../src/cli/log/line.ts';
import type { Holder, VerifiedCommit } from '../../src/cli/log/line.ts';

const FINGERPRINT = 'A'.repeat(40);
const PRIMARY = 'B'.repeat(40);
const NOW = 1_800_000_000;
const good: Proof = {
  kind: 'openpgp',
  status: 'good',
  reason: null,
  key: { kind: 'openpgp', fingerprint: FINGERPRINT, primary: PRIMARY },
  issuer: FINGERPRINT,
  presence: null,
  claimedAt: 1_700_000_000,
  expiresAt: null,
};
const unsigned: Proof = {
  ...good,
  kind: 'none',
  status: 'unsigned',
  reason: 'unsigned',
  key: null,
  issuer: null,
};

function commit(proof: Proof, tag?: Proof): VerifiedCommit {
  const id = parseOid('1'.repeat(40));
  if (id === null) throw new Error('no id');
  const mergetags = tag === undefined ? [] : [{ ok: true as const, name: 'v1', isParent: true, proof: tag }];
  return { ok: true, id, subject: 'merge', proof, mergetags, moreMergetags: 0 };
}

/** alice's certificate says this of the key. */
function holder(standing: Partial<CertificateKey['standing']>): () => Holder {
  const certified: CertificateKey = {
    fingerprint: FINGERPRINT,
    primary: false,
    algorithm: 'ed25519',
    bits: 256,
    material: 'ed25519:00',
    createdAt: 1_600_000_000,
    standing: {
      binding: 'verified',
      canSign: true,
      backSignature: 'verified',
      expiresAt: null,
      revoked: null,
      ...standing,
    },
  };
  return () => ({ names: ['alice'], webFlow: false, presence: 'none', certified });
}

describe('whom a line names', () => {
  test.each([
    ['the owner of a key in good standing', {}, 'alice', []],
    ['the owner of a key that has expired', { expiresAt: NOW - 1 }, 'alice', ['key-expired']],
    ['nobody for a key that is only claimed', { binding: 'missing' }, null, ['key-not-bound']],
    ['nobody for a key with a bad binding', { binding: 'bad' }, null, ['binding-bad']],
    [
      'nobody for a key that does not sign back',
      { backSignature: 'missing' },
      null,
      ['back-signature-missing'],
    ],
  ] as const)('%s', (_what, standing, person, codes) => {
    const line = lineOf(commit(good), holder(standing), NOW);
    expect([line.status, line.person, line.findings.map(({ code }) => code)]).toEqual([
      'good',
      person,
      codes,
    ]);
  });

  test('a merged tag by a key that must not speak is a finding; by a good key, or a stranger, it is none', () => {
    const codes = (holderOf: () => Holder): string[] =>
      lineOf(commit(unsigned, good), holderOf, NOW).findings.map(({ code }) => code);
    expect(codes(holder({}))).toEqual(['unsigned']);
    expect(codes(holder({ binding: 'missing' }))).toEqual(['unsigned', 'mergetag-signer']);
    expect(codes(holder({ revoked: { at: 1, kind: 'hard' } }))).toEqual(['unsigned', 'mergetag-signer']);
    expect(codes(() => ({ names: [], webFlow: false, presence: 'none', certified: null }))).toEqual([
      'unsigned',
    ]);
  });
});
