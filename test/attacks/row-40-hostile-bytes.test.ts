import { describe, expect, test } from 'vitest';
import { parseKeyFile } from '../../src/core/identity/key-file.ts';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { parseArmorBlocks } from '../../src/core/signature/armor.ts';
import { parseOpenpgpKey } from '../../src/core/signature/openpgp-key.ts';
import { parsePackets } from '../../src/core/signature/openpgp-packet.ts';
import { parseOnlySignature, parseSignatureBody } from '../../src/core/signature/openpgp-signature.ts';
import { parseSshKeyBlob } from '../../src/core/signature/ssh-key.ts';
import { parseSshSignature } from '../../src/core/signature/sshsig.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { string } from '../keys/authenticator.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { keyOf, makeHandKey, makeMaterial } from '../keys/hand-keys.ts';
import { armorPgp, HAND_TIME, mpi, number, packet, signByHand, subpacket, TAG } from '../keys/packets.ts';
import { reasonOf } from '../properties/violation.ts';
import { MIB, cutsOf } from './hostile.ts';

describe('row 40: packets', () => {
  const huge = [
    ['4 GiB', Buffer.from('c2ffffffffff', 'hex')],
    ['2 GiB', Buffer.from('c2ff80000000', 'hex')],
    ['4 GiB in the old format', Buffer.from('8affffffff', 'hex')],
    [
      '4 GiB after a good one',
      Buffer.concat([packet(TAG.userId, Buffer.from('a')), Buffer.from('c2ffffffffff', 'hex')]),
    ],
  ] as const;

  test.each(huge)('that state a length of %s are cut off: nothing of that size is made', (_, bytes) => {
    expect(reasonOf(() => parsePackets(bytes))).toBe('signature-malformed');
    expect(reasonOf(() => parseOnlySignature(bytes))).toBe('signature-malformed');
    expect(parseKeyFile({ path: 'a', bytes })).toEqual({ ok: false, reason: 'not-a-certificate' });
  });

  test('with partial or indeterminate lengths are refused at the first', () => {
    for (const head of ['c2e0', 'c2fe', '8b']) {
      const bytes = Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(MIB)]);
      expect(cutsOf(bytes, parsePackets)).toEqual({
        reason: 'signature-malformed',
        cuts: expect.toSatisfy((cuts: number) => cuts < 4) as number,
      });
    }
  });

  test('with 100,000 subpackets are refused after some hundreds', () => {
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => subpacket(4, Uint8Array.of(1))));
    const modern = Buffer.concat([
      Uint8Array.of(6, 0, 27, 8),
      number(many.length, 4),
      many,
      number(0, 4),
      Buffer.alloc(2),
    ]);
    const unhashed = Buffer.concat([
      Uint8Array.of(6, 0, 27, 8),
      number(0, 4),
      number(many.length, 4),
      many,
      Buffer.alloc(2),
    ]);
    const legacy = many.subarray(0, 0xfffc);
    const old = Buffer.concat([
      Uint8Array.of(4, 0, 22, 8),
      number(legacy.length, 2),
      legacy,
      number(0, 2),
      Buffer.alloc(2),
    ]);
    for (const body of [modern, unhashed, old]) {
      const { reason, cuts } = cutsOf(body, parseSignatureBody);
      expect(reason).toBe('signature-malformed');
      expect(cuts).toBeLessThan(2000);
    }
    const nothing = Buffer.alloc(100_000);
    const empty = Buffer.concat([Uint8Array.of(6, 0, 27, 8), number(nothing.length, 4), nothing]);
    expect(cutsOf(empty, parseSignatureBody).cuts).toBeLessThan(20);
    const few = Buffer.concat([
      Uint8Array.of(4, 0, 22, 8),
      number(6, 2),
      subpacket(2, number(HAND_TIME, 4)),
      Buffer.alloc(4),
    ]);
    // That cutting is what is counted: a good signature is cut a few times, too.
    expect(cutsOf(few, parseSignatureBody)).toEqual({
      reason: 'read',
      cuts: expect.toSatisfy((cuts: number) => cuts > 3) as number,
    });
  });

  test('with a back signature in a back signature in a back signature are read one level deep', async () => {
    const primary = makeHandKey('ed25519-legacy');
    const subkey = makeHandKey('ed25519-legacy');
    let inner = signByHand(subkey, Buffer.from('x'), { type: 0x19 });
    for (let depth = 0; depth < 200; depth += 1) {
      inner = signByHand(subkey, Buffer.from('x'), { type: 0x19, more: [subpacket(32, inner)] });
    }
    const bytes = makeHandCertificate({
      primary,
      subkeys: [{ key: subkey, bindings: [{ back: null, more: [subpacket(32, inner)] }] }],
    });
    const { keyring } = await openKeyring([{ path: 'a', bytes }]);
    expect(keyring.certificates[0]?.keys[1]?.standing.backSignature).not.toBe('verified');
  });
});

describe('row 40: huge numbers', () => {
  const ones = Buffer.alloc(8192, 0xff);
  const date = number(HAND_TIME, 4);

  test('in keys are refused before arithmetic is done with them', () => {
    const bits = mpi(ones.subarray(0, 8191));
    const exponent = mpi(Uint8Array.of(1, 0, 1));
    for (const parameters of [
      [bits, exponent],
      [mpi(Uint8Array.of(0xff, ...ones.subarray(0, 300))), bits],
    ]) {
      const body = Buffer.concat([Uint8Array.of(4), date, Uint8Array.of(1), ...parameters]);
      expect(reasonOf(() => parseOpenpgpKey(body))).toBe('signature-malformed');
    }
    const point = Buffer.concat([
      Uint8Array.of(4),
      date,
      Uint8Array.of(19, 8),
      Buffer.from('2a8648ce3d030107', 'hex'),
      bits,
    ]);
    expect(reasonOf(() => parseOpenpgpKey(point))).toBe('signature-malformed');
    const ssh = Buffer.concat([
      string('ssh-rsa'),
      string(Uint8Array.of(1, 0, 1)),
      string(Buffer.concat([Uint8Array.of(0), ones.subarray(0, 4000)])),
    ]);
    expect(reasonOf(() => parseSshKeyBlob(ssh))).toBe('signature-malformed');
  });

  test('that state more bits than there are bytes are cut off', () => {
    for (const stated of [0xffff, 0x8000]) {
      const body = Buffer.concat([
        Uint8Array.of(4),
        date,
        Uint8Array.of(1),
        number(stated, 2),
        Buffer.alloc(100, 0xff),
      ]);
      expect(reasonOf(() => parseOpenpgpKey(body))).toBe('signature-malformed');
    }
    expect(
      reasonOf(() =>
        parseSshSignature(Buffer.concat([Buffer.from('SSHSIG'), number(1, 4), number(0xffffffff, 4)])),
      ),
    ).toBe('signature-malformed');
  });

  test('in signatures make them bad or malformed', async () => {
    const key = makeHandKey('rsa2048');
    const { keys } = await openKeyring([{ path: 'a', bytes: makeHandCertificate({ primary: key }) }]);
    const payload = Buffer.from('text\n');
    for (const value of [
      mpi(ones.subarray(0, 8191)),
      Buffer.concat([number(0xffff, 2), ones.subarray(0, 100)]),
      mpi(ones),
    ]) {
      const armor = Buffer.from(
        armorPgp('SIGNATURE', packet(TAG.signature, signByHand(key, payload, { value }))),
      );
      const proof = await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
      expect(['bad', 'malformed']).toContain(proof.status);
    }
  });
});

describe('row 40: armor', () => {
  test.each([
    ['openings', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'],
    [
      'openings in headers',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: -----BEGIN PGP PUBLIC KEY BLOCK-----\n',
    ],
    ['empty blocks', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n'],
    ['headers', `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${'a: b\n'.repeat(100)}`],
    ['endings', '-----END PGP PUBLIC KEY BLOCK-----\n'],
  ])('of 1 MiB of %s is malformed', (_, unit) => {
    const bytes = Buffer.from(unit.repeat(Math.floor(MIB / unit.length)));
    expect(reasonOf(() => parseArmorBlocks(bytes, 'PGP PUBLIC KEY BLOCK'))).toBe('signature-malformed');
    expect(parseKeyFile({ path: 'a', bytes })).toEqual({ ok: false, reason: 'not-a-certificate' });
  });
});

describe('row 40: a key file', () => {
  const primary = makeHandKey('ed25519-legacy');
  const subkey = makeMaterial('ed25519-legacy');
  const own = makeHandCertificate({ primary });
  const by = (type: number, index: number) =>
    packet(TAG.signature, signByHand(primary, Buffer.from('x'), { type, createdAt: HAND_TIME + index }));
  const fill = (unit: (index: number) => Buffer): Buffer => {
    const size = unit(0).length + 4;
    const count = Math.floor((MIB - own.length) / size);
    return Buffer.concat([own, ...Array.from({ length: count }, (_, index) => unit(index))]);
  };

  test.each([
    ['subkeys', (index: number) => packet(TAG.publicSubkey, keyOf(subkey, { createdAt: index }).body)],
    ['user ids', (index: number) => packet(TAG.userId, Buffer.from(String(index).padStart(6)))],
    ['self-signatures', (index: number) => by(0x13, index)],
    ['revocations', (index: number) => by(0x20, index)],
  ])('of 1 MiB of %s is too large, and none of them is verified', async (_, unit) => {
    const { keyring } = await openKeyring([{ path: 'a', bytes: fill(unit) }]);
    expect(keyring).toEqual({ certificates: [], unreadable: [{ path: 'a', reason: 'too-large' }] });
  });

  test('of 1 MiB of one subkey, or of packets that mean nothing, is one certificate', async () => {
    for (const unit of [
      packet(TAG.publicSubkey, keyOf(subkey).body),
      packet(TAG.marker, Buffer.from('PGP')),
    ]) {
      const { keyring } = await openKeyring([{ path: 'a', bytes: fill(() => unit) }]);
      const counts = keyring.certificates.map(({ keys }) => keys.length);
      // Either it is one key however often it stands there, or it is too many keys.
      expect(counts.every((count) => count <= 2)).toBe(true);
      expect(counts.length + keyring.unreadable.length).toBe(1);
    }
  });
});
