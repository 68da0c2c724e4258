import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { sshsig, sshsigMessage, string } from '../keys/authenticator.ts';
import { makeCommit, withSignature } from '../core/object/made.ts';

/**
 * Writes a repository with a line of many signed commits as one pack (gitformat-pack(5)), which git would take minutes to
 * make. Gives the id of the last one.
 *
 * @param message of each commit, after its number
 */
export function packCommits(directory: string, count: number, message = ''): string {
  execFileSync('git', ['init', '--quiet', '--initial-branch=master', directory]);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const key = Buffer.concat([string('ssh-ed25519'), string(raw)]);
  const folder = join(directory, '.git/objects/pack');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'made.pack');
  const file = openSync(path, 'w');
  const checksum = createHash('sha1');
  const write = (bytes: Uint8Array): void => {
    writeSync(file, bytes);
    checksum.update(bytes);
  };
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  write(header);
  let parents: readonly string[] = [];
  for (let number = 0; number < count; number += 1) {
    const plain = makeCommit({ parents, message: `${number}\n${message}`, at: 1_500_000_000 + number });
    const value = sign(null, sshsigMessage(plain, 'git'), privateKey);
    const armor = sshsig(key, 'git', Buffer.concat([string('ssh-ed25519'), string(value)]));
    const commit = withSignature(plain, armor);
    write(Buffer.concat([entryHeader(commit.length), deflateSync(commit, { level: 1 })]));
    parents = [createHash('sha1').update(`commit ${commit.length}\0`).update(commit).digest('hex')];
  }
  writeSync(file, checksum.digest());
  closeSync(file);
  execFileSync('git', ['-C', directory, 'index-pack', path]);
  const [tip = ''] = parents;
  execFileSync('git', ['-C', directory, 'update-ref', 'refs/heads/master', tip]);
  return tip;
}

/** Type 1 (commit) and size, 4 bits, then 7 a byte. */
function entryHeader(size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  bytes.push(0x10 | (size % 16) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    const next = Math.floor(rest / 128);
    bytes.push((rest % 128) | (next > 0 ? 0x80 : 0));
    rest = next;
  }
  return Buffer.from(bytes);
}
