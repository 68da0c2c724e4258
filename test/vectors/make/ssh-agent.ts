import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sshsig, string } from '../../keys/authenticator.ts';
import { checkSsh, must, openKeys, run } from '../../keys/keys.ts';
import type { SignatureVector } from '../vector.ts';
import { blobOf, goodBy } from './ssh-by-hand.ts';
import { vector } from './vectors.ts';

const BYTES = 256;

/**
 * An RSA signature of gpg-agent's, which speaks ssh-agent's protocol as well and leaves out the zeros that a number begins
 * with; and the same one with the zero put back. One in 256 is short: texts are tried until one is.
 */
export async function makeSshByAgent(): Promise<SignatureVector[]> {
  const keys = await openKeys();
  try {
    await writeFile(join(keys.home, 'gpg-agent.conf'), 'enable-ssh-support\n');
    must('gpg', await keys.gpg(['--quick-gen-key', 'alice', 'rsa2048', 'auth', 'never']));
    const listed = must('gpg', await keys.gpg(['--with-colons', '--with-keygrip', '--list-secret-keys']));
    const grip = /^grp:+([0-9A-F]{40}):/m.exec(listed.toString())?.[1] ?? '';
    await writeFile(join(keys.home, 'sshcontrol'), `${grip}\n`);
    const directories = ['--homedir', keys.home, '--list-dirs', 'agent-ssh-socket'];
    const socket = must('gpgconf', await run('gpgconf', directories)).toString().trim();
    const withAgent = (tool: string, args: readonly string[], input?: Uint8Array) =>
      run('env', [`SSH_AUTH_SOCK=${socket}`, tool, ...args], input);
    const publicKey = must('ssh-add', await withAgent('ssh-add', ['-L']))
      .toString()
      .trim();
    const path = await keys.writeTemporary(Buffer.from(`${publicKey}\n`));
    const key = blobOf(publicKey);
    for (let count = 1; ; count += 1) {
      const payload = Buffer.from(`tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\ntext ${count}\n`);
      const signed = await withAgent(
        'ssh-keygen',
        ['-q', '-Y', 'sign', '-n', 'git', '-f', path, '-U'],
        payload,
      );
      const armor = must('ssh-keygen', signed).toString();
      const blob = Buffer.from(armor.replace(/-----.*-----/g, ''), 'base64');
      const value = blob.subarray(blob.lastIndexOf(string('rsa-sha2-512')) + string('rsa-sha2-512').length + 4);
      if (value.length === BYTES) continue;
      const whole = Buffer.concat([Buffer.alloc(BYTES - value.length), value]);
      const padded = sshsig(key, 'git', Buffer.concat([string('rsa-sha2-512'), string(whole)]));
      for (const one of [armor, padded]) {
        must('ssh-keygen', await checkSsh(await keys.writeTemporary(Buffer.from(one)), payload, 'git'));
      }
      const made = 'gpg-agent 2.2.40, asked by ssh-keygen of OpenSSH 9.2p1';
      return [
        vector('gpg-agent: RSA, shorter than its modulus', made, { armor, payload }, goodBy(key)),
        vector(
          'gpg-agent: RSA, its zero put back',
          `${made}, then changed`,
          { armor: padded, payload },
          goodBy(key),
        ),
      ];
    }
  } finally {
    await keys.close();
  }
}
