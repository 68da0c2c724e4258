import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Real keys for tests and the demo, made by the gpg and ssh-keygen of this machine: `openKeys()` makes one short
 * GNUPGHOME, `close()` ends its agent and removes it.
 *
 *     const keys = await openKeys();
 *     const alice = await keys.makeGpgKey('alice');                  // Ed25519 primary key that signs
 *     const bob = await keys.makeSshKey('bob');                      // ssh-ed25519
 *     await keys.signDetached(alice, bytes);                         // armored OpenPGP signature
 *     await keys.clearsign(alice, 'text\n');                         // the whole clear-signed frame
 *     await keys.sshSign(bob, bytes, 'git');                         // armored SSHSIG
 *     await keys.close();
 */
export interface Keys {
  /** GNUPGHOME; SSH keys lie beside its files. */
  readonly home: string;
  /** Makes a person's key without passphrase. Calls may be made side by side; they take turns at the keyring. */
  makeGpgKey(name: string, options?: GpgKeyOptions): Promise<GpgKey>;
  makeSshKey(name: string, options?: SshKeyOptions): Promise<SshKey>;
  /** `gpg --detach-sign --armor` over `bytes`; `args` go before it (`['--digest-algo', 'SHA1']`, `['--textmode']`). */
  signDetached(key: GpgKey | string, bytes: Uint8Array, args?: readonly string[]): Promise<Uint8Array>;
  /** `gpg --clearsign` of `text`: frame and signature. */
  clearsign(key: GpgKey | string, text: string | Uint8Array, args?: readonly string[]): Promise<string>;
  /** `ssh-keygen -Y sign` over `bytes`; `args` such as `['-O', 'hashalg=sha256']`. */
  sshSign(key: SshKey, bytes: Uint8Array, namespace: string, args?: readonly string[]): Promise<Uint8Array>;
  /** Armored certificate as it is now: again after a key was prolonged or revoked with `gpg`. */
  exportCertificate(fingerprint: string): Promise<Uint8Array>;
  /** Runs gpg in this home. Never rejects because of an exit code: look at `code`. */
  gpg(args: readonly string[], input?: Uint8Array): Promise<Ran>;
  /** A new file in the home, for tools that take only files. */
  writeTemporary(bytes: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

export type GpgAlgorithm =
  | 'default'
  | 'ed25519'
  | 'rsa1024'
  | 'rsa2048'
  | 'rsa3072'
  | 'nistp256'
  | 'nistp384'
  | 'nistp521'
  | 'dsa2048'
  | 'brainpoolP256r1';

export interface GpgKeyOptions {
  /** Default `ed25519`. `default` is gpg's own default with an encryption subkey. */
  readonly algorithm?: GpgAlgorithm;
  /** Of the primary key. Default `sign,cert`; `default` algorithm ignores it. */
  readonly usage?: 'sign,cert' | 'cert';
  /** Signing subkeys to add, by algorithm. */
  readonly signingSubkeys?: readonly GpgAlgorithm[];
  /** gpg's notation: `never` (default), `2y`, `seconds=1`, ISO date. */
  readonly expires?: string;
  /** When gpg is to believe that the key is made: `20200101T000000`. */
  readonly at?: string;
  /** More options for gpg: `['--cert-digest-algo', 'SHA1']`. */
  readonly args?: readonly string[];
}

export interface GpgKey {
  readonly kind: 'openpgp';
  readonly name: string;
  /** Of the primary key, upper-case hex: what a policy pins. */
  readonly fingerprint: string;
  /** All keys of the certificate, primary first. */
  readonly fingerprints: readonly string[];
  /** Armored, as it was right after its making. */
  readonly certificate: Uint8Array;
}

export interface SshKeyOptions {
  readonly type?: 'ed25519' | 'rsa' | 'ecdsa';
  readonly bits?: number;
}

export interface SshKey {
  readonly kind: 'ssh';
  readonly name: string;
  /** Path of the private key; `.pub` beside it. */
  readonly path: string;
  /** `type blob comment`, without line end. */
  readonly publicKey: string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Nobody's own settings are to change what a test sees. */
const PLAIN = { LC_ALL: 'C', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const BATCH = ['--batch', '--yes', '--no-tty', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];

/** For a subkey gpg takes the bare name of a NIST curve for an encryption key. */
const SUBKEY_NAMES: Readonly<Partial<Record<GpgAlgorithm, string>>> = {
  nistp256: 'nistp256/ecdsa',
  nistp384: 'nistp384/ecdsa',
  nistp521: 'nistp521/ecdsa',
};

export async function openKeys(): Promise<Keys> {
  const home = await mkdtemp(join(tmpdir(), 'ck-'));
  let count = 0;
  const temporary = () => join(home, `t${(count += 1)}`);
  const start = (args: readonly string[], input?: Uint8Array) =>
    run('gpg', ['--homedir', home, ...BATCH, ...args], input);
  // Two gpgs that write one keyring at once spoil it: whatever may write waits for its turn, signing for what was begun.
  let begun: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = begun.then(work);
    begun = result.catch(() => undefined);
    return result;
  };
  const gpg = (args: readonly string[], input?: Uint8Array) => inTurn(() => start(args, input));
  const startSigning = async (args: readonly string[], input: Uint8Array) => {
    await begun;
    return must('gpg', await start(args, input));
  };
  const mustGpg = async (args: readonly string[]) => must('gpg', await gpg(args));
  const exportCertificate = (fingerprint: string) => mustGpg(['--armor', '--export', fingerprint]);
  const writeTemporary = async (bytes: Uint8Array) => {
    const path = temporary();
    await writeFile(path, bytes);
    return path;
  };

  return {
    home,
    gpg,
    exportCertificate,
    writeTemporary,
    async makeGpgKey(
      name,
      {
        algorithm = 'ed25519',
        usage = 'sign,cert',
        signingSubkeys = [],
        expires = 'never',
        at,
        args = [],
      } = {},
    ) {
      const clock = [...args, ...(at === undefined ? [] : ['--faked-system-time', `${at}!`])];
      const made = await gpg([
        ...clock,
        '--status-fd',
        '1',
        '--quick-gen-key',
        `${name} <${name}@example.org>`,
        algorithm,
        algorithm === 'default' ? 'default' : usage,
        expires,
      ]);
      const fingerprint = /KEY_CREATED \S+ ([0-9A-F]{40})/.exec(must('gpg', made).toString())?.[1];
      if (fingerprint === undefined) throw new Error(`gpg made no key: ${made.stderr}`);
      for (const subkey of signingSubkeys) {
        await mustGpg([
          ...clock,
          '--quick-add-key',
          fingerprint,
          SUBKEY_NAMES[subkey] ?? subkey,
          'sign',
          expires,
        ]);
      }
      const listed = await mustGpg([
        '--with-colons',
        '--with-subkey-fingerprint',
        '--list-keys',
        fingerprint,
      ]);
      const fingerprints = [...listed.toString().matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map(
        (match) => match[1] ?? '',
      );
      return {
        kind: 'openpgp',
        name,
        fingerprint,
        fingerprints,
        certificate: await exportCertificate(fingerprint),
      };
    },
    async makeSshKey(name, { type = 'ed25519', bits } = {}) {
      const path = temporary();
      const size = bits === undefined ? [] : ['-b', String(bits)];
      must(
        'ssh-keygen',
        await run('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', name, '-f', path]),
      );
      const publicKey = (await readFile(`${path}.pub`, 'utf8')).trimEnd();
      return { kind: 'ssh', name, path, publicKey };
    },
    signDetached: (key, bytes, args = []) =>
      startSigning(
        [...args, '--local-user', signer(key), '--armor', '--detach-sign', '--output', '-'],
        bytes,
      ),
    async clearsign(key, text, args = []) {
      const signed = await startSigning(
        [...args, '--local-user', signer(key), '--clearsign', '--output', '-'],
        typeof text === 'string' ? Buffer.from(text) : text,
      );
      return signed.toString();
    },
    async sshSign(key, bytes, namespace, args = []) {
      const signed = await run(
        'ssh-keygen',
        ['-q', '-Y', 'sign', '-f', key.path, '-n', namespace, ...args],
        bytes,
      );
      return must('ssh-keygen', signed);
    },
    async close() {
      await run('gpgconf', ['--homedir', home, '--kill', 'all']);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A `!` keeps gpg from choosing another subkey than the one that was named. */
function signer(key: GpgKey | string): string {
  return typeof key === 'string' ? `${key}!` : key.fingerprint;
}

/** `ssh-keygen -Y check-novalidate`: what the standard tool says of an SSHSIG. */
export function checkSsh(signaturePath: string, bytes: Uint8Array, namespace: string): Promise<Ran> {
  return run('ssh-keygen', ['-Y', 'check-novalidate', '-n', namespace, '-s', signaturePath], bytes);
}

/** Standard output of a run that must have succeeded. */
export function must(tool: string, ran: Ran): Buffer {
  if (ran.code !== 0) throw new Error(`${tool} ended with ${ran.code}: ${ran.stderr}`);
  return ran.stdout;
}

/** Runs a tool without a shell, `input` on its standard input. */
export function run(tool: string, args: readonly string[], input?: Uint8Array): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...PLAIN },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
    });
    // A tool that refuses early closes its input: that is no error of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
