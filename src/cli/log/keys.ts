import { readdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { openCertificates } from '../../core/identity/certificate.ts';
import type { OpenedCertificates } from '../../core/identity/certificate.ts';
import type { KeyFile } from '../../core/identity/keyring.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Claim } from './holders.ts';
import { UsageError } from '../revisions.ts';
import { readSmall } from '../small-file.ts';

export interface KeyFolder {
  readonly claims: readonly Claim[];
  readonly certificates: OpenedCertificates;
  /** Files that hold no key, below the folder, each with the reason. */
  readonly keyless: readonly { readonly path: string; readonly reason: string }[];
}

const MAX_FILES = 4096;
const MAX_DEPTH = 16;
const MAX_LINES = 10_000;

/**
 * Reads a folder of keys with everything below it: OpenPGP certificates, armored or binary, and SSH keys, a line each, as
 * in a `.pub` or an allowed_signers file. A file's name without its extension is the name of whoever has its keys. Links
 * are not followed. Throws `UsageError` where there is no such folder, `Unreadable` where it is too large.
 */
export async function readKeyFolder(folder: string): Promise<KeyFolder> {
  const claims: Claim[] = [];
  const files: KeyFile[] = [];
  const keyless: { path: string; reason: string }[] = [];
  for (const path of await listFiles(folder)) {
    const bytes = await readSmall(join(folder, path));
    if (typeof bytes === 'string') {
      keyless.push({ path, reason: bytes });
      continue;
    }
    if (isOpenpgp(bytes)) {
      files.push({ path, bytes });
      continue;
    }
    const { keys, refused } = sshClaims(nameOf(path), bytes);
    if (keys.length === 0) keyless.push({ path, reason: refused ?? 'it holds no public key' });
    claims.push(...keys);
  }
  const certificates = await openCertificates(files);
  for (const { path, primary } of certificates.brought) {
    claims.push({ kind: 'openpgp', name: nameOf(path), primary });
  }
  return { claims, certificates, keyless: [...keyless, ...certificates.unreadable] };
}

function nameOf(path: string): string {
  return basename(path).replace(/(?<=.)\.[^.]*$/, '');
}

/** Regular files below the folder, in the order of their paths. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [''];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(join(folder, below === '' ? '.' : below), error);
    });
    for (const entry of entries) {
      const path = join(below, entry.name);
      // A repository's own folder, an editor's: nobody keeps keys there.
      if (entry.isDirectory() && entry.name.startsWith('.')) continue;
      if (entry.isFile()) found.push(path);
      else if (entry.isDirectory() && path.split(sep).length <= MAX_DEPTH) waiting.push(path);
      if (found.length > MAX_FILES) {
        throw new Unreadable('list-cut', `\`${folder}\` holds more than ${MAX_FILES} files`, {
          passing: false,
        });
      }
    }
  }
  return found.sort();
}

function unreadable(folder: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new UsageError(`--keys: \`${folder}\` is no folder`)
    : new Unreadable('file-unreadable', `\`${folder}\` cannot be read (${code})`, { passing: false });
}

/** Packets start with bit 7 set; no text of SSH keys does. */
function isOpenpgp(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0 || Buffer.from(bytes).includes('-----BEGIN PGP ');
}

const KEY_TYPE = /(?:^|[ \t])((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{1,40}[ \t]+[A-Za-z0-9+/]+={0,2})(?=[ \t]|$)/;

/** Whatever stands before the key (principals, options) and after it (a comment) has no part in this. */
function sshClaims(name: string, bytes: Uint8Array): { keys: Claim[]; refused: string | null } {
  const keys: Claim[] = [];
  let refused: string | null = null;
  for (const line of Buffer.from(bytes).toString('latin1').split('\n', MAX_LINES)) {
    const text = line.startsWith('#') ? undefined : KEY_TYPE.exec(line.trim())?.[1];
    if (text === undefined) continue;
    const parsed = parseSshPublicKey(text);
    if (parsed.ok) {
      const { blob, material } = parsed.key;
      keys.push({ kind: 'ssh', name, blob, material, presence: 'none' });
    } else refused ??= parsed.reason;
  }
  return { keys, refused };
}
