import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import {
  collectCertificates,
  MAX_PACKETS_IN_ALL,
  MAX_PRIMARIES_IN_FILE,
  MAX_SEARCHED,
  MAX_WEIGHT_IN_ALL,
  parseKeyFile,
} from '../../src/core/identity/key-file.ts';
import { keepVerified } from '../../src/core/identity/keep-verified.ts';
import { standingOf } from '../../src/core/identity/standing.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import { objectId } from '../../src/core/object/hash.ts';
import { encodeCertificate } from '../../src/core/policy/edit-certificate.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { hashedKey, hexOf, makeHandKey } from '../keys/hand-keys.ts';
import type { HandKey } from '../keys/hand-keys.ts';
import { armorPgp, HAND_TIME, number, packet, signByHand, subpacket, TAG } from '../keys/packets.ts';

const FALSE_VALUE = Buffer.from('000801000801', 'hex');
const alice = makeHandKey('ed25519-legacy');
const bob = makeHandKey('ed25519-legacy');
const plain = makeHandCertificate({ primary: alice });
const revoked = makeHandCertificate({ primary: alice, revocations: [{}] });
const bobs = makeHandCertificate({ primary: bob });

/** Certifications in `by`'s name that nobody made, from number `first` on. */
function junk(count: number, first = 0, by: HandKey = alice): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const options = { type: 0x13, value: FALSE_VALUE, createdAt: HAND_TIME + first + index };
    return packet(TAG.signature, signByHand(by, Buffer.from('junk'), options));
  });
}

async function read(...files: Uint8Array[]) {
  const named = files.map((bytes, index) => ({ path: String(index), bytes }));
  const { keyring } = await openKeyring(named);
  const use = { at: HAND_TIME + 1, landed: true, claimedAt: null, expiresAt: null };
  const usable = keyring.certificates.flatMap(({ keys }) =>
    keys.filter((key) => standingOf(key, use).length === 0).map(({ fingerprint }) => fingerprint),
  );
  return { usable, unreadable: keyring.unreadable };
}

const tooLarge = (...paths: number[]) => paths.map((path) => ({ path: String(path), reason: 'too-large' }));

describe('a revocation is hidden by no bound', () => {
  it('when two copies together have too many signatures', async () => {
    const stuffed = Buffer.concat([plain, ...junk(500)]);
    expect((await read(stuffed)).usable).toEqual([hexOf(alice)]);
    expect((await read(stuffed, revoked)).usable).toEqual([]);
    const result = await read(bobs, stuffed, Buffer.concat([revoked, ...junk(20, 1000)]));
    expect(result).toEqual({ usable: [hexOf(bob)], unreadable: tooLarge(2, 1) });
  });

  it('when one copy alone has too many, before the other or after it', async () => {
    const beyond = Buffer.concat([revoked, ...junk(513)]);
    expect(await read(plain, beyond)).toEqual({ usable: [], unreadable: tooLarge(1, 0) });
    expect(await read(beyond, plain)).toEqual({ usable: [], unreadable: tooLarge(0, 1) });
    const inFront = Buffer.concat([plain, ...junk(512), revoked]);
    expect((await read(inFront)).usable).toEqual([]);
  });

  it('when all certificates together have too many', async () => {
    const others = Array.from({ length: Math.ceil(MAX_WEIGHT_IN_ALL / 512) }, () => {
      const key = makeHandKey('ed25519-legacy');
      return Buffer.concat([makeHandCertificate({ primary: key }), ...junk(511, 0, key)]);
    });
    const first = others.slice(1);
    const rest = MAX_WEIGHT_IN_ALL - 512 * first.length - 1;
    const filler = makeHandKey('ed25519-legacy');
    const full = [
      plain,
      ...first,
      Buffer.concat([makeHandCertificate({ primary: filler }), ...junk(rest - 1, 0, filler)]),
    ];
    expect((await read(...full)).usable).toContain(hexOf(alice));
    const over = await read(...full, revoked);
    expect(over.unreadable).toEqual(tooLarge(full.length, 0));
    expect(over.usable).not.toContain(hexOf(alice));
    expect(over.usable).toHaveLength(full.length - 1);
  });

  it('when a file holds too many certificates', async () => {
    const many = Array.from({ length: MAX_PRIMARIES_IN_FILE }, (_, index) => {
      const body = Buffer.from(bob.body);
      body.writeUInt32BE(index, 1);
      return packet(TAG.publicKey, body);
    });
    expect(await read(plain, Buffer.concat([...many, revoked]))).toEqual({
      usable: [],
      unreadable: tooLarge(1, 0),
    });
    expect((await read(plain, Buffer.concat([...many.slice(1), revoked]))).unreadable).toEqual([]);
  });

  it('when the packets of all files are too many', async () => {
    const names = (file: number) =>
      Array.from({ length: MAX_PACKETS_IN_ALL / 2 }, (_, index) =>
        packet(TAG.userId, Buffer.from(`${file % 2} ${index % 250}`)),
      );
    const big = Buffer.concat([bobs, ...names(0)]);
    expect((await read(plain, big, bobs)).usable).toEqual([hexOf(alice), hexOf(bob)]);
    const after = await read(plain, big, Buffer.concat([revoked, ...names(1)]), bobs);
    expect(after).toEqual({ usable: [hexOf(bob)], unreadable: tooLarge(2, 0) });
  });

  it('when there is more than is searched', async () => {
    const markers = Buffer.concat(
      Array.from({ length: MAX_SEARCHED.packets / 2 }, () => packet(10, Buffer.from('PGP'))),
    );
    const file = Buffer.concat([bobs, markers]);
    expect((await read(plain, file)).usable).toEqual([hexOf(alice), hexOf(bob)]);
    expect(await read(plain, file, file)).toEqual({ usable: [], unreadable: tooLarge(0, 1, 2) });
  });
});

it('thousands of copies in one file are placed once', () => {
  const copies = Array.from({ length: 9000 }, () => plain.subarray(0, 60));
  const key = packet(TAG.publicKey, alice.body);
  const bytes = Buffer.concat(copies.map(() => Buffer.concat([key, packet(TAG.userId, Buffer.from('a'))])));
  const { certificates, unreadable } = collectCertificates([{ path: 'a', bytes }]);
  expect(unreadable).toEqual([]);
  expect(certificates.map(({ userIds }) => userIds.length)).toEqual([1]);
  const named = copies.map((_, index) =>
    Buffer.concat([key, packet(TAG.userId, Buffer.from(String(index)))]),
  );
  expect(parseKeyFile({ path: 'a', bytes: Buffer.concat(named) })).toEqual({
    ok: false,
    reason: 'too-large',
  });
});

describe('a certificate that is written anew', () => {
  const parse = (bytes: Uint8Array) => {
    const parsed = parseKeyFile({ path: 'a', bytes });
    const [certificate] = parsed.ok ? parsed.certificates : [];
    if (certificate === undefined) throw new Error('no certificate');
    return certificate;
  };

  it('holds nothing that its owner did not sign', async () => {
    const strange = packet(TAG.publicSubkey, bob.body);
    const name = packet(TAG.userId, Buffer.from('mallory'));
    const foreign = packet(TAG.signature, signByHand(bob, hashedKey(alice), { type: 0x20 }));
    const kept = await keepVerified(
      parse(Buffer.concat([plain, ...junk(5), name, ...junk(5), strange, foreign])),
    );
    expect(encodeCertificate(kept, () => true)).toEqual(encodeCertificate(parse(plain), () => true));
    const whole = parse(
      makeHandCertificate({ primary: alice, subkeys: [{ key: bob, revocations: [{}] }], revocations: [{}] }),
    );
    expect(await keepVerified(whole)).toEqual(whole);
  });

  const primary = packet(TAG.publicKey, alice.body).length;
  const other = subpacket(16, Buffer.alloc(8, 7));
  const time = [subpacket(2, number(HAND_TIME, 4))];
  it.each([
    ['of version 3', { version: 3 as const }],
    ['with a critical subpacket that is unknown', { more: [subpacket(99, Buffer.from('x'), true)] }],
    ['whose hints disagree', { unhashed: [other] }],
    ['whose only hint was changed', { hashed: time, unhashed: [other] }],
  ])('keeps a revocation %s', async (_, options) => {
    const revocation = packet(TAG.signature, signByHand(alice, hashedKey(alice), { type: 0x20, ...options }));
    const bytes = Buffer.concat([plain.subarray(0, primary), revocation, plain.subarray(primary)]);
    expect((await read(bytes)).usable).toEqual([]);
    const written = encodeCertificate(await keepVerified(parse(bytes)), () => true);
    expect((await read(written)).usable).toEqual([]);
    expect(encodeCertificate(parse(written), () => true)).toEqual(written);
  });
});

it('frames that open before one armor are each looked at once', () => {
  const opening = '-----BEGIN PGP SIGNED MESSAGE-----\n\n';
  const cut = extractStatements({ from: 'x', text: `${opening.repeat(511)}${'\n'.repeat(1_000_000)}` });
  expect(cut.broken).toHaveLength(511);
  const armor = '-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n';
  const texts = `${opening}countersign: a\n${armor}${opening}countersign: b\n${armor}`;
  const { signed } = extractStatements({ from: 'x', text: texts });
  expect(signed.map(({ text }) => Buffer.from(text).toString())).toEqual([
    'countersign: a\n',
    'countersign: b\n',
  ]);
});

it('a merge of more tags than anybody makes costs no more than 32', () => {
  const id = 'a'.repeat(40);
  const tag = `mergetag object ${id}\n type commit\n tag x\n tagger a <a> 1 +0000\n \n m\n`;
  const raw = Buffer.from(
    `tree ${id}\nparent ${id}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n${tag.repeat(40)}\nm\n`,
  );
  const parsed = parseCommit(objectId('commit', raw, 'sha1'), raw);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect([parsed.commit.mergetags.length, parsed.commit.moreMergetags]).toEqual([32, 8]);
});

it('blanks before an armor make a commit’s signature malformed, as git has it, and not a statement’s', async () => {
  const payload = Buffer.from('text\n');
  const armor = armorPgp('SIGNATURE', packet(TAG.signature, signByHand(alice, payload)));
  const { keys } = await openKeyring([{ path: 'a', bytes: plain }]);
  for (const before of ['', '\n', ' \t\n', '\n\n']) {
    const claim = { payload, armor: Buffer.from(before + armor), form: 'detached' as const };
    const commit = await verifySignature({ ...claim, namespace: 'git' }, keys);
    expect(commit.reason).toBe(before === '' ? null : 'signature-malformed');
    expect((await verifySignature({ ...claim, namespace: 'countersign@v1' }, keys)).status).toBe('good');
  }
  const blanks = { payload, armor: Buffer.from('\n'), form: 'detached' as const, namespace: 'git' as const };
  expect((await verifySignature(blanks, noKeys)).status).toBe('malformed');
});
