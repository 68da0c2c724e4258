import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { armorSsh, makeAuthenticator } from '../../keys/authenticator.ts';
import { checkSsh, openKeys } from '../../keys/keys.ts';
import type { Keys, SshKey, SshKeyOptions } from '../../keys/keys.ts';

const TEXT = Buffer.from('text to sign\n');
const TYPES: readonly (readonly [string, SshKeyOptions])[] = [
  ['ssh-ed25519', { type: 'ed25519' }],
  ['ssh-rsa', { type: 'rsa', bits: 2048 }],
  ['ecdsa-sha2-nistp256', { type: 'ecdsa', bits: 256 }],
  ['ecdsa-sha2-nistp384', { type: 'ecdsa', bits: 384 }],
  ['ecdsa-sha2-nistp521', { type: 'ecdsa', bits: 521 }],
];

let keys: Keys;
let people: ReadonlyMap<string, SshKey>;
beforeAll(async () => {
  keys = await openKeys();
  const made = TYPES.map(async ([type, options]) => [type, await keys.makeSshKey('alice', options)] as const);
  people = new Map(await Promise.all(made));
});
afterAll(() => keys.close());

function person(type: string): SshKey {
  const key = people.get(type);
  if (key === undefined) throw new Error(type);
  return key;
}

function verify(
  armor: Uint8Array,
  payload: Uint8Array = TEXT,
  form: 'detached' | 'cleartext' = 'detached',
): Promise<Proof> {
  return verifySignature({ payload, armor, form, namespace: 'git' }, noKeys);
}

/** What ssh-keygen says: the fingerprint of a good signature's key, or null. */
async function sshSays(armor: Uint8Array, payload: Uint8Array): Promise<string | null> {
  const { code, stdout } = await checkSsh(await keys.writeTemporary(armor), payload, 'git');
  return code === 0 ? (/(SHA256:\S+)/.exec(stdout.toString())?.[1] ?? null) : null;
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}

function decode(armor: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(armor)
      .toString()
      .replace(/-----[^\n]*-----/g, '')
      .replaceAll('\n', ''),
    'base64',
  );
}

describe('SSH signatures agree with ssh-keygen', () => {
  it.each(TYPES.map(([type]) => type))('%s verifies over its own text only', async (type) => {
    for (const args of [[], ['-O', 'hashalg=sha256']]) {
      const armor = await keys.sshSign(person(type), TEXT, 'git', args);
      const fingerprint = await sshSays(armor, TEXT);
      const blob = blobOf(person(type).publicKey).toString('base64');
      expect(await verify(armor)).toEqual({
        kind: 'ssh',
        status: 'good',
        reason: null,
        key: { kind: 'ssh', type, blob, fingerprint },
        issuer: null,
        presence: null,
        claimedAt: null,
        expiresAt: null,
      });
      const other = Buffer.from('other');
      expect(await verify(armor, other)).toMatchObject({ status: 'bad', reason: 'signature-bad' });
      expect(await sshSays(armor, other)).toBeNull();
    }
  });

  it('verifies a hundred signatures of each curve, short numbers among them', async () => {
    const signatures = Array.from({ length: 100 }, async (_, index) => {
      const bytes = Buffer.from(`text ${index}`);
      return verify(await keys.sshSign(person('ecdsa-sha2-nistp256'), bytes, 'git'), bytes);
    });
    expect((await Promise.all(signatures)).filter(({ status }) => status !== 'good')).toEqual([]);
  });

  it('in what is no armor: nothing is read that it does not read', async () => {
    const text = Buffer.from(await keys.sshSign(person('ssh-ed25519'), TEXT, 'git')).toString();
    const [first = '', second = ''] = text.split('\n');
    const last = '-----END SSH SIGNATURE-----';
    const variants: Readonly<Record<string, string>> = {
      'as it is': text,
      'a blank after the first line': text.replace(first, `${first} `),
      'a tab after the first line': text.replace(first, `${first}\t`),
      'CR after the first line': text.replace(first, `${first}\r`),
      'CR LF everywhere': text.replaceAll('\n', '\r\n'),
      'an empty line before': `\n${text}`,
      'a blank before': ` ${text}`,
      'CR before': `\r${text}`,
      'a byte order mark before': `\ufeff${text}`,
      'another label': text.replace('BEGIN SSH', 'BEGIN OPENSSH'),
      'a blank within': text.replace(second, `${second} `),
      'CR within': text.replace(second, `${second}\r`),
      'an empty line within': text.replace(second, `${second}\n`),
      'an empty line before the last': text.replace(last, `\n${last}`),
      'a blank after the last line': text.replace(last, `${last} `),
      'CR after the last line': text.replace(last, `${last}\r`),
      'text after the last line': `${text}text\n`,
      'no last line end': text.trimEnd(),
      'the last line in the line before': text.replace(`\n${last}`, last),
    };
    const read: string[] = [];
    for (const [what, armor] of Object.entries(variants)) {
      const bytes = Buffer.from(armor);
      const ours = (await verify(bytes)).status;
      const theirs = (await sshSays(bytes, TEXT)) !== null;
      if (ours === 'good') read.push(what);
      if (!theirs) expect([what, ours]).toEqual([what, 'malformed']);
    }
    expect(read).toEqual([
      'as it is',
      'a blank within',
      'CR within',
      'a blank after the last line',
      'CR after the last line',
      'no last line end',
    ]);
  });

  it.each(['ed25519', 'p256'] as const)('sk %s says whether the person was there', async (kind) => {
    const authenticator = makeAuthenticator(kind);
    for (const [flags, touched, verified] of [
      [0x00, false, false],
      [0x01, true, false],
      [0x04, false, true],
      [0x05, true, true],
    ] as const) {
      const armor = authenticator.sign(TEXT, 'git', flags);
      const proof = await verify(armor);
      expect(proof).toMatchObject({ status: 'good', presence: { touched, verified } });
      expect(await sshSays(armor, TEXT)).toBe(proof.key?.fingerprint);
      expect(await verify(armor, Buffer.from('other'))).toMatchObject({ status: 'bad', presence: null });
    }
  });

  it.each(['ed25519', 'p256'] as const)(
    'sk %s does not let flags, counter or application be changed',
    async (kind) => {
      const blob = decode(makeAuthenticator(kind).sign(TEXT, 'git', 0x00));
      for (const [from, change] of [
        [5, 0x01],
        [1, 0x01],
      ] as const) {
        const changed = Buffer.from(blob);
        changed.writeUInt8(changed.readUInt8(changed.length - from) ^ change, changed.length - from);
        expect(await verify(armorSsh(changed))).toMatchObject({ status: 'bad', reason: 'signature-bad' });
        expect(await sshSays(armorSsh(changed), TEXT)).toBeNull();
      }
      const renamed = Buffer.from(blob.toString('latin1').replace('ssh:', 'ssH:'), 'latin1');
      expect(await verify(armorSsh(renamed))).toMatchObject({ status: 'bad', reason: 'signature-bad' });
    },
  );
});
