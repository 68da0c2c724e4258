import { execFileSync } from 'node:child_process';
import type { Keys } from '../keys/keys.ts';
import type { Signer } from '../verdicts/make/signers.ts';

/** Keys that `ssh-keygen` and `gpg` of this machine make and sign with, for a history as people make it. */
export async function toolSigners(
  keys: Keys,
  kinds: Readonly<Record<string, 'ssh' | 'gpg'>>,
): Promise<ReadonlyMap<string, Signer>> {
  const signers = new Map<string, Signer>();
  for (const [name, kind] of Object.entries(kinds)) {
    signers.set(name, kind === 'ssh' ? await sshTool(keys, name) : await gpgTool(keys, name));
  }
  return signers;
}

async function sshTool(keys: Keys, name: string): Promise<Signer> {
  const key = await keys.makeSshKey(name);
  return {
    key,
    sign: (bytes, namespace) =>
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', key.path, '-n', namespace], {
        input: bytes,
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString(),
  };
}

async function gpgTool(keys: Keys, name: string): Promise<Signer> {
  const key = await keys.makeGpgKey(name);
  const quiet = [
    '--homedir',
    keys.home,
    '--batch',
    '--quiet',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
  ];
  const how = ['--local-user', key.fingerprint, '--armor', '--detach-sign', '--output', '-'];
  return {
    key,
    sign: (bytes) =>
      execFileSync('gpg', [...quiet, ...how], { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] }).toString(),
  };
}
