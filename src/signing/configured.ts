import { access, readFile } from 'node:fs/promises';
import { noKeys } from '../core/signature/verification-keys.ts';
import { verifySignature } from '../core/signature/verify.ts';
import { signAsUser, signWithProgram, signWithSshKey, type Signed, type SshKeyPlace } from './sign.ts';
import { readSetup, type SigningSetup } from './setup.ts';
import { runTool } from './tool.ts';
import { refusedTrouble, setupTrouble, signingTrouble, type SshProblem, type Trouble } from './trouble.ts';

export type { SigningSetup } from './setup.ts';
export type { Trouble } from './trouble.ts';

export type SignedText =
  | {
      readonly ok: true;
      readonly armor: string;
      /**
       * What the signature says of its key: for SSH the fingerprint `SHA256:…`, for OpenPGP the fingerprint in upper case
       * or the key id of the (sub)key. Not checked against any certificate.
       */
      readonly key: string;
    }
  | { readonly ok: false; readonly trouble: Trouble };

const NAMESPACE = 'countersign@v1';

/** How the person's own git is set up to sign in this directory, or what they have to do first. */
export async function readSigningSetup(
  directory: string,
): Promise<
  { readonly ok: true; readonly setup: SigningSetup } | { readonly ok: false; readonly trouble: Trouble }
> {
  const read = await readSetup(directory);
  return read.ok ? read : { ok: false, trouble: setupTrouble(read.problem) };
}

/**
 * Lets the person sign a statement or a batch of them: one passphrase, one touch. Whatever their tools made is looked at
 * before anybody else sees it: a signature in text mode, with a weak hash or over other bytes is trouble here and now.
 */
export async function signText(setup: SigningSetup, text: Uint8Array | string): Promise<SignedText> {
  const payload = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  if (setup.format === 'ssh' && setup.key.kind === 'file' && !(await isThere(setup.key.path))) {
    return { ok: false, trouble: signingTrouble('key-file-missing', setup) };
  }
  const signed = await sign(setup, payload);
  if (!signed.ok) {
    const problem = signed.problem === 'tool-failed' ? await findProblem(setup) : signed.problem;
    return { ok: false, trouble: signingTrouble(problem, setup) };
  }
  const armor = new TextEncoder().encode(signed.armor);
  const proof = await verifySignature({ payload, armor, form: 'detached', namespace: NAMESPACE }, noKeys);
  // Without certificates an OpenPGP signature gets as far as its key, past all that its own bytes can tell.
  if (proof.reason !== null && proof.reason !== 'key-unknown') {
    return { ok: false, trouble: refusedTrouble(setup, proof.reason) };
  }
  const key = proof.key?.kind === 'ssh' ? proof.key.fingerprint : (proof.issuer ?? '');
  return { ok: true, armor: signed.armor, key };
}

function sign(setup: SigningSetup, text: Uint8Array): Promise<Signed> {
  const { program, directory } = setup;
  if (setup.format === 'ssh') return signWithSshKey(text, NAMESPACE, setup.key, program, directory);
  return program === 'gpg'
    ? signAsUser(text, setup.user)
    : signWithProgram(text, program, setup.user, directory);
}

/** ssh-keygen has one exit code for everything. What can be found out afterwards without reading its words: */
async function findProblem(setup: SigningSetup): Promise<'tool-failed' | SshProblem> {
  if (setup.format !== 'ssh' || setup.program !== 'ssh-keygen') return 'tool-failed';
  const line = await agentKeyOf(setup.key);
  if (line === null) return 'tool-failed';
  const ran = await runTool('ssh-add', ['-L'], { quiet: true });
  // 1: an agent without keys; 2: no agent (ssh-add(1)).
  if (!ran.started || ran.code === 2) return 'ssh-agent-missing';
  const blob = line.split(' ')[1] ?? '';
  const kept = new TextDecoder()
    .decode(ran.stdout)
    .split('\n')
    .some((one) => one.split(' ')[1] === blob);
  return kept ? 'tool-failed' : 'agent-lacks-key';
}

/** The public key, where only an agent can have the private one. */
async function agentKeyOf(key: SshKeyPlace): Promise<string | null> {
  if (key.kind === 'line') return key.line;
  const text = await readFile(key.path, 'latin1').catch(() => '');
  if (text.startsWith('-----BEGIN ')) return null;
  return (await isThere(key.path.replace(/\.pub$/, ''))) && key.path.endsWith('.pub') ? null : text;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
