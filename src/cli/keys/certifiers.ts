import { certifiersOf } from '../../core/identity/certifications.ts';
import type { KeyFile } from '../../core/identity/keyring.ts';
import type { Policy } from '../../core/policy/policy.ts';

/**
 * Which people of the policy certified a pinned certificate with a key that is pinned for them: primary fingerprint →
 * names, each once.
 *
 * @param now seconds since the epoch
 */
export async function certifiersByPerson(
  policy: Policy,
  files: readonly KeyFile[],
  now: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const people = new Map<string, string>();
  for (const { name, keys } of policy.people.values()) {
    for (const { fingerprint } of keys) people.set(fingerprint, name);
  }
  const found = new Map<string, readonly string[]>();
  for (const [certified, certifiers] of await certifiersOf(files, now)) {
    found.set(certified, [...new Set(certifiers.flatMap((certifier) => people.get(certifier) ?? []))]);
  }
  return found;
}
