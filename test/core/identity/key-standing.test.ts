import { describe, expect, it } from 'vitest';
import { mayCertify, primaryStanding, subkeyStanding } from '../../../src/core/identity/key-standing.ts';
import type { VerifiedSelfSignatures } from '../../../src/core/identity/self-signatures.ts';
import { SUBPACKET } from '../../../src/core/signature/openpgp-signature.ts';
import type { OpenpgpSignature, Subpacket } from '../../../src/core/signature/openpgp-signature.ts';

const CREATED = 1000;
const CERTIFICATION = 0x13;
const DIRECT_KEY = 0x1f;
const BINDING = 0x18;

interface Says {
  readonly flags?: number;
  /** Seconds after the key's creation. */
  readonly keyEnds?: number;
  /** Seconds after the signature's creation. */
  readonly ends?: number;
  readonly reason?: number;
}

/** A signature as if it had been read and verified. */
function signature(
  type: number,
  createdAt: number,
  { flags, keyEnds, ends, reason }: Says = {},
): OpenpgpSignature {
  const hashed: Subpacket[] = [];
  const say = (subpacket: number, body: Buffer) => hashed.push({ type: subpacket, critical: false, body });
  if (flags !== undefined) say(SUBPACKET.keyFlags, Buffer.from([flags]));
  if (keyEnds !== undefined) say(SUBPACKET.keyExpiration, seconds(keyEnds));
  if (ends !== undefined) say(SUBPACKET.signatureExpiration, seconds(ends));
  if (reason !== undefined) say(SUBPACKET.revocationReason, Buffer.from([reason]));
  const none = new Uint8Array();
  const issuer = { fingerprint: null, keyId: null };
  const rest = { hashedPart: none, unhashed: [], issuer, quickCheck: none, value: none, body: none };
  return {
    version: 4,
    salt: none,
    expiresAt: null,
    type,
    algorithm: 22,
    hash: 8,
    createdAt,
    hashed,
    ...rest,
  };
}

function seconds(count: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  return bytes;
}

const verified = (
  bindings: readonly OpenpgpSignature[],
  revocations: readonly OpenpgpSignature[] = [],
  doubted: readonly OpenpgpSignature[] = [],
): VerifiedSelfSignatures => ({
  bindings,
  doubted,
  binding: bindings.length > 0 ? 'verified' : 'missing',
  revocations,
  unclearRevocation: false,
  backSignature: 'verified',
});
const primary = (...bindings: OpenpgpSignature[]) => primaryStanding(CREATED, verified(bindings));

describe('a primary key', () => {
  it('without a self-signature has no standing', () => {
    expect(primary()).toEqual({
      binding: 'missing',
      canSign: false,
      backSignature: 'verified',
      expiresAt: null,
      revoked: null,
    });
  });

  it('is what its newest certification says, in whatever order they stand', () => {
    const old = signature(CERTIFICATION, 1, { flags: 0x03, keyEnds: 10 });
    const young = signature(CERTIFICATION, 2, { flags: 0x01, keyEnds: 20 });
    for (const standing of [primary(old, young), primary(young, old)]) {
      expect(standing).toMatchObject({ binding: 'verified', canSign: false, expiresAt: CREATED + 20 });
    }
    expect(primary(old, signature(CERTIFICATION, 2, { flags: 0x03 })).expiresAt).toBeNull();
    expect(primary(signature(CERTIFICATION, 2, { flags: 0x02, keyEnds: 0 })).expiresAt).toBeNull();
  });

  it('takes the stricter of two that are equally new', () => {
    const wide = signature(CERTIFICATION, 1, { flags: 0x03 });
    const narrow = signature(CERTIFICATION, 1, { flags: 0x01, keyEnds: 10 });
    for (const standing of [primary(wide, narrow), primary(narrow, wide)]) {
      expect(standing).toMatchObject({ canSign: false, expiresAt: CREATED + 10 });
    }
  });

  it('ends with the self-signature that says so of itself', () => {
    expect(primary(signature(CERTIFICATION, 500, { flags: 0x03, ends: 7 })).expiresAt).toBe(507);
  });

  it('is not told anything by a direct key signature that only names a revoker', () => {
    const certification = signature(CERTIFICATION, 1, { flags: 0x03, keyEnds: 10 });
    expect(primary(certification, signature(DIRECT_KEY, 2))).toMatchObject({
      canSign: true,
      expiresAt: CREATED + 10,
    });
    const telling = signature(DIRECT_KEY, 2, { flags: 0x01 });
    expect(primary(certification, telling)).toMatchObject({ canSign: false, expiresAt: CREATED + 10 });
  });

  it('keeps the end that a direct key signature set, when a later one only names a revoker', () => {
    const telling = signature(DIRECT_KEY, 1, { flags: 0x03, keyEnds: 10 });
    expect(primary(telling, signature(DIRECT_KEY, 2)).expiresAt).toBe(CREATED + 10);
    expect(primary(telling, signature(DIRECT_KEY, 2, { flags: 0x03 })).expiresAt).toBeNull();
    expect(primary(telling, signature(DIRECT_KEY, 2, { keyEnds: 20 })).expiresAt).toBe(CREATED + 20);
  });

  it('ends with whichever ends earlier, a direct key signature or a certification', () => {
    const ends = (kind: number, other: number) =>
      primary(signature(kind, 1, { flags: 0x03, keyEnds: 10 }), signature(other, 2, { flags: 0x03 }))
        .expiresAt;
    expect(ends(CERTIFICATION, DIRECT_KEY)).toBe(CREATED + 10);
    expect(ends(DIRECT_KEY, CERTIFICATION)).toBe(CREATED + 10);
    expect(ends(CERTIFICATION, CERTIFICATION)).toBeNull();
  });

  it('is told the strictest of what one signature says twice', () => {
    const twice = (...hashed: Subpacket[]) => ({ ...signature(CERTIFICATION, 1), hashed });
    const ending = (...bytes: number[]) => ({
      type: SUBPACKET.keyExpiration,
      critical: false,
      body: Uint8Array.from(bytes),
    });
    const flags = (bits: number) => ({
      type: SUBPACKET.keyFlags,
      critical: false,
      body: Uint8Array.of(bits),
    });
    expect(primary(twice(ending(0, 0, 0, 10), ending(0, 0, 0, 0))).expiresAt).toBe(CREATED + 10);
    expect(primary(twice(ending(0, 0, 0, 10), ending(0, 0, 0, 99))).expiresAt).toBe(CREATED + 10);
    expect(primary(twice(ending(0, 0, 0, 10, 7))).expiresAt).toBe(CREATED + 10);
    expect(primary(twice(ending())).expiresAt).toBe(CREATED);
    expect(primary(twice(flags(0x01), flags(0x03))).canSign).toBe(false);
    expect(primary(twice(flags(0x03), flags(0x02))).canSign).toBe(true);
  });

  it('without any flags may sign and certify, as keys of old do', () => {
    expect(primary(signature(CERTIFICATION, 1)).canSign).toBe(true);
    expect(mayCertify(verified([signature(CERTIFICATION, 1)]))).toBe(true);
    expect(mayCertify(verified([]))).toBe(false);
    expect(mayCertify(verified([signature(CERTIFICATION, 1, { flags: 0x02 })]))).toBe(false);
    expect(mayCertify(verified([signature(CERTIFICATION, 1, { flags: 0x01 })]))).toBe(true);
  });

  it('of version 6 without flags may do nothing, and its newest signature says all', () => {
    const modern = (at: number, says: Says) => ({ ...signature(DIRECT_KEY, at, says), version: 6 as const });
    expect(primary(modern(1, {})).canSign).toBe(false);
    expect(primary(modern(1, { flags: 0x03, keyEnds: 10 }), modern(2, {}))).toMatchObject({
      canSign: false,
      expiresAt: null,
    });
  });

  it('with a revocation that nobody can read is revoked the hard way, for all time', () => {
    const says = { ...verified([signature(CERTIFICATION, 1)]), unclearRevocation: true };
    expect(primaryStanding(CREATED, says).revoked).toEqual({ at: 0, kind: 'hard' });
    const soft = { ...verified([], [signature(0x20, 5, { reason: 1 })]), unclearRevocation: true };
    expect(primaryStanding(CREATED, soft).revoked).toEqual({ at: 0, kind: 'hard' });
  });
});

describe('a subkey', () => {
  const owner = primary(signature(CERTIFICATION, 1, { flags: 0x03, keyEnds: 100 }));
  const subkey = (signatures: VerifiedSelfSignatures, of = owner) => subkeyStanding(CREATED, signatures, of);

  it('must be told that it may sign', () => {
    expect(subkey(verified([signature(BINDING, 1, { flags: 0x02 })])).canSign).toBe(true);
    expect(subkey(verified([signature(BINDING, 1, { flags: 0x0c })])).canSign).toBe(false);
    expect(subkey(verified([signature(BINDING, 1)])).canSign).toBe(false);
  });

  it('ends with the earlier of its own end and the primary key’s', () => {
    const early = verified([signature(BINDING, 1, { flags: 0x02, keyEnds: 50 })]);
    const late = verified([signature(BINDING, 1, { flags: 0x02, keyEnds: 200 })]);
    expect([subkey(early).expiresAt, subkey(late).expiresAt]).toEqual([CREATED + 50, CREATED + 100]);
  });

  it('is not bound below a primary key that is not', () => {
    expect(subkey(verified([signature(BINDING, 1, { flags: 0x02 })]), primary()).binding).toBe('missing');
    const bad = { ...primary(), binding: 'bad' as const };
    expect(subkey(verified([signature(BINDING, 1, { flags: 0x02 })]), bad).binding).toBe('bad');
    expect(subkey({ ...verified([]), binding: 'bad' }).binding).toBe('bad');
  });

  it('is revoked by the worse of all revocations, its primary key’s among them', () => {
    const revoke = (at: number, reason?: number) =>
      signature(0x28, at, reason === undefined ? {} : { reason });
    const revokedBy = (...revocations: OpenpgpSignature[]) => subkey(verified([], revocations)).revoked;
    expect(revokedBy()).toBeNull();
    expect(revokedBy(revoke(5, 3), revoke(4, 1), revoke(6, 3))).toEqual({ at: 4, kind: 'soft' });
    expect(revokedBy(revoke(4, 1), revoke(9, 2), revoke(10))).toEqual({ at: 9, kind: 'hard' });
    const both = revoke(4, 1);
    const twice = { ...both, hashed: [...both.hashed, ...revoke(4, 2).hashed] };
    expect(revokedBy(twice)).toEqual({ at: 4, kind: 'hard' });
    expect(revokedBy({ ...both, hashed: [...both.hashed, ...revoke(4, 3).hashed] })?.kind).toBe('soft');
    const revokedOwner = primaryStanding(CREATED, verified([], [revoke(7, 0)]));
    expect(subkey(verified([], [revoke(4, 1)]), revokedOwner).revoked).toEqual({ at: 7, kind: 'hard' });
  });
});
