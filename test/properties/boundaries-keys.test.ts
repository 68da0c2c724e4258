import { describe, expect, test } from 'vitest';
import { keyIdOf, parseOpenpgpKey } from '../../src/core/signature/openpgp-key.ts';
import { isWeak, rsaKey } from '../../src/core/signature/public-key.ts';
import { parseSshKeyBlob, parseSshPublicKey } from '../../src/core/signature/ssh-key.ts';
import { takeName, takePositive } from '../../src/core/signature/ssh-wire.ts';
import { cursorOver } from '../../src/core/signature/cursor.ts';
import { parseSshSignature } from '../../src/core/signature/sshsig.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { sshsig, string } from '../keys/authenticator.ts';
import { mpi, number } from '../keys/packets.ts';
import { readSpecimens } from './specimen.ts';
import { reasonOf } from './violation.ts';

// Just inside and just outside of every bound, so that none of them moves unseen.

describe('keys', () => {
  const modulus = (bits: number) => {
    const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
    bytes.writeUInt8(0xff >> ((8 - (bits % 8)) % 8), 0);
    return bytes;
  };
  const exponent = (hex: string) => Buffer.from(hex, 'hex');
  const rsa = (bits: number, e = '010001') => reasonOf(() => rsaKey(modulus(bits), exponent(e)));

  test('of RSA have bounds: 16384 bits, an odd exponent above one of at most 32 bits', () => {
    expect([rsa(16384), rsa(16385)]).toEqual(['read', 'signature-malformed']);
    expect(['03', '010001', 'ffffffff'].map((e) => rsa(2048, e))).toEqual(['read', 'read', 'read']);
    expect(['', '01', '02', '010000', '0100000001'].map((e) => rsa(2048, e))).toEqual(
      Array.from({ length: 5 }, () => 'signature-malformed'),
    );
  });

  test('of RSA are weak below 2048 bits', () => {
    const weak = (bits: number) => isWeak(rsaKey(modulus(bits), exponent('010001')));
    expect([weak(1024), weak(2047), weak(2048), weak(2049)]).toEqual([true, true, false, false]);
    expect(isWeak({ algorithm: 'ed25519', bits: 256 })).toBe(false);
    const blob = (bits: number) => {
      const n = modulus(bits);
      const signed = (n[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), n]) : n;
      return reasonOf(() =>
        parseSshKeyBlob(Buffer.concat([string('ssh-rsa'), string(exponent('010001')), string(signed)])),
      );
    };
    expect([blob(2047), blob(2048)]).toEqual(['weak-key', 'read']);
  });

  test('have a key id from the end of the fingerprint in version 4, from its start in version 6', () => {
    const digits = '0123456789ABCDEF';
    expect(keyIdOf('F'.repeat(24) + digits)).toBe(digits);
    expect(keyIdOf(digits + 'F'.repeat(48))).toBe(digits);
  });

  test('of OpenPGP are cut off wherever they are cut off, and end where they end', () => {
    const head = Buffer.concat([Uint8Array.of(4), number(1, 4), Uint8Array.of(27)]);
    const whole = Buffer.concat([head, Buffer.alloc(32, 9)]);
    expect(reasonOf(() => parseOpenpgpKey(whole))).toBe('read');
    for (let length = 0; length < whole.length; length += 1) {
      expect(reasonOf(() => parseOpenpgpKey(whole.subarray(0, length)))).toBe('signature-malformed');
    }
    expect(reasonOf(() => parseOpenpgpKey(Buffer.concat([whole, Uint8Array.of(0)])))).toBe(
      'signature-malformed',
    );
    for (const version of [2, 3, 5, 7]) {
      expect(
        reasonOf(() => parseOpenpgpKey(Buffer.concat([Uint8Array.of(version), whole.subarray(1)]))),
      ).toBe('version-unsupported');
    }
    const six = (length: number) =>
      Buffer.concat([
        Uint8Array.of(6),
        number(1, 4),
        Uint8Array.of(27),
        number(length, 4),
        Buffer.alloc(32, 9),
      ]);
    expect([32, 31, 33, 0].map((length) => reasonOf(() => parseOpenpgpKey(six(length))))).toEqual([
      'read',
      'signature-malformed',
      'signature-malformed',
      'signature-malformed',
    ]);
    const unknown = Buffer.concat([Uint8Array.of(4), number(1, 4), Uint8Array.of(16), mpi(Uint8Array.of(1))]);
    expect(parseOpenpgpKey(unknown)).toMatchObject({
      key: null,
      algorithm: 16,
      material: 'openpgp-16:000101',
    });
  });
});

describe('the wire form of SSH', () => {
  test('has names of visible ASCII, at most 255 bytes', () => {
    const name = (bytes: Uint8Array) => reasonOf(() => takeName(cursorOver(string(bytes))));
    expect(name(Buffer.alloc(255, 0x21))).toBe('read');
    expect(name(Buffer.alloc(256, 0x21))).toBe('signature-malformed');
    expect([0x20, 0x21, 0x7e, 0x7f, 0].map((byte) => name(Uint8Array.of(byte)))).toEqual([
      'signature-malformed',
      'read',
      'read',
      'signature-malformed',
      'signature-malformed',
    ]);
  });

  test('has positive numbers in their one form', () => {
    const take = (...bytes: number[]) =>
      reasonOf(() => takePositive(cursorOver(string(Uint8Array.from(bytes)))));
    expect([take(1), take(0x7f), take(0, 0x80), take(0, 0xff, 1)]).toEqual(['read', 'read', 'read', 'read']);
    for (const wrong of [take(), take(0), take(0, 0), take(0, 0x7f), take(0x80), take(0xff, 1)])
      expect(wrong).toBe('signature-malformed');
  });

  test('has keys of at most 4096 bytes, and lines of one key', () => {
    const line = `ssh-ed25519 ${Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 7))]).toString('base64')}`;
    expect(parseSshPublicKey(line).ok).toBe(true);
    expect(parseSshPublicKey(`  ${line}\tcomment more \n`).ok).toBe(true);
    expect(parseSshPublicKey(`${line} ${'x'.repeat(3 * 4096 - line.length - 1)}`).ok).toBe(true);
    expect(parseSshPublicKey(`${line} ${'x'.repeat(3 * 4096 - line.length)}`).ok).toBe(false);
    for (const wrong of [
      `${line}\n${line}`,
      `${line} a\rb`,
      line.replace('ssh-ed25519', 'ssh-rsa'),
      'ssh-ed25519',
      '',
      `${line}=`,
    ]) {
      expect([wrong, parseSshPublicKey(wrong).ok]).toEqual([wrong, false]);
    }
    expect(reasonOf(() => parseSshKeyBlob(Buffer.alloc(4097)))).toBe('signature-malformed');
  });

  test('is refused for its own reason, wherever a signature goes wrong', () => {
    const key = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 7))]);
    const build = ({
      magic = 'SSHSIG',
      version = 1,
      reserved = '',
      hash = 'sha512',
      signature = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(64))]),
      tail = '',
    }) =>
      reasonOf(() =>
        parseSshSignature(
          Buffer.concat([
            Buffer.from(magic),
            number(version, 4),
            string(key),
            string('git'),
            string(reserved),
            string(hash),
            string(signature),
            Buffer.from(tail),
          ]),
        ),
      );
    expect([
      build({}),
      build({ hash: 'sha256' }),
      build({ magic: 'SSHSIX' }),
      build({ version: 0 }),
      build({ version: 2 }),
      build({ reserved: 'x' }),
      build({ hash: 'sha1' }),
      build({ hash: 'md5' }),
      build({ hash: 'sha384' }),
      build({ tail: 'x' }),
      build({ signature: Buffer.concat([string('ssh-rsa'), string('x')]) }),
      build({ signature: Buffer.concat([string('ssh-ed25519'), string('x'), Buffer.from('x')]) }),
    ]).toEqual([
      'read',
      'read',
      'signature-malformed',
      'algorithm-unsupported',
      'algorithm-unsupported',
      'signature-malformed',
      'weak-hash',
      'weak-hash',
      'algorithm-unsupported',
      'trailing-bytes',
      'algorithm-unsupported',
      'trailing-bytes',
    ]);
  });
});

test.each(['ssh ecdsa-sha2-nistp256', 'ssh sk-p256'])(
  'nothing follows the two numbers of an ECDSA signature: %s',
  async (name) => {
    const one = readSpecimens().find((specimen) => specimen.name === name);
    if (one === undefined) throw new Error(name);
    const { signer, algorithm, value, authenticator } = parseSshSignature(one.signature);
    const extra = authenticator === null ? [] : [Uint8Array.of(authenticator.flags), authenticator.counter];
    const proofOf = (numbers: Uint8Array) => {
      const key = Buffer.from(signer.named.blob, 'base64');
      const armor = sshsig(key, 'git', Buffer.concat([string(algorithm), string(numbers), ...extra]));
      return verifySignature({ payload: one.payload, armor, form: 'detached', namespace: 'git' }, noKeys);
    };
    expect((await proofOf(value)).status).toBe('good');
    expect((await proofOf(Buffer.concat([value, Uint8Array.of(0)]))).reason).toBe('trailing-bytes');
  },
);
