import { openKeyring, type OpenedKeyring } from '../identity/certificate.ts';
import type { Keyring, KeyFile } from '../identity/keyring.ts';
import { policyDigest } from '../policy/folder-digest.ts';
import { openFolder, type OpenedFolder, type PolicyFolder } from '../policy/folder.ts';
import { parsePolicy, type ParsedPolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { buildRoster, type Roster } from '../policy/roster.ts';

/*
 * A history has thousands of steps and a few policies: what follows from an object alone is found once for that object.
 * Facts are never changed after they were gathered, so the same object means the same bytes; nothing is looked up by a
 * name or an id that an attacker could make two things share, and what nobody holds any more is forgotten.
 */

const folders = new WeakMap<PolicyFolder, OpenedFolder>();
const digests = new WeakMap<PolicyFolder, string>();
const policies = new WeakMap<OpenedFolder, { readonly parsed: ParsedPolicy | null }>();
const keyrings = new WeakMap<readonly KeyFile[], Promise<OpenedKeyring>>();
const rosters = new WeakMap<Keyring, WeakMap<Policy, Roster>>();

/** `openFolder`, once. */
export function openedFolder(folder: PolicyFolder): OpenedFolder {
  return remember(folders, folder, () => openFolder(folder));
}

/** `policyDigest`, once. */
export function digestOf(folder: PolicyFolder): string {
  return remember(digests, folder, () => policyDigest(folder));
}

/** The policy of a folder, parsed once; `null` where there is no policy file to parse. */
export function policyIn(opened: OpenedFolder): ParsedPolicy | null {
  const { policy } = opened;
  return remember(policies, opened, () => ({
    parsed: policy.state === 'present' ? parsePolicy(policy.bytes) : null,
  })).parsed;
}

/** `openKeyring`, once. */
export function keyringOf(files: readonly KeyFile[]): Promise<OpenedKeyring> {
  return remember(keyrings, files, () => openKeyring(files));
}

/** `buildRoster`, once. */
export function rosterOf(policy: Policy, keyring: Keyring): Roster {
  const known = remember(rosters, keyring, () => new WeakMap<Policy, Roster>());
  return remember(known, policy, () => buildRoster(policy, keyring));
}

function remember<K extends object, V extends object | string>(
  known: WeakMap<K, V>,
  key: K,
  find: () => V,
): V {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
