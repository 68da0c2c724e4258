import { describe, expect, it } from 'vitest';
import {
  collectCertificates,
  MAX_CERTIFICATES,
  MAX_KEY_FILE_BYTES,
  MAX_PACKETS_IN_ALL,
  MAX_SEARCHED,
  MAX_WEIGHT_IN_ALL,
  parseKeyFile,
} from '../../../src/core/identity/key-file.ts';
import { isRefresh } from '../../../src/core/identity/refresh.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { HAND_TIME, number, packet, signByHand, subpacket, TAG } from '../../keys/packets.ts';

/** Signatures that nobody made, numbered from `first`, of a type that is not looked at: they count all the same. */
const junk = (by: HandKey, count: number, first = 0) =>
  Array.from({ length: count }, (_, index) =>
    packet(
      TAG.signature,
      signByHand(by, Buffer.alloc(0), {
        type: 0x18,
        hashed: [subpacket(2, number(HAND_TIME + first + index, 4))],
        unhashed: [],
        value: Buffer.alloc(0),
      }),
    ),
  );

describe('the bounds of key files are', () => {
  const alice = makeHandKey('ed25519-legacy');
  const bob = makeHandKey('ed25519-legacy');
  const plain = makeHandCertificate({ primary: alice });
  const primary = packet(TAG.publicKey, alice.body);
  /** Of `length` bytes in all: the header of a long packet has six. */
  const padded = (bytes: Uint8Array, length: number) =>
    Buffer.concat([bytes, packet(21, Buffer.alloc(length - bytes.length - 6))]);
  /** Primary keys, each another, that nobody needs to read. */
  const primaries = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      packet(TAG.publicKey, Buffer.concat([Uint8Array.of(4), number(index, 4), Uint8Array.of(99)])),
    );
  /** What is collected of these files: which primary keys, and which files are too large. */
  const collected = (...files: readonly (readonly Uint8Array[])[]) => {
    const named = files.map((parts, index) => ({ path: String(index), bytes: Buffer.concat(parts) }));
    const { certificates, unreadable, brought } = collectCertificates(named);
    expect(unreadable.every(({ reason }) => reason === 'too-large')).toBe(true);
    expect(new Set(brought.map((one) => one.primary))).toEqual(
      new Set(certificates.map((one) => one.primary.key.fingerprint)),
    );
    return [
      certificates.map((one) => one.primary.key.fingerprint),
      unreadable.map(({ path }) => Number(path)),
    ];
  };

  it('1 MiB of a file', () => {
    const fits = padded(plain, MAX_KEY_FILE_BYTES);
    expect(fits).toHaveLength(MAX_KEY_FILE_BYTES);
    expect(parseKeyFile({ path: 'a', bytes: fits })).toMatchObject({ ok: true });
    expect(parseKeyFile({ path: 'a', bytes: padded(plain, MAX_KEY_FILE_BYTES + 1) })).toEqual({
      ok: false,
      reason: 'too-large',
    });
  });

  it('32 MiB of all files', () => {
    const full = [padded(plain, MAX_KEY_FILE_BYTES)];
    const files = Array.from({ length: MAX_SEARCHED.bytes / MAX_KEY_FILE_BYTES }, () => full);
    expect(collected(...files)).toEqual([[hexOf(alice)], []]);
    const all = [...files, [plain]];
    expect(collected(...all)).toEqual([[], all.map((_, index) => index)]);
  });

  it('some packets, whether they say anything or not', () => {
    const marker = packet(10, Buffer.from('PGP'));
    const markers = Array.from({ length: MAX_SEARCHED.packets / 2 - 1 }, () => marker);
    const half = [primary, ...markers];
    expect(collected(half, half)).toEqual([[hexOf(alice)], []]);
    expect(collected(half, [...half, marker])).toEqual([[], [0, 1]]);
  });

  it('some packets that say something, in one file and in all', () => {
    const name = packet(TAG.userId, Buffer.from('a'));
    const fits = [primary, ...Array.from({ length: MAX_PACKETS_IN_ALL - 1 }, () => name)];
    expect(collected(fits)).toEqual([[hexOf(alice)], []]);
    expect(parseKeyFile({ path: 'a', bytes: Buffer.concat(fits) })).toMatchObject({ ok: true });
    expect(collected([...fits, name])).toEqual([[], [0]]);
    expect(parseKeyFile({ path: 'a', bytes: Buffer.concat([...fits, name]) })).toEqual({
      ok: false,
      reason: 'too-large',
    });
  });

  it('1024 certificates', () => {
    const all = primaries(MAX_CERTIFICATES);
    const files = [0, 1, 2, 3].map((index) => all.slice(index * 256, (index + 1) * 256));
    const [found, beyond] = collected(...files);
    expect([found?.length, beyond]).toEqual([MAX_CERTIFICATES, []]);
    const [same, last] = collected(...files, [plain]);
    expect([same?.length, last]).toEqual([MAX_CERTIFICATES, [4]]);
  });

  it('256 certificates of one file', () => {
    expect(collected(primaries(256))[1]).toEqual([]);
    expect(collected(primaries(257))).toEqual([[], [0]]);
  });

  it('16384 primary keys in files that are not taken, and nothing but primary keys counts', () => {
    const { primaries: most } = MAX_SEARCHED;
    expect(collected([plain], primaries(most))).toEqual([[hexOf(alice)], [1]]);
    expect(collected([plain], primaries(most + 1))).toEqual([[], [0, 1]]);
    const half = primaries(most / 2 + 1);
    expect(collected([plain], half, half)).toEqual([[], [0, 1, 2]]);
    const names = Array.from({ length: most }, (_, index) => packet(TAG.userId, number(index, 4)));
    expect(collected([plain], [...primaries(257), ...names])).toEqual([[hexOf(alice)], [1]]);
  });

  it('65535 bytes of a primary key, beyond which it is none', () => {
    const long = (length: number) => packet(TAG.publicKey, Buffer.alloc(length, 4));
    for (const length of [0xffff, 0x1_0000]) {
      expect(collected([plain], [...primaries(257), long(length)])).toEqual([[hexOf(alice)], [1]]);
    }
  });

  it('512 signatures of each certificate in a file', () => {
    const both = (count: number) => [makeHandCertificate({ primary: bob }), plain, ...junk(alice, count)];
    expect(collected(both(511))).toEqual([[hexOf(bob), hexOf(alice)], []]);
    expect(collected(both(512))).toEqual([[], [0]]);
    const beyond = parseKeyFile({ path: 'a', bytes: Buffer.concat(both(512)) });
    expect(beyond).toEqual({ ok: false, reason: 'too-large' });
  });

  it('8192 signatures of all certificates, those of copies counted once', () => {
    const keys = Array.from({ length: 17 }, () => makeHandKey('ed25519-legacy'));
    const full = keys.map((key) => [packet(TAG.publicKey, key.body), ...junk(key, 512)]);
    const [first = []] = full;
    expect(collected(...Array.from({ length: 20 }, () => first))[1]).toEqual([]);
    expect(collected(...full)[1]).toEqual([16]);
    // What is left out counts no more: its place is free.
    const [one] = keys;
    const beyond = one === undefined ? [] : [...first, ...junk(one, 1, 5000)];
    const [found, tooLarge] = collected(...full.slice(0, 16), beyond, ...full.slice(16));
    expect([found, tooLarge]).toEqual([keys.slice(1).map(hexOf), [16, 0]]);
  });
});

it('a key file with more signatures than are looked at is no refresh of anything', async () => {
  const alice = makeHandKey('ed25519-legacy');
  const withName = (...ends: number[]) =>
    makeHandCertificate({
      primary: alice,
      userIds: [
        {
          text: 'alice',
          signatures: ends.map((keyExpires) => ({ keyExpires, createdAt: HAND_TIME + keyExpires })),
        },
      ],
    });
  const full = Array.from({ length: MAX_WEIGHT_IN_ALL / 512 }, () => {
    const key = makeHandKey('ed25519-legacy');
    return Buffer.concat([packet(TAG.publicKey, key.body), ...junk(key, 512)]);
  });
  // In place of the last one of its signatures there is room for just one.
  const others = Buffer.concat(full).subarray(0, -(junk(alice, 1)[0]?.length ?? 0));
  const [before, after, beyond] = [[1000], [2000], [1000, 2000]].map((ends) =>
    Buffer.concat([withName(...ends), others]),
  );
  if (before === undefined || after === undefined || beyond === undefined) throw new Error('no files');
  expect(await isRefresh(before, after)).toBe(true);
  expect(await isRefresh(before, beyond)).toBe(false);
  expect(await isRefresh(beyond, beyond)).toBe(false);
});
