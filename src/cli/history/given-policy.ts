import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectId } from '../../core/object/hash.ts';
import { type ObjectFormat } from '../../core/object/id.ts';
import { KEYS_PATH, POLICY_PATH, type PolicyFolder } from '../../core/policy/folder.ts';
import { policyIn, openedFolder } from '../../core/facts/opened.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Io } from '../io.ts';
import { readKeys } from '../policy-place.ts';
import { UsageError } from '../revisions.ts';
import { readSmall } from '../small-file.ts';

export interface GivenPolicy {
  /** A policy file, as a person wrote its path. */
  readonly policy?: string;
  /** A folder of certificates; left out: `keys` beside the policy file. */
  readonly keys?: string;
}

/**
 * The policy and keys that a person names instead of the repository's own; `null` where they name none. Everything in the
 * folder that may hold a certificate is taken; SSH keys (`.pub`) stand in the policy itself. Throws `UsageError` and
 * `Unreadable`.
 */
export async function readGivenPolicy(
  { policy, keys }: GivenPolicy,
  format: ObjectFormat,
  io: Io,
): Promise<PolicyFolder | null> {
  if (policy === undefined) {
    if (keys === undefined) return null;
    throw new UsageError('`--keys` goes with `--policy FILE`: keys alone say nothing of who may do what');
  }
  const path = io.path(policy);
  const bytes = await readSmall(path);
  if (typeof bytes === 'string') {
    throw new Unreadable('file-unreadable', `the policy \`${policy}\` cannot be read: ${bytes}`, {
      passing: false,
    });
  }
  const folder = keys === undefined ? join(dirname(path), 'keys') : io.path(keys);
  if (keys !== undefined) await mustBeFolder(folder, keys);
  const files = (await readKeys(folder)).filter(({ path: name }) => !name.endsWith('.pub'));
  const text = new TextEncoder();
  const entries = [
    { path: POLICY_PATH, bytes },
    ...files.map((file) => ({ path: `${KEYS_PATH}${file.path}`, bytes: file.bytes })),
  ].map((file) => ({
    path: text.encode(file.path),
    mode: '100644',
    id: objectId('blob', file.bytes, format),
    bytes: file.bytes,
  }));
  const given = { entries };
  const parsed = policyIn(openedFolder(given));
  if (parsed?.ok === true) return given;
  const [first] = parsed?.diagnostics ?? [];
  const where = first === undefined ? '' : `:${first.line}:${first.column}: ${first.message}`;
  throw new Unreadable('policy-invalid', `the policy \`${policy}\` has errors${where}`, { passing: false });
}

async function mustBeFolder(path: string, shown: string): Promise<void> {
  const found = await readdir(path).catch(() => null);
  if (found === null) throw new UsageError(`\`${shown}\` is no folder that can be read`);
}
