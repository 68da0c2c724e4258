import { chmod, copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { noKeys, type VerificationKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { readSigningSetup, signText, type SigningSetup } from '../../src/signing/configured.ts';
import { must, run } from '../keys/keys.ts';
import { machine } from './stage.ts';

const TEXT = 'countersign: review/v1\n';
const { keys, directory, configure, startAgent, program } = machine();

async function setup(where = directory()): Promise<SigningSetup> {
  const read = await readSigningSetup(where);
  if (!read.ok) throw new Error(`${read.trouble.code}: ${read.trouble.message}`);
  return read.setup;
}

/** Signs as the configuration says, and verifies what came of it. */
async function signer(known: VerificationKeys = noKeys, where = directory()): Promise<unknown> {
  const signed = await signText(await setup(where), TEXT);
  if (!signed.ok) return signed.trouble.code;
  const proof = await verifySignature(
    {
      payload: Buffer.from(TEXT),
      armor: Buffer.from(signed.armor),
      form: 'detached',
      namespace: 'countersign@v1',
    },
    known,
  );
  expect(proof.status).toBe('good');
  expect(signed.key).toBe(proof.key?.fingerprint);
  return proof.key?.kind === 'openpgp' ? proof.key.primary : proof.key?.blob;
}

async function trouble(): Promise<string> {
  const read = await readSigningSetup(directory());
  const signed = read.ok ? await signText(read.setup, TEXT) : read;
  if (signed.ok) throw new Error('it signed');
  const { code, message, next } = signed.trouble;
  // What a person reads: a sentence and a next step, as the house writes them.
  expect(message).toMatch(/^[a-z`].*[^.]$/);
  expect(next).toMatch(/^[a-z`].*[^.]$/);
  return code;
}

describe('git set up for SSH', () => {
  test('with the file of a public key, and of a private one', async () => {
    const alice = await keys().makeSshKey('alice');
    const blob = alice.publicKey.split(' ')[1];
    for (const path of [`${alice.path}.pub`, alice.path]) {
      await configure({ 'gpg.format': 'ssh', 'user.signingkey': path });
      expect(await signer()).toBe(blob);
    }
    expect((await readdir(keys().home)).filter((name) => name.endsWith('.sig'))).toEqual([]);
  });

  test('with a path from home, and one from the top of the work tree', async () => {
    const alice = await keys().makeSshKey('alice');
    const blob = alice.publicKey.split(' ')[1];
    const below = join(directory(), 'a', 'b');
    await mkdir(below, { recursive: true });
    await copyFile(alice.path, join(directory(), 'key'));
    await chmod(join(directory(), 'key'), 0o600);
    process.env['HOME'] = directory();
    for (const path of ['~/key', 'key', './key']) {
      await configure({ 'gpg.format': 'ssh', 'user.signingkey': path });
      expect(await signer(noKeys, below)).toBe(blob);
    }
  });

  test('with a key that only the agent has: its line, its `.pub` file, and the command that asks for it', async () => {
    const bob = await keys().makeSshKey('bob');
    const blob = bob.publicKey.split(' ')[1];
    const away = `${bob.path}.away`;
    await rename(bob.path, away);
    for (const settings of [
      { 'user.signingkey': `key::${bob.publicKey}` },
      { 'user.signingkey': bob.publicKey },
      { 'user.signingkey': `${bob.path}.pub` },
      { 'gpg.ssh.defaultKeyCommand': 'ssh-add -L' },
    ]) {
      await configure({ 'gpg.format': 'ssh', ...settings });
      await startAgent(away);
      expect(await signer()).toBe(blob);
    }
  });

  test('with another program, called as git calls it', async () => {
    const carol = await keys().makeSshKey('carol');
    const other = await program('op-ssh-sign', `echo "$*" >"$0.args"; exec ssh-keygen -q "$@"`);
    await configure({
      'gpg.format': 'ssh',
      'gpg.ssh.program': other,
      'user.signingkey': `${carol.path}.pub`,
    });
    expect(await signer()).toBe(carol.publicKey.split(' ')[1]);
    expect((await run('cat', [`${other}.args`])).stdout.toString()).toMatch(
      /^-Y sign -n countersign@v1 -f \S+\.pub \S+\/text\n$/,
    );
  });

  test('and the signature is for countersign, not for commits', async () => {
    const dave = await keys().makeSshKey('dave');
    await configure({ 'gpg.format': 'ssh', 'user.signingkey': dave.path });
    const signed = await signText(await setup(), TEXT);
    const armor = Buffer.from(signed.ok ? signed.armor : '');
    const claim = { payload: Buffer.from(TEXT), armor, form: 'detached' } as const;
    expect(await verifySignature({ ...claim, namespace: 'git' }, noKeys)).toMatchObject({
      reason: 'wrong-namespace',
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['no key', {}, 'no-key'],
    ['a key that is none', { 'user.signingkey': 'key::nothing' }, 'key-malformed'],
    [
      'a key with a line break',
      { 'user.signingkey': `key::ssh-ed25519 ${'A'.repeat(68)}\nx` },
      'key-malformed',
    ],
    ['a file that is not there', { 'user.signingkey': '/nonexistent/id.pub' }, 'key-file-missing'],
    ['a command that fails', { 'gpg.ssh.defaultKeyCommand': 'false' }, 'key-command-failed'],
    ['a command that prints no key', { 'gpg.ssh.defaultKeyCommand': 'echo hello' }, 'key-command-failed'],
    ['a command that is not there', { 'gpg.ssh.defaultKeyCommand': '/nonexistent' }, 'key-command-failed'],
    ['a command with an open quote', { 'gpg.ssh.defaultKeyCommand': "echo 'x" }, 'key-command-failed'],
    [
      'a program that is not there',
      { 'gpg.ssh.program': '/nonexistent/keygen', 'user.signingkey': '/dev/null' },
      'tool-missing',
    ],
    ['a file that is no key', { 'user.signingkey': '/dev/null' }, 'ssh-agent-missing'],
  ])('%s is named, with a next step', async (_name, settings, code) => {
    await configure({ 'gpg.format': 'ssh', ...settings });
    expect(await trouble()).toBe(code);
  });

  test('a missing agent, an agent without the key, and one that refuses are told apart', async () => {
    const erin = await keys().makeSshKey('erin');
    const away = `${erin.path}.away`;
    await rename(erin.path, away);
    await configure({ 'gpg.format': 'ssh', 'user.signingkey': `key::${erin.publicKey}` });
    expect(await trouble()).toBe('ssh-agent-missing');
    await startAgent();
    expect(await trouble()).toBe('agent-lacks-key');
    // `-c`: the agent is to ask first, and here nobody can answer.
    process.env['SSH_ASKPASS'] = 'false';
    must('ssh-add', await run('ssh-add', ['-q', '-c', away]));
    expect(await trouble()).toBe('tool-failed');
  });
});

describe('git set up for OpenPGP', () => {
  test('with a fingerprint, a key id, an address, one subkey, and none at all', async () => {
    const alice = await keys().makeGpgKey('alice', { signingSubkeys: ['ed25519', 'nistp256'] });
    await keys().makeGpgKey('mallory');
    const { keys: known } = await openKeyring([{ path: 'alice.asc', bytes: alice.certificate }]);
    const ident = await keys().gpg(['--list-keys', '--with-colons', alice.fingerprint]);
    const uid = /^uid:(?:[^:]*:){8}([^:]*):/m.exec(ident.stdout.toString())?.[1] ?? '';
    const [, name = uid, address = uid] = /^(.*?) ?<(.*)>$/.exec(uid) ?? [];
    const subkey = alice.fingerprints[1] ?? '';
    for (const settings of [
      { 'user.signingkey': alice.fingerprint },
      { 'user.signingkey': alice.fingerprint.slice(-16) },
      { 'user.signingkey': `${subkey}!` },
      { 'user.signingkey': uid },
      // git signs as the committer then.
      { 'user.name': name, 'user.email': address },
    ]) {
      await configure(settings);
      expect(await signer(known)).toBe(alice.fingerprint);
    }
  });

  test("with nothing at all, not even a committer, by gpg's own default key", async () => {
    const bob = await keys().makeGpgKey('bob');
    await writeFile(join(keys().home, 'gpg.conf'), `default-key ${bob.fingerprint}\n`);
    const { keys: known } = await openKeyring([{ path: 'bob.asc', bytes: bob.certificate }]);
    await configure({ 'user.useConfigOnly': 'true' });
    expect((await setup()).format === 'openpgp' && (await setup())).toMatchObject({ user: null });
    expect(await signer(known)).toBe(bob.fingerprint);
    await rm(join(keys().home, 'gpg.conf'));
  });

  test('with another program, under both names of the setting, the last one counting', async () => {
    const carol = await keys().makeGpgKey('carol');
    const { keys: known } = await openKeyring([{ path: 'carol.asc', bytes: carol.certificate }]);
    const other = await program('gpg-wrapper', `echo "$*" >"$0.args"; exec gpg "$@"`);
    for (const settings of [
      { 'gpg.openpgp.program': '/nonexistent', 'gpg.program': other },
      { 'gpg.program': '/nonexistent', 'gpg.openpgp.program': other },
    ]) {
      await configure({ ...settings, 'user.signingkey': carol.fingerprint });
      expect(await signer(known)).toBe(carol.fingerprint);
    }
    expect((await run('cat', [`${other}.args`])).stdout.toString()).toBe(
      `--status-fd=3 -bsau ${carol.fingerprint}\n`,
    );
  });

  test('a signature that would not count is refused before anybody sees it', async () => {
    const dave = await keys().makeGpgKey('dave');
    const wrapper = (options: string) => program('weak', `exec gpg ${options} "$@"`);
    for (const options of ['--textmode', '--digest-algo SHA1 --weak-digest MD5']) {
      await configure({ 'gpg.program': await wrapper(options), 'user.signingkey': dave.fingerprint });
      expect(await trouble()).toBe('signature-refused');
    }
    await configure({ 'gpg.program': await program('mute', 'exit 0') });
    expect(await trouble()).toBe('tool-failed');
    await configure({ 'gpg.program': await program('liar', 'cat >/dev/null; echo signed') });
    expect(await trouble()).toBe('signature-refused');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a key that is not there', { 'user.signingkey': 'A'.repeat(40) }, 'secret-key-missing'],
    ['a committer without key', { 'user.name': 'x', 'user.email': 'x@example.org' }, 'secret-key-missing'],
    ['a program that is not there', { 'gpg.program': '/nonexistent/gpg' }, 'tool-missing'],
    ['X.509', { 'gpg.format': 'x509' }, 'format-unsupported'],
    ['a format of another git', { 'gpg.format': 'sigstore' }, 'format-unsupported'],
    ['a key that looks like an option', { 'user.signingkey': '--version' }, 'secret-key-missing'],
  ])('%s is named, with a next step', async (_name, settings, code) => {
    await configure(settings);
    expect(await trouble()).toBe(code);
  });

  test('an expired key is named', async () => {
    const old = await keys().makeGpgKey('erin', { at: '20200101T000000', expires: '1y' });
    await configure({ 'user.signingkey': old.fingerprint });
    expect(await trouble()).toBe('key-unusable');
  });

  test('a passphrase that is not given, a wrong one, and nobody to ask are told apart', async () => {
    const home = join(keys().home, 'p');
    await mkdir(home, { mode: 0o700 });
    const secret = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', 'secret'];
    must('gpg', await run('gpg', [...secret, '--quick-gen-key', 'frank', 'ed25519', 'sign', 'never']));
    await configure({ 'user.signingkey': 'frank' });
    process.env['GNUPGHOME'] = home;
    delete process.env['GPG_TTY'];
    const asking = (name: string, answer: string) =>
      program(
        name,
        `echo OK; while read -r word rest; do case $word in GETPIN) ${answer};; BYE) echo OK; exit;; *) echo OK;; esac; done`,
      );
    try {
      for (const [pinentry, code] of [
        [await asking('cancelling', 'echo "ERR 83886179 cancelled"'), 'cancelled'],
        [await asking('mistaken', 'echo "D wrong"; echo OK'), 'passphrase-wrong'],
        ['/nonexistent/pinentry', 'pinentry-missing'],
      ] as const) {
        await writeFile(join(home, 'gpg-agent.conf'), `pinentry-program ${pinentry}\n`);
        must('gpgconf', await run('gpgconf', ['--homedir', home, '--kill', 'all']));
        expect(await trouble()).toBe(code);
      }
    } finally {
      await run('gpgconf', ['--homedir', home, '--kill', 'all']);
    }
  });

  test('without git nothing is known', async () => {
    await configure({});
    process.env['PATH'] = keys().home;
    expect(await trouble()).toBe('git-missing');
  });
});
