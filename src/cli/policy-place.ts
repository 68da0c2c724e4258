import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { KeyFile } from '../core/identity/keyring.ts';
import { POLICY_PATH } from '../core/policy/folder.ts';
import type { Io } from './io.ts';
import { readSmall } from './small-file.ts';

const MOST_KEYS = 512;

/** A policy on this machine's disk, with the folder of its certificates. */
export interface PolicyPlace {
  readonly path: string;
  /** As messages name it. */
  readonly shown: string;
  readonly keys: string;
  readonly shownKeys: string;
}

/**
 * The policy that a person named, or that of the repository around the current folder: upwards, up to the first folder
 * with a `.git` in it. Git itself is not asked. `null`: there is none.
 */
export async function findPolicy(given: string | undefined, io: Io): Promise<PolicyPlace | null> {
  if (given !== undefined) return placeAt(io.path(given), given);
  const start = io.path('.');
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, POLICY_PATH);
    if (await exists(path)) return placeAt(path, relative(start, path));
    if (folder === dirname(folder) || (await exists(join(folder, '.git')))) return null;
  }
}

export const NO_POLICY = 'there is no .countersign/policy.yaml in the repository around this folder';

/** What to do where a repository has no policy yet. */
export const FIRST_POLICY = '`countersign init` writes a first one, or adapt policy.example.yaml';

function placeAt(path: string, shown: string): PolicyPlace {
  return { path, shown, keys: join(dirname(path), 'keys'), shownKeys: join(dirname(shown), 'keys') };
}

/** A folder that is a symbolic link, in words. */
export interface LinkedFolder {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Whether `.countersign`, or `keys` in it, is a symbolic link: what is read and written behind one lies elsewhere, perhaps
 * outside of the repository, and the judge follows none (trust.md B11). A folder that a person named otherwise
 * (`--policy FILE`) is theirs to link. `null`: neither is.
 */
export async function findLinkedFolder({
  path,
  shown,
  keys,
  shownKeys,
}: PolicyPlace): Promise<LinkedFolder | null> {
  const folder = dirname(path);
  const folders = [
    ...(basename(folder) === dirname(POLICY_PATH) ? [[folder, dirname(shown)] as const] : []),
    [keys, shownKeys] as const,
  ];
  for (const [at, name] of folders) {
    const info = await lstat(at).catch(() => null);
    if (info?.isSymbolicLink() !== true) continue;
    return {
      message: `\`${name}\` is a symbolic link: what lies behind it is no part of the repository`,
      remedy:
        'take the link away (`rm`, which leaves alone what it points to) and make a folder in its place',
    };
  }
  return null;
}

/** The key files beside a policy, in the order of their names. What cannot be read is left out. */
export async function readKeys(folder: string): Promise<KeyFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: KeyFile[] = [];
  for (const name of names.sort().slice(0, MOST_KEYS)) {
    const bytes = await readSmall(join(folder, name));
    if (typeof bytes !== 'string') files.push({ path: name, bytes });
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
