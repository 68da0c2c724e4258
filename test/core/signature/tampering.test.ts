import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/core/signature/refusal.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import type { VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { makeAuthenticator } from '../../keys/authenticator.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import { openKeys } from '../../keys/keys.ts';
import type { GpgAlgorithm, Keys, SshKeyOptions } from '../../keys/keys.ts';
import { packet as encodePacket, signByHand, TAG } from '../../keys/packets.ts';
import { keysOf } from './keys-of.ts';

const TEXT = Buffer.from('tree 1\nauthor alice\n\nmessage\n');
const OPENPGP: readonly GpgAlgorithm[] = ['ed25519', 'rsa2048', 'nistp256'];
const SSH: readonly NonNullable<SshKeyOptions['type']>[] = ['ed25519', 'rsa', 'ecdsa'];
const SK = ['ed25519', 'p256'] as const;
/** Of version 6, which gpg does not make. */
const MODERN = ['ed25519', 'ed448', 'rsa2048', 'p256'] as const;
const modern = MODERN.map((kind) => [`v6 ${kind}`, makeHandKey(kind, { version: 6 })] as const);

let keys: Keys;
let ring: VerificationKeys;
const openpgp = new Map<string, Buffer>();
const ssh = new Map<string, Buffer>();

beforeAll(async () => {
  keys = await openKeys();
  const certificates = await Promise.all(
    OPENPGP.map(async (algorithm) => {
      const key = await keys.makeGpgKey('alice', { algorithm });
      openpgp.set(algorithm, dearmor(await keys.signDetached(key, TEXT)));
      return key.certificate;
    }),
  );
  for (const [name, key] of modern) {
    openpgp.set(name, encodePacket(TAG.signature, signByHand(key, TEXT)));
    certificates.push(Buffer.from(encodePacket(TAG.publicKey, key.body)));
  }
  ring = keysOf(...certificates);
  for (const type of SSH) {
    const key = await keys.makeSshKey('alice', type === 'rsa' ? { type, bits: 2048 } : { type });
    ssh.set(type, dearmor(await keys.sshSign(key, TEXT, 'git')));
  }
  for (const kind of SK) ssh.set(`sk-${kind}`, dearmor(makeAuthenticator(kind).sign(TEXT, 'git')));
});
afterAll(() => keys.close());

function dearmor(armor: Uint8Array): Buffer {
  const body = Buffer.from(armor)
    .toString()
    .replace(/-----[^\n]*-----|\n=[^\n]{4}\n/g, '')
    .replaceAll('\n', '');
  return Buffer.from(body, 'base64');
}

function armor(label: 'PGP SIGNATURE' | 'SSH SIGNATURE', bytes: Uint8Array): Buffer {
  const blank = label === 'PGP SIGNATURE' ? '\n' : '';
  return Buffer.from(
    `-----BEGIN ${label}-----\n${blank}${Buffer.from(bytes).toString('base64')}\n-----END ${label}-----\n`,
  );
}

const verify = (armored: Uint8Array, payload: Uint8Array = TEXT) =>
  verifySignature({ payload, armor: armored, form: 'detached', namespace: 'git' }, ring);

function stored(map: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = map.get(name);
  if (bytes === undefined) throw new Error(name);
  return bytes;
}

/** Every copy of `bytes` with one bit changed, and where. */
function* flips(bytes: Buffer): Generator<readonly [offset: number, changed: Buffer]> {
  for (let offset = 0; offset < bytes.length; offset += 1) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(offset) ^ bit, offset);
      yield [offset, changed];
    }
  }
}

/**
 * The bytes of a signature packet that nothing protects: the unhashed area, which only names the issuer, and, for RSA,
 * the stated length of the number.
 */
function unprotected(packet: Buffer): { from: number; to: number } {
  const long = packet[0] === 0x89 || (packet[0] === 0xc2 && packet.readUInt8(1) >= 192);
  const header = long ? 3 : 2;
  const width = packet[header] === 6 ? 4 : 2;
  const hashed = header + 4 + width + packet.readUIntBE(header + 4, width);
  return { from: hashed + width, to: hashed + width + packet.readUIntBE(hashed, width) };
}

/** Where the stated length of an RSA signature's number stands. */
function lengthOfNumber(packet: Buffer): number {
  const { to } = unprotected(packet);
  const isModern = packet[2] === 6 || packet[3] === 6;
  return to + 2 + (isModern ? 1 + packet.readUInt8(to + 2) : 0);
}

describe('one changed bit', () => {
  it.each(SSH.map(String).concat(SK.map((kind) => `sk-${kind}`)))(
    'anywhere in an SSH %s signature ends it',
    async (name) => {
      const blob = stored(ssh, name);
      expect((await verify(armor('SSH SIGNATURE', blob))).status).toBe('good');
      for (const [offset, changed] of flips(blob)) {
        expect([offset, (await verify(armor('SSH SIGNATURE', changed))).status]).not.toEqual([
          offset,
          'good',
        ]);
      }
    },
  );

  it.each([...OPENPGP, ...modern.map(([name]) => name)])(
    'in an OpenPGP %s signature ends it, or is where nothing but a hint stands',
    async (name) => {
      const packet = stored(openpgp, name);
      const proof = await verify(armor('PGP SIGNATURE', packet));
      expect(proof.status).toBe('good');
      const { from, to } = unprotected(packet);
      const length = lengthOfNumber(packet);
      for (const [offset, changed] of flips(packet)) {
        const after = await verify(armor('PGP SIGNATURE', changed));
        const hint =
          (offset >= from && offset < to) ||
          (name.endsWith('rsa2048') && offset >= length && offset < length + 2);
        if (after.status === 'good' && hint) expect(after).toEqual(proof);
        else expect([offset, after.status]).not.toEqual([offset, 'good']);
      }
    },
  );

  it.each(modern)('in the public key of %s ends its signatures', async (name, { body }) => {
    const armored = armor('PGP SIGNATURE', stored(openpgp, name));
    for (const [offset, changed] of flips(body)) {
      const refused = (): VerificationKeys => {
        try {
          return keysOf(encodePacket(TAG.publicKey, changed));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return noKeys;
        }
      };
      const claim = { payload: TEXT, armor: armored, form: 'detached', namespace: 'git' } as const;
      expect([offset, (await verifySignature(claim, refused())).status]).toEqual([offset, 'unknown-key']);
    }
  });

  it('in what was signed makes the signature bad', async () => {
    const signatures = [
      ...[...openpgp.values()].map((packet) => armor('PGP SIGNATURE', packet)),
      ...[...ssh.values()].map((blob) => armor('SSH SIGNATURE', blob)),
    ];
    for (const armored of signatures) {
      for (const [, changed] of flips(TEXT)) {
        expect(await verify(armored, changed)).toMatchObject({ status: 'bad', reason: 'signature-bad' });
      }
      for (const changed of [
        TEXT.subarray(1),
        TEXT.subarray(0, -1),
        Buffer.concat([TEXT, Buffer.from('\n')]),
      ]) {
        expect(await verify(armored, changed)).toMatchObject({ status: 'bad', reason: 'signature-bad' });
      }
    }
  });
});

describe('hostile bytes', () => {
  /** Real signatures with runs of bytes replaced, and noise. */
  const hostile = (real: () => readonly Buffer[]) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 8 }), fc.nat({ max: 8 }))
        .map(([which, at, noise, cut]) => {
          const bytes = real()[which % real().length] ?? Buffer.alloc(0);
          const start = at % (bytes.length + 1);
          return Buffer.concat([bytes.subarray(0, start), noise, bytes.subarray(start + cut)]);
        }),
    );

  it('are never a good signature over other bytes, and never an exception', async () => {
    const other = Buffer.from('something else');
    for (const [label, map] of [
      ['PGP SIGNATURE', openpgp],
      ['SSH SIGNATURE', ssh],
    ] as const) {
      await fc.assert(
        fc.asyncProperty(
          hostile(() => [...map.values()]),
          async (bytes) => {
            for (const armored of [bytes, armor(label, bytes)]) {
              expect((await verify(armored, other)).status).not.toBe('good');
            }
          },
        ),
        { numRuns: 1500 },
      );
    }
  });

  it('are never an exception as an SSH public key', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'),
        fc.uint8Array(),
        fc.string(),
        (type, blob, text) => {
          expect(parseSshPublicKey(`${type} ${Buffer.from(blob).toString('base64')} ${text}`).ok).toBe(false);
          expect(parseSshPublicKey(text).ok).toBe(false);
        },
      ),
    );
  });
});
