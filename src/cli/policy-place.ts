import { lstat, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
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
