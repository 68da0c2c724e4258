import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, type ToolRun } from './tool.ts';

export type Signed =
  | { readonly ok: true; readonly armor: string }
  | {
      readonly ok: false;
      readonly tool: 'gpg' | 'ssh-keygen';
      readonly problem: 'tool-missing' | 'tool-failed';
    };

/**
 * An armored, detached OpenPGP signature by one key of the person's own gpg, over exactly these bytes. Their configuration
 * may choose what it likes but the hash and the type: text mode and SHA-1 would not count.
 *
 * @param fingerprint whole, of the very key or subkey that is to sign
 */
export async function signWithGpg(text: Uint8Array, fingerprint: string): Promise<Signed> {
  return withFile(text, async (path) => {
    const signer = ['--local-user', `${fingerprint}!`];
    const form = ['--armor', '--no-textmode', '--digest-algo', 'SHA512', '--output', '-'];
    return outcome('gpg', await runTool('gpg', [...form, ...signer, '--detach-sign', '--', path], null));
  });
}

/**
 * An armored SSH signature in a namespace, over exactly these bytes. ssh-keygen looks for the private key in the agent,
 * then beside the public one (`id` for `id.pub`).
 *
 * @param publicKey path of the `.pub` file
 */
export async function signWithSsh(text: Uint8Array, namespace: string, publicKey: string): Promise<Signed> {
  const args = ['-Y', 'sign', '-n', namespace, '-f', publicKey];
  return outcome('ssh-keygen', await runTool('ssh-keygen', args, text));
}

/** The same for a public key that lies in no file of its own: only an agent can have it. */
export async function signWithAgent(text: Uint8Array, namespace: string, publicKey: string): Promise<Signed> {
  return withFile(new TextEncoder().encode(`${publicKey}\n`), (path) => signWithSsh(text, namespace, path));
}

function outcome(tool: 'gpg' | 'ssh-keygen', ran: ToolRun): Signed {
  if (!ran.started) return { ok: false, tool, problem: 'tool-missing' };
  if (ran.code !== 0 || ran.stdout.length === 0) return { ok: false, tool, problem: 'tool-failed' };
  return { ok: true, armor: new TextDecoder('latin1').decode(ran.stdout) };
}

async function withFile<T>(bytes: Uint8Array, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    const path = join(folder, 'text');
    await writeFile(path, bytes, { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
