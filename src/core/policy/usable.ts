import type { Keyring } from '../identity/keyring.ts';
import { standingOf } from '../identity/standing.ts';
import type { SignerKey } from '../signature/proof.ts';
import type { Pin, Policy } from './policy.ts';

/** A key that somebody can sign with at some time, under the pin that lists it. */
export interface UsableKey {
  readonly key: SignerKey;
  readonly pin: Pin;
  /** Seconds since the epoch; `null`: never. */
  readonly expiresAt: number | null;
  /** Whether it lies in hardware that a person holds, as far as the key itself says so. */
  readonly hardware: boolean;
}

/**
 * The keys among these that can sign for their owner, of a certificate the one that lasts longest. An SSH key has no
 * certificate: that it is pinned is all the standing there is.
 *
 * @param now seconds since the epoch
 */
export function usableKeys(pins: readonly Pin[], keyring: Keyring, now: number): UsableKey[] {
  return pins.flatMap((pin): UsableKey[] => {
    if (pin.kind === 'ssh') {
      const { type, blob, fingerprint } = pin;
      const key = { kind: 'ssh', type, blob, fingerprint } as const;
      return [{ key, pin, expiresAt: null, hardware: type.startsWith('sk-') }];
    }
    const certificate = keyring.certificates.find(({ primary }) => primary === pin.fingerprint);
    const use = { at: now, landed: false, claimedAt: null, expiresAt: null };
    const [best] = (certificate?.keys ?? [])
      .filter((key) => standingOf(key, use).length === 0)
      .toSorted((a, b) => endOf(b.standing.expiresAt) - endOf(a.standing.expiresAt));
    if (best === undefined) return [];
    const { fingerprint, standing } = best;
    const key = { kind: 'openpgp', fingerprint, primary: pin.fingerprint } as const;
    return [{ key, pin, expiresAt: standing.expiresAt, hardware: false }];
  });
}

/** What every person can sign with, by name. */
export function usableByPerson(policy: Policy, keyring: Keyring, now: number): Map<string, UsableKey[]> {
  return new Map([...policy.people.values()].map(({ name, keys }) => [name, usableKeys(keys, keyring, now)]));
}

/** The time from which on none of these keys can sign; `Infinity` where one never ends. */
export function lastEnd(keys: readonly UsableKey[]): number {
  return Math.max(-Infinity, ...keys.map(({ expiresAt }) => endOf(expiresAt)));
}

function endOf(expiresAt: number | null): number {
  return expiresAt ?? Infinity;
}
