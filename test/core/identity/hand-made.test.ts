import { describe, expect, it } from 'vitest';
import type { StandingProblem } from '../../../src/core/identity/standing.ts';
import { FLAG, makeHandCertificate } from '../../keys/hand-certificates.ts';
import type { Binding, HandCertificate, SelfSignature } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey, HandKeyKind } from '../../keys/hand-keys.ts';
import { HAND_TIME, mpi, number, packet, subpacket, TAG } from '../../keys/packets.ts';
import { keyOf, open, problemsOf } from './opened.ts';

const LATER = HAND_TIME + 1000;
const FALSE_VALUE = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);
const SIGNING: SelfSignature = { flags: FLAG.certify | FLAG.sign };
const primary = makeHandKey('ed25519-legacy');
const subkey = makeHandKey('ed25519-legacy', { createdAt: HAND_TIME + 1 });
const bob = makeHandKey('ed25519-legacy');

const problems = (certificate: Omit<HandCertificate, 'primary'>, key: HandKey = primary) =>
  problemsOf(makeHandCertificate({ primary: key, ...certificate }));

describe('a subkey', () => {
  const bound = async (...bindings: Binding[]) =>
    (await problems({ subkeys: [{ key: subkey, bindings }] }))[1];

  it.each<[string, Binding[], StandingProblem[]]>([
    ['as it should be', [{}], []],
    ['without a binding', [], ['key-not-bound']],
    ['with a false binding', [{ value: FALSE_VALUE }], ['binding-bad']],
    ['with a binding of a broken hash', [{ hash: 'md5' }], ['binding-bad']],
    [
      'with a binding that can’t be read',
      [{ more: [subpacket(99, Buffer.from('?'), true)] }],
      ['binding-bad'],
    ],
    ['with a binding in somebody else’s name', [{ by: bob }], ['key-not-bound']],
    [
      'with a binding that names nobody',
      [{ hashed: [subpacket(2, number(HAND_TIME, 4))], unhashed: [] }],
      [],
    ],
    ['with a false binding beside a right one', [{ value: FALSE_VALUE }, {}], []],
    ['without a back signature', [{ back: null }], ['back-signature-missing']],
    ['with a false back signature', [{ back: { value: FALSE_VALUE } }], ['back-signature-bad']],
    ['with a back signature of a broken hash', [{ back: { hash: 'md5' } }], ['back-signature-bad']],
    ['with somebody else’s back signature', [{ back: { by: bob } }], ['back-signature-bad']],
    ['with a back signature of another type', [{ back: { type: 0x18 } }], ['back-signature-bad']],
    ['with its back signature where it is not signed', [{ back: { area: 'unhashed' } }], []],
    ['with noise where nothing is signed', [{ unhashed: [subpacket(32, Buffer.from('noise'))] }], []],
    ['with a false back signature beside a right one', [{ back: { value: FALSE_VALUE } }, {}], []],
    ['with one back signature of two bindings', [{}, { back: null, createdAt: LATER }], []],
    ['for encryption', [{ flags: FLAG.encrypt, back: null }], ['key-not-for-signing']],
    ['without flags', [{ flags: null }], ['key-not-for-signing']],
    [
      'whose newest binding takes signing away',
      [{ flags: FLAG.encrypt, createdAt: LATER }, {}],
      ['key-not-for-signing'],
    ],
    ['whose newest binding gives signing back', [{ flags: FLAG.encrypt }, { createdAt: LATER }], []],
    ['with two bindings of one date', [{ flags: FLAG.encrypt }, {}], ['key-not-for-signing']],
    ['that has expired', [{ keyExpires: 10 }], ['key-expired']],
    ['that was prolonged', [{ createdAt: LATER }, { keyExpires: 10 }], []],
    ['that was shortened', [{}, { keyExpires: 10, createdAt: LATER }], ['key-expired']],
    ['whose binding has expired', [{ more: [subpacket(3, number(10, 4))] }], ['key-expired']],
  ])('%s', async (_, bindings, expected) => {
    expect(await bound(...bindings)).toEqual(expected);
  });

  it.each<[HandKeyKind, StandingProblem[]]>([
    ['dsa2048', ['algorithm-unsupported']],
    ['brainpoolP256r1', ['algorithm-unsupported']],
    ['secp256k1', ['algorithm-unsupported']],
    ['x25519', ['algorithm-unsupported']],
    ['rsa1024', ['weak-key']],
    ['rsa2048', []],
    ['p256', []],
    ['p384', []],
    ['p521', []],
    ['ed25519', []],
    ['ed448', []],
  ])('of %s', async (kind, expected) => {
    // A key that can't be verified with can't be shown to have signed back either.
    const back = expected.includes('algorithm-unsupported') ? null : {};
    const [, found] = await problems({ subkeys: [{ key: makeHandKey(kind), bindings: [{ back }] }] });
    expect(found).toEqual(back === null ? ['back-signature-missing', ...expected] : expected);
  });

  it.each<[HandKeyKind, StandingProblem]>([
    ['rsa1024', 'weak-key'],
    ['dsa2048', 'algorithm-unsupported'],
    ['brainpoolP256r1', 'algorithm-unsupported'],
  ])('is not bound by a primary key of %s, which is not believed itself', async (kind, problem) => {
    expect(await problems({ subkeys: [{ key: subkey }] }, makeHandKey(kind))).toEqual([
      [problem],
      ['binding-bad'],
    ]);
  });

  it('that stands there twice is one, whose revocation is heard wherever it stands', async () => {
    const once = makeHandCertificate({ primary, subkeys: [{ key: subkey }] });
    const revoked = makeHandCertificate({ primary, subkeys: [{ key: subkey, revocations: [{}] }] });
    const start = revoked.indexOf(packet(TAG.publicSubkey, subkey.body));
    const [opened] = await open(Buffer.concat([once, revoked.subarray(start)]));
    expect(opened?.keys.map(({ standing }) => standing.revoked?.kind)).toEqual([undefined, 'hard']);
  });
});

describe('a revocation', () => {
  const cases: [string, SelfSignature, 'hard' | 'soft' | undefined][] = [
    ['without a reason', {}, 'hard'],
    ['with an empty reason', { revocationReason: 0 }, 'hard'],
    ['of a key that was superseded', { revocationReason: 1 }, 'soft'],
    ['of a compromised key', { revocationReason: 2 }, 'hard'],
    ['of a retired key', { revocationReason: 3 }, 'soft'],
    ['for a reason that nobody knows', { revocationReason: 99 }, 'hard'],
    ['with SHA-1, which is none for such a key', { hash: 'sha1', revocationReason: 3 }, 'hard'],
    ['with a hash that nobody believes', { hash: 'md5', revocationReason: 3 }, 'hard'],
    ['with a hash that nobody knows', { hashId: 99, revocationReason: 3 }, 'hard'],
    ['that can’t be read', { more: [subpacket(99, Buffer.from('?'), true)], revocationReason: 3 }, 'hard'],
    ['of the old version 3', { version: 3 }, 'hard'],
    ['that is false', { value: FALSE_VALUE }, undefined],
    ['by somebody else', { by: bob }, undefined],
  ];

  it.each(cases)('of a primary key %s', async (_, revocation, kind) => {
    const certificate = makeHandCertificate({
      primary,
      revocations: [revocation],
      subkeys: [{ key: subkey }],
    });
    const [opened] = await open(certificate);
    expect(opened?.keys.map(({ standing }) => standing.revoked?.kind)).toEqual([kind, kind]);
  });

  it('by an RSA key is heard with SHA-1 of any date', async () => {
    const rsa = makeHandKey('rsa2048');
    const revocation: SelfSignature = { hash: 'sha1', revocationReason: 3, createdAt: HAND_TIME };
    const { standing } = await keyOf(makeHandCertificate({ primary: rsa, revocations: [revocation] }));
    expect(standing.revoked).toEqual({ at: HAND_TIME, kind: 'soft' });
  });

  it.each(cases)('of a subkey %s', async (_, revocation, kind) => {
    const certificate = makeHandCertificate({
      primary,
      subkeys: [{ key: subkey, revocations: [revocation] }],
    });
    const [opened] = await open(certificate);
    expect(opened?.keys.map(({ standing }) => standing.revoked?.kind)).toEqual([undefined, kind]);
  });
});

describe('a certificate that appoints somebody to revoke it', () => {
  const appoint = (key: HandKey, kind = 0x80): SelfSignature => ({
    flags: null,
    more: [subpacket(12, Buffer.concat([Uint8Array.of(kind, key.algorithm), key.fingerprint]))],
  });
  const revokedBy = async (direct: SelfSignature[], by: HandKey) => {
    const revocations = [{ by, revocationReason: 3 }];
    const [opened] = await open(
      makeHandCertificate({ primary, direct, revocations, subkeys: [{ key: subkey, revocations }] }),
    );
    return opened?.keys.map(({ standing }) => standing.revoked?.kind);
  };

  it('keeps its standing', async () => {
    const certificate = { direct: [appoint(bob)], subkeys: [{ key: subkey }] };
    expect(await problems(certificate)).toEqual([[], []]);
    const inName = { userIds: [{ text: 'alice', signatures: [{ ...appoint(bob), ...SIGNING }] }] };
    expect(await problems({ ...inName, subkeys: [{ key: subkey }] })).toEqual([[], []]);
  });

  it('is taken for revoked where they say so, since nobody can tell otherwise', async () => {
    expect(await revokedBy([appoint(bob)], bob)).toEqual(['hard', 'hard']);
    expect(await revokedBy([appoint(bob, 0xc0)], bob)).toEqual(['hard', 'hard']);
  });

  it('does not hear others, nor whom it did not really appoint', async () => {
    expect(await revokedBy([appoint(bob)], makeHandKey('ed25519-legacy'))).toEqual([undefined, undefined]);
    expect(await revokedBy([], bob)).toEqual([undefined, undefined]);
    expect(await revokedBy([appoint(bob, 0x00)], bob)).toEqual([undefined, undefined]);
    expect(await revokedBy([{ ...appoint(bob), value: FALSE_VALUE }], bob)).toEqual([undefined, undefined]);
  });
});

describe('a primary key', () => {
  const named = (text: string, ...signatures: SelfSignature[]) => ({ text, signatures });
  const takenBack: SelfSignature = { type: 0x30, flags: null, createdAt: LATER };

  it.each<[string, Omit<HandCertificate, 'primary'>, StandingProblem[]]>([
    ['without a name', { userIds: [] }, ['key-not-bound']],
    ['without a self-signature', { userIds: [named('alice')] }, ['key-not-bound']],
    ['with a false self-signature', { userIds: [named('alice', { value: FALSE_VALUE })] }, ['binding-bad']],
    [
      'with a self-signature of a broken hash',
      { userIds: [named('alice', { hash: 'md5' })] },
      ['binding-bad'],
    ],
    ['with a direct key signature alone', { userIds: [], direct: [SIGNING] }, []],
    ['for certifying alone', { userIds: [named('alice', { flags: FLAG.certify })] }, ['key-not-for-signing']],
    ['that has expired', { userIds: [named('alice', { keyExpires: 10 })] }, ['key-expired']],
    [
      'that a newer name prolonged',
      { userIds: [named('alice', { keyExpires: 10 }), named('alice2', { createdAt: LATER })] },
      [],
    ],
    [
      'whose newer name was taken back',
      {
        userIds: [
          named('alice', { keyExpires: 10 }),
          named('alice2', { createdAt: HAND_TIME + 1 }, takenBack),
        ],
      },
      ['key-expired'],
    ],
    [
      'that took back all of its names',
      { userIds: [named('alice', { keyExpires: 10 }, takenBack)] },
      ['key-expired'],
    ],
    [
      'that took back all of its names, and appointed a revoker',
      {
        direct: [{ flags: null, createdAt: LATER + 1 }],
        userIds: [named('alice', { keyExpires: 10 }, takenBack)],
      },
      ['key-expired'],
    ],
    [
      'that took a name back falsely',
      {
        userIds: [
          named('alice', { keyExpires: 10 }),
          named('b', { createdAt: LATER }, { ...takenBack, by: bob }),
        ],
      },
      [],
    ],
    [
      'that gave a name anew after taking it back',
      { userIds: [named('alice', { keyExpires: 10 }, takenBack, { createdAt: LATER + 1 })] },
      [],
    ],
  ])('%s', async (_, certificate, expected) => {
    expect((await problems(certificate))[0]).toEqual(expected);
  });
});

describe('a certificate of version 6', () => {
  const modern = makeHandKey('ed25519', { version: 6 });
  const key = makeHandKey('ed448', { version: 6 });

  it('needs no name, and its direct key signature says what it may do', async () => {
    expect(await problems({ subkeys: [{ key }] }, modern)).toEqual([[], []]);
    expect(await problems({ direct: [{ flags: FLAG.certify }] }, modern)).toEqual([['key-not-for-signing']]);
    expect(await problems({ direct: [{ flags: null }] }, modern)).toEqual([['key-not-for-signing']]);
    expect(await problems({ direct: [{ keyExpires: 10 }] }, modern)).toEqual([['key-expired']]);
    expect(await problems({ direct: [{ value: Buffer.alloc(64) }] }, modern)).toEqual([['binding-bad']]);
  });

  it('is nothing without it, whatever its names say', async () => {
    const userIds = [{ text: 'alice', signatures: [SIGNING] }];
    expect(await problems({ direct: [], userIds, subkeys: [{ key }] }, modern)).toEqual([
      ['key-not-bound'],
      ['key-not-bound'],
    ]);
  });

  it('ends as the direct key signature says, however new a name is', async () => {
    const userIds = [{ text: 'alice', signatures: [{ ...SIGNING, createdAt: LATER }] }];
    expect(await problems({ direct: [{ keyExpires: 10 }], userIds }, modern)).toEqual([['key-expired']]);
  });

  it.each<[string, Binding, StandingProblem[]]>([
    ['no back signature', { back: null }, ['back-signature-missing']],
    ['a false back signature', { back: { value: Buffer.alloc(114) } }, ['back-signature-bad']],
    ['a false binding', { value: Buffer.alloc(64) }, ['binding-bad']],
    ['a binding of version 4', { version: 4 }, ['binding-bad']],
  ])('has its subkeys judged as ever: %s', async (_, binding, expected) => {
    const [, found] = await problems({ subkeys: [{ key, bindings: [binding] }] }, modern);
    expect(found).toEqual(expected);
  });

  it('has the same raw key in other formats taken for the same', async () => {
    const { material, fingerprint } = await keyOf(makeHandCertificate({ primary: modern }));
    expect(fingerprint).toBe(hexOf(modern));
    expect(material).toMatch(/^ed25519:[0-9a-f]{64}$/);
  });
});
