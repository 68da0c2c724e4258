import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/core/policy/parse.ts';
import { parseSshPublicKey } from '../../src/core/signature/ssh-key.ts';
import { sshsig, string } from '../keys/authenticator.ts';
import { must, run, type Keys, type SshKey } from '../keys/keys.ts';
import { policyText } from '../fork/policy.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, pinnable, policyWith, reviewByHand } from './by-hand.ts';

const shared = useFork();

/** The certificate that `authority` issues for `key`, as a line of its `-cert.pub` file. */
async function certify(authority: SshKey, key: SshKey): Promise<string> {
  must(
    'ssh-keygen',
    await run('ssh-keygen', ['-q', '-s', authority.path, '-I', 'erin', '-n', 'erin', `${key.path}.pub`]),
  );
  return (await readFile(`${key.path}-cert.pub`, 'utf8')).trimEnd();
}

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64');

/** The signature of `key` over the bytes, in an SSHSIG that carries `carried` as its key. */
async function carrying(keys: Keys, key: SshKey, carried: Uint8Array, bytes: Uint8Array, namespace: string) {
  const armor = Buffer.from(await keys.sshSign(key, bytes, namespace)).toString();
  const own = Buffer.from(armor.split('\n').slice(1, -2).join(''), 'base64');
  return sshsig(
    carried,
    namespace,
    own.subarray(own.lastIndexOf(string('sha512')) + string('sha512').length + 4),
  );
}

describe.each(['ed25519', 'ecdsa', 'rsa'] as const)('row 36: an SSH certificate of an %s key', (type) => {
  test('is no key that signs, whoever issued it', async () => {
    const { fork } = shared;
    const { keys } = fork;
    const key = await keys.makeSshKey('erin', type === 'rsa' ? { type, bits: 2048 } : { type });
    const certificate = await certify(await keys.makeSshKey('authority'), key);
    const base = await policyWith(fork, { erin: key });
    // Without the certificate the very same construction counts.
    const plain = await commitByHand(fork, base, (bytes) =>
      carrying(keys, key, blobOf(key.publicKey), bytes, 'git'),
    );
    expect((await fork.verify(base, plain)).people.authors).toEqual(['erin']);

    const signed = await fork.verify(
      base,
      await commitByHand(fork, base, (bytes) => carrying(keys, key, blobOf(certificate), bytes, 'git')),
    );
    expect(aboutCommit(signed)).toMatchObject({
      code: 'commit-signature-unsupported',
      reason: 'ssh-certificate',
    });
    const head = await fork.commit({ as: 'alice', on: base });
    const sign = (bytes: Uint8Array) => carrying(keys, key, blobOf(certificate), bytes, 'countersign@v1');
    const reviewed = await fork.verify(base, head, [
      await reviewByHand(fork, { as: 'erin', base, head }, sign),
    ]);
    expect(aboutStatement(reviewed)).toMatchObject({
      code: 'statement-signature',
      reason: 'ssh-certificate',
    });
    expect([signed.people.authors, reviewed.people.approvers]).toEqual([[], []]);
  });

  test('is no pin', async () => {
    const { fork } = shared;
    const key = await fork.keys.makeSshKey('erin', type === 'rsa' ? { type, bits: 2048 } : { type });
    const certificate = await certify(await fork.keys.makeSshKey('authority'), key);
    const parsed = parsePolicy(
      Buffer.from(policyText(new Map([...fork.people, ['erin', pinnable('erin', certificate)] as const]))),
    );
    expect(!parsed.ok && parsed.diagnostics.map(({ code }) => code)).toEqual(['policy-key-unreadable']);
    // Nor with the label of an ordinary key before it.
    expect(parseSshPublicKey(`ssh-ed25519 ${certificate.split(' ')[1] ?? ''}`).ok).toBe(false);
  });
});

describe('row 36: an SSH key of a type that is not known', () => {
  const types = [
    'ssh-dss',
    'ssh-xmss@openssh.com',
    'ssh-ed448',
    'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
    'ssh-mldsa-65',
    'none',
    '',
  ];
  test.each(types)('`%s` is refused with a code', async (type) => {
    const { fork } = shared;
    const blob = Buffer.concat([string(type), string(Buffer.alloc(32, 7)), string('ssh:')]);
    const value = Buffer.concat([string(type), string(Buffer.alloc(64, 7)), Buffer.alloc(5)]);
    const base = await fork.setPolicy();
    const report = await fork.verify(base, await commitByHand(fork, base, () => sshsig(blob, 'git', value)));
    expect(aboutCommit(report)['code']).toBe('commit-signature-unsupported');
    const reason = type === 'ssh-dss' ? 'dsa-refused' : 'algorithm-unsupported';
    expect(aboutCommit(report)['reason']).toBe(reason);
    expect(parseSshPublicKey(`${type} ${blob.toString('base64')}`).ok).toBe(false);
  });
});
