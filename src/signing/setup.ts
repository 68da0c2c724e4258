import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseCommandWords } from './command-words.ts';
import type { SshKeyPlace } from './sign.ts';
import { runTool } from './tool.ts';

/** How a person's own git signs in one repository, and so how they sign statements. */
export type SigningSetup =
  | {
      readonly format: 'openpgp';
      /** `gpg`, or what they have set in its place. */
      readonly program: string;
      /** What gpg is to sign as: `user.signingkey`, or the committer as git does; `null`: gpg's own default key. */
      readonly user: string | null;
      /** Where they work: what their settings are relative to. */
      readonly directory: string;
    }
  | {
      readonly format: 'ssh';
      /** `ssh-keygen`, or what they have set in its place. */
      readonly program: string;
      readonly key: SshKeyPlace;
      readonly directory: string;
    };

/** Why their git is not set up to sign. */
export type SetupProblem =
  | { readonly code: 'git-missing' }
  | { readonly code: 'format-unsupported'; readonly format: string }
  | { readonly code: 'no-key' }
  | { readonly code: 'key-malformed'; readonly key: string }
  | { readonly code: 'key-command-failed'; readonly command: string };

export type ReadSetup =
  | { readonly ok: true; readonly setup: SigningSetup }
  | { readonly ok: false; readonly problem: SetupProblem };

const NAMES = '^(gpg\\.(format|program|(openpgp|ssh)\\.program|ssh\\.defaultkeycommand)|user\\.signingkey)$';
const KEY_LINE =
  /^[a-z0-9][a-z0-9@.-]{0,63} [A-Za-z0-9+/]{16,16384}={0,3}(?: [^\u0000-\u001f\u007f]{0,1000})?$/;

/**
 * Reads the setup as git does (gpg-interface.c): `gpg.format`, `user.signingkey`, `gpg.program` and `gpg.openpgp.program`
 * (one setting with two names), `gpg.ssh.program`, `gpg.ssh.defaultKeyCommand`.
 *
 * @param directory in the person's own repository; its configuration is theirs, and so is every program named in it
 */
export async function readSetup(directory: string): Promise<ReadSetup> {
  const settings = await readSettings(directory);
  if (settings === null) return { ok: false, problem: { code: 'git-missing' } };
  const format = settings.get('gpg.format') ?? 'openpgp';
  const key = settings.get('user.signingkey') ?? '';
  if (format === 'openpgp') {
    const program = await expandPath(settings.get('gpg.program') ?? 'gpg', directory);
    const user = key === '' ? await readCommitter(directory) : key;
    return { ok: true, setup: { format, program, user, directory } };
  }
  if (format !== 'ssh') return { ok: false, problem: { code: 'format-unsupported', format } };
  const found =
    key === ''
      ? await askForKey(settings.get('gpg.ssh.defaultkeycommand') ?? '', directory)
      : await parseKey(key, directory);
  if ('code' in found) return { ok: false, problem: found };
  const program = await expandPath(settings.get('gpg.ssh.program') ?? 'ssh-keygen', directory);
  return { ok: true, setup: { format, program, key: found, directory } };
}

/** The last value of each setting; git's order is from the system's file to the repository's. */
async function readSettings(directory: string): Promise<ReadonlyMap<string, string> | null> {
  const ran = await runTool('git', ['config', '--null', '--get-regexp', NAMES], { directory, quiet: true });
  if (!ran.started) return null;
  const settings = new Map<string, string>();
  for (const entry of new TextDecoder().decode(ran.stdout).split('\0')) {
    const end = entry.indexOf('\n');
    // A name alone, which git takes for a switch, is no value for any of them.
    if (end < 0) continue;
    const name = entry.slice(0, end);
    settings.set(name === 'gpg.openpgp.program' ? 'gpg.program' : name, entry.slice(end + 1));
  }
  return settings;
}

/** As git without `user.signingkey`: `Name <address>` of the committer. `null` where git does not know who that is. */
async function readCommitter(directory: string): Promise<string | null> {
  const ran = await runTool('git', ['var', 'GIT_COMMITTER_IDENT'], { directory, quiet: true });
  if (!ran.started || ran.code !== 0) return null;
  const ident = new TextDecoder().decode(ran.stdout);
  const end = ident.lastIndexOf('>');
  return end < 0 ? null : ident.slice(0, end + 1);
}

async function parseKey(key: string, directory: string): Promise<SshKeyPlace | SetupProblem> {
  const line = literalOf(key);
  if (line !== null) return KEY_LINE.test(line) ? { kind: 'line', line } : { code: 'key-malformed', key };
  return { kind: 'file', path: resolve(await topOf(directory), await expandPath(key, directory)) };
}

async function askForKey(command: string, directory: string): Promise<SshKeyPlace | SetupProblem> {
  if (command === '') return { code: 'no-key' };
  const failed: SetupProblem = { code: 'key-command-failed', command };
  const [program, ...args] = parseCommandWords(command) ?? [];
  if (program === undefined) return failed;
  const ran = await runTool(program, args, { directory });
  if (!ran.started || ran.code !== 0) return failed;
  const [first = ''] = new TextDecoder().decode(ran.stdout).split('\n');
  const line = literalOf(first.trimEnd());
  return line !== null && KEY_LINE.test(line) ? { kind: 'line', line } : failed;
}

/** git's `is_literal_ssh_key`. */
function literalOf(key: string): string | null {
  if (key.startsWith('key::')) return key.slice('key::'.length);
  return key.startsWith('ssh-') ? key : null;
}

/** `~/` only: other people's homes hold no keys of this person. */
async function expandPath(path: string, directory: string): Promise<string> {
  if (path.startsWith('~/')) return resolve(process.env['HOME'] ?? homedir(), path.slice(2));
  // A relative path with a slash starts where git would run.
  return path.includes('/') ? resolve(await topOf(directory), path) : path;
}

/** git runs at the top of the work tree. */
async function topOf(directory: string): Promise<string> {
  const ran = await runTool('git', ['rev-parse', '--show-toplevel'], { directory, quiet: true });
  const top = ran.started && ran.code === 0 ? new TextDecoder().decode(ran.stdout).replace(/\n$/, '') : '';
  return top === '' ? directory : top;
}
