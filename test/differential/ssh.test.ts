import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { makeAuthenticator } from '../keys/authenticator.ts';
import { checkSsh, must, openKeys, run } from '../keys/keys.ts';
import type { Keys, SshKey, SshKeyOptions } from '../keys/keys.ts';

/** Every key type of ssh-keygen, and security keys, before `ssh-keygen -Y check-novalidate` and before us. */
const TEXT = Buffer.from('text\n');
const NAMESPACES = ['git', 'countersign@v1', 'file'] as const;
const TYPES: readonly SshKeyOptions[] = [
  { type: 'ed25519' },
  { type: 'rsa', bits: 2048 },
  { type: 'rsa', bits: 3072 },
  { type: 'rsa', bits: 4096 },
  { type: 'ecdsa', bits: 256 },
  { type: 'ecdsa', bits: 384 },
  { type: 'ecdsa', bits: 521 },
];

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

/** The fingerprint of a good signature's key, or null. */
async function theirs(armor: Uint8Array, payload: Uint8Array, namespace: string): Promise<string | null> {
  const { code, stdout } = await checkSsh(await keys.writeTemporary(armor), payload, namespace);
  return code === 0 ? (/(SHA256:\S+)/.exec(stdout.toString())?.[1] ?? null) : null;
}

async function ours(armor: Uint8Array, payload: Uint8Array, namespace: 'git' | 'countersign@v1') {
  return verifySignature({ payload, armor, form: 'detached', namespace }, noKeys);
}

async function compare(
  armor: Uint8Array,
  payload: Uint8Array = TEXT,
  namespace: 'git' | 'countersign@v1' = 'git',
) {
  const proof = await ours(armor, payload, namespace);
  const fingerprint = proof.status === 'good' ? (proof.key?.fingerprint ?? '') : null;
  expect(fingerprint).toBe(await theirs(armor, payload, namespace));
  return proof;
}

function rearmored(armor: Uint8Array, change: (blob: Buffer) => Buffer): Buffer {
  const text = Buffer.from(armor)
    .toString()
    .replace(/-----.*-----/g, '');
  const lines =
    change(Buffer.from(text, 'base64'))
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return Buffer.from(`-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`);
}

/** Sixteen places of the blob, from its first byte to its last, one bit changed at each: good to neither. */
async function tamper(armor: Uint8Array): Promise<void> {
  for (let step = 0; step < 16; step += 1) {
    const changed = rearmored(armor, (blob) => {
      const at = Math.round((step * (blob.length - 1)) / 15);
      blob.writeUInt8(blob.readUInt8(at) ^ 0x01, at);
      return blob;
    });
    expect([step, (await compare(changed)).status === 'good']).toEqual([step, false]);
  }
}

describe.each(TYPES)('$type $bits', (options) => {
  let key: SshKey;
  beforeAll(async () => {
    key = await keys.makeSshKey('alice', options);
  });

  it('is good to both, for its own namespace only', async () => {
    for (const hash of ['sha256', 'sha512']) {
      for (const namespace of NAMESPACES) {
        const armor = await keys.sshSign(key, TEXT, namespace, ['-O', `hashalg=${hash}`]);
        for (const asked of ['git', 'countersign@v1'] as const) {
          expect((await compare(armor, TEXT, asked)).status).toBe(asked === namespace ? 'good' : 'malformed');
        }
      }
    }
  });

  it('is bad to both over another document', async () => {
    const armor = await keys.sshSign(key, TEXT, 'git');
    for (const payload of [Buffer.alloc(0), Buffer.from('text'), Buffer.from('text\n\n')]) {
      expect((await compare(armor, payload)).reason).toBe('signature-bad');
    }
  });

  it('is good to neither with a byte changed', async () => {
    await tamper(await keys.sshSign(key, TEXT, 'git'));
  });
});

describe.each(['ed25519', 'p256'] as const)('security key %s', (kind) => {
  it('is good to both with any flags, which ssh-keygen does not look at', async () => {
    for (const application of ['ssh:', 'ssh:work']) {
      const key = makeAuthenticator(kind, application);
      for (const flags of [0x00, 0x01, 0x04, 0x05]) {
        const { presence } = await compare(key.sign(TEXT, 'git', flags));
        expect(presence).toEqual({ touched: (flags & 1) !== 0, verified: (flags & 4) !== 0 });
        expect((await compare(key.sign(TEXT, 'file', flags))).reason).toBe('wrong-namespace');
        expect((await compare(key.sign(TEXT, 'git', flags), Buffer.from('other'))).reason).toBe(
          'signature-bad',
        );
      }
    }
  });

  it('is good to neither with a byte changed', async () => {
    await tamper(makeAuthenticator(kind).sign(TEXT, 'git'));
  });
});

describe('we are stricter than ssh-keygen', () => {
  it('with certificates: ssh-certificate', async () => {
    const [authority, key] = [await keys.makeSshKey('carol'), await keys.makeSshKey('alice')];
    must(
      'ssh-keygen',
      await run('ssh-keygen', ['-q', '-s', authority.path, '-I', 'alice', `${key.path}.pub`]),
    );
    const armor = await keys.sshSign({ ...key, path: `${key.path}-cert.pub` }, TEXT, 'git');
    expect(await theirs(armor, TEXT, 'git')).not.toBeNull();
    expect((await ours(armor, TEXT, 'git')).reason).toBe('ssh-certificate');
  });

  it('with RSA below 2048 bits: weak-key', async () => {
    const key = await keys.makeSshKey('alice', { type: 'rsa', bits: 1024 });
    const armor = await keys.sshSign(key, TEXT, 'git');
    expect(await theirs(armor, TEXT, 'git')).not.toBeNull();
    expect((await ours(armor, TEXT, 'git')).reason).toBe('weak-key');
  });

  it('with text around the armor: signature-malformed', async () => {
    const armor = await keys.sshSign(await keys.makeSshKey('alice'), TEXT, 'git');
    const longer = Buffer.concat([Buffer.from(armor), Buffer.from('text\n')]);
    expect(await theirs(longer, TEXT, 'git')).not.toBeNull();
    expect((await ours(longer, TEXT, 'git')).reason).toBe('signature-malformed');
  });

  it('with bytes after the signature: trailing-bytes, where ssh-keygen agrees', async () => {
    const armor = await keys.sshSign(await keys.makeSshKey('alice'), TEXT, 'git');
    const longer = rearmored(armor, (blob) => Buffer.concat([blob, Buffer.from([0])]));
    expect((await compare(longer)).reason).toBe('trailing-bytes');
  });
});
