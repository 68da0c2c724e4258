import { describe, expect, test } from 'vitest';
import { parsePackets } from '../../src/core/signature/openpgp-packet.ts';
import { parseOnlySignature, parseSignatureBody } from '../../src/core/signature/openpgp-signature.ts';
import { number, packet, subpacket, TAG } from '../keys/packets.ts';
import { reasonOf } from './violation.ts';

// Just inside and just outside of every bound, so that none of them moves unseen.

describe('packets', () => {
  const read = (hex: string) => reasonOf(() => parsePackets(Buffer.from(hex, 'hex')));

  test.each([
    ['c200', 'read'],
    ['c2bf' + '00'.repeat(191), 'read'],
    ['c2bf' + '00'.repeat(190), 'signature-malformed'],
    ['c2c000' + '00'.repeat(192), 'read'],
    ['c2c000' + '00'.repeat(191), 'signature-malformed'],
    ['c2c0', 'signature-malformed'],
    ['c2dfff' + '00'.repeat(8383), 'read'],
    ['c2dfff' + '00'.repeat(8382), 'signature-malformed'],
    ['c2e0', 'signature-malformed'],
    ['c2e0' + '00'.repeat(8), 'signature-malformed'],
    ['c2fe' + '00'.repeat(8), 'signature-malformed'],
    ['c2ff00000000', 'read'],
    ['c2ff0000000100', 'read'],
    ['c2ff000000', 'signature-malformed'],
    ['8800', 'read'],
    ['890000', 'read'],
    ['8a00000000', 'read'],
    ['8b00', 'signature-malformed'],
    ['88', 'signature-malformed'],
    ['7f00', 'signature-malformed'],
    ['0200', 'signature-malformed'],
    ['', 'read'],
  ])('%#', (hex, reason) => {
    expect(read(hex)).toBe(reason);
  });

  test('have the tag that their header says', () => {
    const tags = (hex: string) => parsePackets(Buffer.from(hex, 'hex')).map(({ tag }) => tag);
    expect([tags('c200'), tags('ff00'), tags('8800'), tags('bc00'), tags('c000')]).toEqual([
      [2],
      [63],
      [2],
      [15],
      [0],
    ]);
  });

  test('are one signature and nothing else', () => {
    const signature = packet(TAG.signature, body([subpacket(2, number(1, 4))]));
    const only = (...parts: Uint8Array[]) => reasonOf(() => parseOnlySignature(Buffer.concat(parts)));
    expect([
      only(signature),
      only(signature, signature),
      only(signature, packet(TAG.userId, Buffer.from('x'))),
      only(signature, Uint8Array.of(0)),
      only(signature, Uint8Array.of(0xc2)),
      only(packet(TAG.userId, Buffer.from('x'))),
      only(),
    ]).toEqual([
      'read',
      'several-signatures',
      'trailing-bytes',
      'trailing-bytes',
      'trailing-bytes',
      'signature-malformed',
      'signature-malformed',
    ]);
  });
});

function body(
  hashed: readonly Uint8Array[],
  unhashed: readonly Uint8Array[] = [],
  version: 4 | 6 = 4,
  hash = 8,
  salt = 16,
): Buffer {
  const width = version === 4 ? 2 : 4;
  const [first, second] = [Buffer.concat(hashed), Buffer.concat(unhashed)];
  const tail = version === 4 ? Buffer.alloc(0) : Buffer.concat([Uint8Array.of(salt), Buffer.alloc(salt)]);
  return Buffer.concat([
    Uint8Array.of(version, 0, 22, hash),
    number(first.length, width),
    first,
    number(second.length, width),
    second,
    Buffer.alloc(2),
    tail,
  ]);
}

describe('the body of a signature', () => {
  const time = subpacket(2, number(1000, 4));
  const read = (...parts: Parameters<typeof body>) => reasonOf(() => parseSignatureBody(body(...parts)));
  const fingerprint = (version: number, length: number, fill = 1) =>
    subpacket(33, Buffer.concat([Uint8Array.of(version), Buffer.alloc(length, fill)]));
  const keyId = (fill: number, length = 8) => subpacket(16, Buffer.alloc(length, fill));

  test('has one creation time, of four bytes, in the hashed area', () => {
    expect([
      read([time]),
      read([]),
      read([time, time]),
      read([], [time]),
      read([subpacket(2, number(1, 3))]),
    ]).toEqual([
      'read',
      'signature-malformed',
      'signature-malformed',
      'signature-malformed',
      'signature-malformed',
    ]);
    expect(read([time], [time])).toBe('read');
  });

  test('ends when it says so, counted from its creation; zero is never', () => {
    const ends = (seconds: number | null) =>
      parseSignatureBody(body([time, ...(seconds === null ? [] : [subpacket(3, number(seconds, 4))])]))
        .expiresAt;
    expect([ends(null), ends(0), ends(1), ends(500)]).toEqual([null, null, 1001, 1500]);
    expect(parseSignatureBody(body([time], [subpacket(3, number(5, 4))])).expiresAt).toBeNull();
    expect([
      read([time, subpacket(3, number(5, 3))]),
      read([time, subpacket(3, number(5, 4)), subpacket(3, number(5, 4))]),
    ]).toEqual(['signature-malformed', 'signature-malformed']);
  });

  test('names one issuer, whichever way it is named', () => {
    const issuer = (...parts: Parameters<typeof body>) => parseSignatureBody(body(...parts)).issuer;
    expect(issuer([time])).toEqual({ fingerprint: null, keyId: null });
    expect(issuer([time], [keyId(1)])).toEqual({ fingerprint: null, keyId: '01'.repeat(8) });
    expect(issuer([time, fingerprint(4, 20)], [keyId(1)])).toEqual({
      fingerprint: '01'.repeat(20),
      keyId: '01'.repeat(8),
    });
    expect(issuer([time, fingerprint(6, 32)], [], 6)).toEqual({
      fingerprint: '01'.repeat(32),
      keyId: '01'.repeat(8),
    });
    for (const wrong of [
      read([time, keyId(1)], [keyId(2)]),
      read([time, fingerprint(4, 20, 1)], [fingerprint(4, 20, 2)]),
      read([time, fingerprint(4, 20)], [keyId(2)]),
      read([time, keyId(1, 7)]),
      read([time, keyId(1, 9)]),
      read([time, fingerprint(4, 19)]),
      read([time, fingerprint(4, 21)]),
      read([time, fingerprint(6, 32)]),
      read([time, fingerprint(6, 20)]),
      read([time, fingerprint(4, 20)], [], 6),
      read([time, fingerprint(4, 32)], [], 6),
    ]) {
      expect(wrong).toBe('signature-malformed');
    }
    expect(read([time, keyId(1)], [keyId(1)])).toBe('read');
  });

  test('has at most 256 subpackets in an area, none of them empty', () => {
    const many = (count: number) => Array.from({ length: count }, () => subpacket(99, Uint8Array.of(1)));
    expect([read([time, ...many(255)]), read([time, ...many(256)])]).toEqual(['read', 'signature-malformed']);
    expect([read([time], many(256)), read([time], many(257))]).toEqual(['read', 'signature-malformed']);
    expect(read([time, Uint8Array.of(0)])).toBe('signature-malformed');
    expect(read([time, Uint8Array.of(1, 99)])).toBe('read');
    expect(read([time, Uint8Array.of(2, 99)])).toBe('signature-malformed');
  });

  test('is refused for a critical subpacket that is not known', () => {
    const critical = (type: number) => read([time, subpacket(type, Uint8Array.of(1), true)]);
    const known = [4, 5, 6, 7, 9, 11, 12, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 39];
    expect(known.map(critical)).toEqual(known.map(() => 'read'));
    const unknown = [0, 1, 8, 10, 13, 14, 15, 17, 18, 19, 20, 36, 37, 38, 40, 99, 100, 127];
    expect(unknown.map(critical)).toEqual(unknown.map(() => 'algorithm-unsupported'));
    expect(unknown.map((type) => read([time, subpacket(type, Uint8Array.of(1))]))).toEqual(
      unknown.map(() => 'read'),
    );
    expect(read([time], [subpacket(99, Uint8Array.of(1), true)])).toBe('algorithm-unsupported');
  });

  test('is of version 4 or 6, whose salt has the size of its hash', () => {
    for (const version of [0, 1, 2, 3, 5, 7, 255]) {
      const other = body([time]);
      other.writeUInt8(version, 0);
      expect(reasonOf(() => parseSignatureBody(other))).toBe('version-unsupported');
    }
    for (const [hash, size] of [
      [8, 16],
      [9, 24],
      [10, 32],
      [11, 16],
      [12, 16],
      [14, 32],
    ] as const) {
      expect([hash, read([time], [], 6, hash, size)]).toEqual([hash, 'read']);
      for (const wrong of [size - 1, size + 1, 0]) {
        expect([hash, read([time], [], 6, hash, wrong)]).toEqual([hash, 'signature-malformed']);
      }
    }
  });

  test('is cut off wherever it is cut off', () => {
    for (const version of [4, 6] as const) {
      const whole = body([time], [], version);
      for (let length = 0; length < whole.length; length += 1) {
        expect(['signature-malformed', 'version-unsupported']).toContain(
          reasonOf(() => parseSignatureBody(whole.subarray(0, length))),
        );
      }
    }
  });
});
