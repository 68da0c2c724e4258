import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, type ToolOptions, type ToolRun } from './tool.ts';

/** Why a tool made no signature. `tool-failed`: what it said on the terminal is all that is known. */
export type ToolProblem =
  | 'tool-missing'
  | 'tool-failed'
  | 'cancelled'
  | 'passphrase-wrong'
  | 'pinentry-missing'
  | 'secret-key-missing'
  | 'key-unusable'
  | 'card-missing'
  | 'gpg-agent-missing';

export type Signed =
  | { readonly ok: true; readonly armor: string }
  | { readonly ok: false; readonly tool: 'gpg' | 'ssh-keygen'; readonly problem: ToolProblem };

/** Text mode and SHA-1 would not count, whatever the person's configuration chooses. */
const FORM = ['--no-textmode', '--digest-algo', 'SHA512'];

/**
 * An armored, detached OpenPGP signature by one key of the person's own gpg, over exactly these bytes. Their configuration
 * may choose what it likes but the hash and the type.
 *
 * @param fingerprint whole, of the very key or subkey that is to sign
 */
export async function signWithGpg(text: Uint8Array, fingerprint: string): Promise<Signed> {
  return signAsUser(text, `${fingerprint}!`);
}

/**
 * The same as whoever gpg takes for `user`: a fingerprint, a key id, a user id. `null`: gpg's own default key. The text
 * comes in a file, which leaves the terminal to a pinentry that looks for it on standard input.
 */
export async function signAsUser(text: Uint8Array, user: string | null): Promise<Signed> {
  return withFile(text, async (path) => {
    const signer = user === null ? [] : ['--local-user', user];
    const args = ['--status-fd', '3', '--armor', ...FORM, '--output', '-', ...signer, '--detach-sign'];
    return outcomeOfGpg(await runTool('gpg', [...args, '--', path], { status: true }));
  });
}

/**
 * The same through a program that stands in for gpg (`gpg.program`), called exactly as git calls it (gpg-interface.c,
 * `sign_buffer_gpg`): such programs often know no other options, and no files of ours. What it signs in text mode or with
 * a weak hash is for the caller to refuse.
 */
export async function signWithProgram(
  text: Uint8Array,
  program: string,
  user: string | null,
  directory: string,
): Promise<Signed> {
  const args = ['--status-fd=3', ...(user === null ? ['-bsa'] : ['-bsau', user])];
  return outcomeOfGpg(await runTool(program, args, { input: text, directory, status: true }));
}

/** Where an SSH key is: a file, private or public, or a line such as a `.pub` file has. */
export type SshKeyPlace =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'line'; readonly line: string };

/**
 * An armored SSH signature in a namespace, over exactly these bytes, through ssh-keygen or what stands in for it
 * (`gpg.ssh.program`), called as git calls it (gpg-interface.c, `sign_buffer_ssh`). For a public key in a file ssh-keygen
 * looks in the agent, then beside it (`id` for `id.pub`); for a line only an agent can have the private key. A security key
 * asks for its touch on the terminal.
 */
export async function signWithSshKey(
  text: Uint8Array,
  namespace: string,
  key: SshKeyPlace,
  program = 'ssh-keygen',
  directory?: string,
): Promise<Signed> {
  return withFolder(async (folder) => {
    const path = join(folder, 'text');
    const publicKey = join(folder, 'key');
    await writeFile(path, text, { mode: 0o600 });
    if (key.kind === 'line') await writeFile(publicKey, `${key.line}\n`, { mode: 0o600 });
    const which = key.kind === 'file' ? ['-f', key.path] : ['-f', publicKey, '-U'];
    const options: ToolOptions = directory === undefined ? {} : { directory };
    const quiet = program === 'ssh-keygen' ? ['-q'] : [];
    const ran = await runTool(program, [...quiet, '-Y', 'sign', '-n', namespace, ...which, path], options);
    if (!ran.started) return { ok: false, tool: 'ssh-keygen', problem: 'tool-missing' };
    const armor = ran.code === 0 ? await readFile(`${path}.sig`, 'latin1').catch(() => '') : '';
    return armor === '' ? { ok: false, tool: 'ssh-keygen', problem: 'tool-failed' } : { ok: true, armor };
  });
}

/** @param publicKey path of the `.pub` file */
export async function signWithSsh(text: Uint8Array, namespace: string, publicKey: string): Promise<Signed> {
  return signWithSshKey(text, namespace, { kind: 'file', path: publicKey });
}

/** The same for a public key that lies in no file of its own: only an agent can have it. */
export async function signWithAgent(text: Uint8Array, namespace: string, publicKey: string): Promise<Signed> {
  return signWithSshKey(text, namespace, { kind: 'line', line: publicKey });
}

/** The low 16 bits of a gpg-error code (libgpg-error, err-codes.h), as `FAILURE sign` gives it (GnuPG doc/DETAILS). */
const GPG_ERRORS: Readonly<Record<number, ToolProblem>> = {
  11: 'passphrase-wrong',
  17: 'secret-key-missing',
  54: 'key-unusable',
  62: 'cancelled',
  77: 'gpg-agent-missing',
  85: 'pinentry-missing',
  86: 'pinentry-missing',
  87: 'passphrase-wrong',
  99: 'cancelled',
  108: 'card-missing',
  110: 'card-missing',
  112: 'card-missing',
  119: 'card-missing',
  120: 'card-missing',
  198: 'cancelled',
  // The system's ENOTTY (0x8000 + 102): a pinentry that found no terminal.
  32_870: 'pinentry-missing',
};

function outcomeOfGpg(ran: ToolRun): Signed {
  if (!ran.started) return { ok: false, tool: 'gpg', problem: 'tool-missing' };
  if (ran.code === 0 && ran.stdout.length > 0) {
    return { ok: true, armor: new TextDecoder('latin1').decode(ran.stdout) };
  }
  const code = /^\[GNUPG:\] FAILURE sign (\d{1,10})\r?$/m.exec(ran.status)?.[1];
  const problem = code === undefined ? undefined : GPG_ERRORS[Number(code) & 0xffff];
  return { ok: false, tool: 'gpg', problem: problem ?? 'tool-failed' };
}

async function withFile<T>(bytes: Uint8Array, work: (path: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, 'text');
    await writeFile(path, bytes, { mode: 0o600 });
    return work(path);
  });
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
