import { createHash } from 'node:crypto';
import { parseSshKeyBlob, parseSshPublicKey } from '../src/core/signature/ssh-key.ts';
import { parseSshSignature } from '../src/core/signature/sshsig.ts';
import { string } from '../test/keys/authenticator.ts';
import { keysOf, type Specimen } from '../test/properties/specimen.ts';
import { must, orRefusal, same } from '../test/properties/violation.ts';
import type { Target } from './target.ts';

/** The parsers of SSH keys and signatures. */
export function sshTargets(ssh: readonly Specimen[]): Target[] {
  return [
    { name: 'ssh-key-blob', seeds: keysOf(ssh), words: SSH_NAMES, run: runKeyBlob },
    {
      name: 'ssh-public-key',
      seeds: keysOf(ssh).map((key) => Buffer.from(publicLine(key))),
      words: SSH_NAMES,
      run: runPublicKey,
    },
    {
      name: 'ssh-signature',
      seeds: ssh.map(({ signature }) => signature),
      words: SSH_NAMES,
      run: runSshSignature,
    },
  ];
}

export const SSH_NAMES = [
  'ssh-ed25519',
  'ssh-rsa',
  'rsa-sha2-256',
  'rsa-sha2-512',
  'ecdsa-sha2-nistp256',
  'nistp256',
  'nistp384',
  'sk-ssh-ed25519@openssh.com',
  'ssh-ed25519-cert-v01@openssh.com',
  'sha256',
  'sha512',
  'sha1',
  'SSHSIG',
  'ssh:',
  'git',
  '\0\0\0\0',
  '\0\0\0\x01',
];

function publicLine(blob: Buffer): string {
  return `${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString()} ${blob.toString('base64')} comment`;
}

function runKeyBlob(input: Buffer): void {
  const parsed = orRefusal(() => parseSshKeyBlob(input));
  if (parsed === null) return;
  must(Buffer.from(parsed.named.blob, 'base64').equals(input), 'a key that is not its blob');
  const digest = createHash('sha256').update(input).digest('base64').replace('=', '');
  must(parsed.named.fingerprint === `SHA256:${digest}`, 'a fingerprint that is not computed from the blob');
  const again = parseSshPublicKey(`${parsed.named.type} ${parsed.named.blob}`);
  must(
    again.ok && again.key.material === parsed.named.material,
    'a key that is another when it is read again',
  );
  must(
    (parsed.application !== null) === parsed.named.sk,
    'an application without a security key, or the reverse',
  );
}

function runPublicKey(input: Buffer): void {
  const text = input.toString('latin1');
  const parsed = parseSshPublicKey(text);
  if (!parsed.ok) {
    must(parsed.reason.length > 0 && parsed.reason.length < 300, 'a refusal without a reason');
    return;
  }
  must(text.includes(parsed.key.blob), 'a key that does not stand in the line');
  const again = parseSshPublicKey(`${parsed.key.type} ${parsed.key.blob}`);
  must(again.ok && JSON.stringify(again.key) === JSON.stringify(parsed.key), 'a key that changed');
}

function runSshSignature(input: Buffer): void {
  const signature = orRefusal(() => parseSshSignature(input));
  if (signature === null) return;
  const { signer, namespace, hash, algorithm, value, authenticator } = signature;
  const extra = authenticator === null ? [] : [Uint8Array.of(authenticator.flags), authenticator.counter];
  const whole = Buffer.concat([
    Buffer.from('SSHSIG\0\0\0\x01'),
    string(Buffer.from(signer.named.blob, 'base64')),
    string(Buffer.from(namespace, 'latin1')),
    string(''),
    string(hash),
    string(Buffer.concat([string(algorithm), string(value), ...extra])),
  ]);
  must(same(whole, input), 'a signature whose parts are not the whole');
}
