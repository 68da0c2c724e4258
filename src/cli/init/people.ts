import { join } from 'node:path';
import { openKeyring } from '../../core/identity/certificate.ts';
import { parseKeyFile } from '../../core/identity/key-file.ts';
import type { PinDocument } from '../../core/policy/pin.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { isPersonName } from '../../core/statement/names.ts';
import { readSigningSetup } from '../../signing/configured.ts';
import { runTool } from '../../signing/tool.ts';
import type { Io } from '../io.ts';
import { readOffer, refuseUnusable, type OfferedKey } from '../keys/offer.ts';
import { UsageError } from '../revisions.ts';
import { signingRefusal, Refusal } from '../review/refusal.ts';

/** Somebody who is to be in the first policy, with their key. */
export interface FirstPerson {
  readonly name: string;
  readonly key: OfferedKey;
}

export function pinOf({ key }: FirstPerson): PinDocument {
  return key.kind === 'openpgp'
    ? { openpgp: key.packets.primary.key.fingerprint }
    : { ssh: `${key.key.type} ${key.key.blob}` };
}

/** As it is shown to whoever gave it. */
export function shownKey(key: OfferedKey): string {
  return key.kind === 'openpgp'
    ? `openpgp ${key.packets.primary.key.fingerprint}`
    : `${key.key.type} ${key.key.fingerprint}`;
}

export function sameKey(a: OfferedKey, b: OfferedKey): boolean {
  return shownKey(a) === shownKey(b);
}

/** `name=KEY`, where KEY is a file, the line of an SSH key, or the fingerprint of a key in this person's gpg. */
export async function readPerson(text: string, io: Io): Promise<FirstPerson> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`\`${text}\` is not NAME=KEY, such as \`alice=alice.asc\``);
  return { name: parseName(text.slice(0, at)), key: await readKey(text.slice(at + 1), io) };
}

export function parseName(name: string): string {
  if (isPersonName(name)) return name;
  throw new UsageError(
    `\`${name}\` cannot be a person's name: 1 to 64 letters, digits, \`.\`, \`_\` or \`-\``,
  );
}

export async function readKey(text: string, io: Io): Promise<OfferedKey> {
  const given = text.trim();
  const key = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,40} /.test(given)
    ? sshKey(given)
    : /^(?:0x)?(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/.test(given)
      ? await exported('gpg', given)
      : await readOffer(atHome(given, io), io);
  if (key.kind === 'openpgp') refuseUnusable(key.certificate, [], Math.floor(Date.now() / 1000));
  return key;
}

/** What a shell does with `~/`, which none has seen here. */
function atHome(path: string, { environment }: Io): string {
  const home = environment['HOME'] ?? '';
  return path.startsWith('~/') && home !== '' ? join(home, path.slice(2)) : path;
}

/** The key that git signs with here. Throws `Refusal` where it signs with none. */
export async function readOwnKey(directory: string, io: Io): Promise<OfferedKey> {
  const read = await readSigningSetup(directory);
  if (!read.ok) throw signingRefusal(read.trouble);
  const { setup } = read;
  if (setup.format === 'openpgp') {
    const key = await exported(setup.program, (setup.user ?? '').replace(/!$/, ''));
    if (key.kind === 'openpgp') refuseUnusable(key.certificate, [], Math.floor(Date.now() / 1000));
    return key;
  }
  if (setup.key.kind === 'line') return sshKey(setup.key.line);
  const { path } = setup.key;
  return readOffer(path.endsWith('.pub') ? path : `${path}.pub`, io);
}

function sshKey(line: string): OfferedKey {
  const parsed = parseSshPublicKey(line);
  if (parsed.ok) return { kind: 'ssh', key: parsed.key };
  throw new Refusal('not-a-key', `that is no key that can be pinned: ${parsed.reason}`);
}

/** A certificate out of the person's own gpg: exactly one. */
async function exported(program: string, user: string): Promise<OfferedKey> {
  const ran = await runTool(program, ['--batch', '--no-tty', '--armor', '--export', '--', user], {
    quiet: true,
  });
  const bytes = ran.started ? ran.stdout : new Uint8Array();
  const file = { path: 'exported', bytes };
  const parsed = parseKeyFile(file);
  const [packets, ...others] = parsed.ok ? parsed.certificates : [];
  const [certificate] = (await openKeyring([file])).keyring.certificates;
  if (packets !== undefined && certificate !== undefined && others.length === 0) {
    return { kind: 'openpgp', packets, certificate };
  }
  throw new Refusal(
    others.length > 0 ? 'several-certificates' : 'not-a-key',
    `your gpg has ${others.length > 0 ? 'several keys' : 'no key'} for \`${user}\``,
    'name a fingerprint of `gpg --list-keys`: `git config user.signingkey FINGERPRINT`, or NAME=FILE',
  );
}
