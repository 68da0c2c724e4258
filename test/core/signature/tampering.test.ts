import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import type { VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { makeAuthenticator } from '../../keys/authenticator.ts';
import { openKeys } from '../../keys/keys.ts';
import type { GpgAlgorithm, Keys, SshKeyOptions } from '../../keys/keys.ts';

const TEXT = Buffer.from('tree 1\nauthor alice\n\nmessage\n');
const OPENPGP: readonly GpgAlgorithm[] = ['ed25519', 'rsa2048', 'nistp256'];
const SSH: readonly NonNullable<SshKeyOptions['type']>[] = ['ed25519', 'rsa', 'ecdsa'];
const SK = ['ed25519', 'p256'] as const;

let keys: Keys;
let ring: VerificationKeys;
const openpgp = new Map<string, Buffer>();
const ssh = new Map<string, Buffer>();

beforeAll(async () => {
  keys = await openKeys();
  const files = await Promise.all(
    OPENPGP.map(async (algorithm) => {
      const key = await keys.makeGpgKey('alice', { algorithm });
      openpgp.set(algorithm, dearmor(await keys.signDetached(key, TEXT)));
      return { path: algorithm, bytes: key.certificate };
    }),
  );
  ring = (await openKeyring(files)).keys;
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
  const header = packet[0] === 0x89 ? 3 : 2;
  const hashed = header + 6 + packet.readUInt16BE(header + 4);
  return { from: hashed + 2, to: hashed + 2 + packet.readUInt16BE(hashed) };
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

  it.each(OPENPGP)(
    'in an OpenPGP %s signature ends it, or is where nothing but a hint stands',
    async (name) => {
      const packet = stored(openpgp, name);
      const proof = await verify(armor('PGP SIGNATURE', packet));
      expect(proof.status).toBe('good');
      const { from, to } = unprotected(packet);
      const length = to + 2;
      for (const [offset, changed] of flips(packet)) {
        const after = await verify(armor('PGP SIGNATURE', changed));
        const hint =
          (offset >= from && offset < to) || (name === 'rsa2048' && offset >= length && offset < length + 2);
        if (after.status === 'good' && hint) expect(after).toEqual(proof);
        else expect([offset, after.status]).not.toEqual([offset, 'good']);
      }
    },
  );

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
