import type { Keyring } from '../identity/keyring.ts';
import { standingOf } from '../identity/standing.ts';
import type { Pin } from './policy.ts';
import { policyChange, type ChangeParts, type PolicyChange } from './policy-change.ts';
import { quote, quoted } from './words.ts';

/** Whose keys are compared: the same person or bot on both sides. */
export interface KeyHolder {
  /** As sentences name them. */
  readonly label: string;
  /** In `PolicyChange.people`. */
  readonly people: readonly string[];
  readonly before: readonly Pin[];
  readonly after: readonly Pin[];
}

/** What makes two pins the same key, as far as the policy alone tells. */
export function identityOf(pin: Pin): string {
  return pin.kind === 'openpgp' ? `openpgp:${pin.fingerprint}` : pin.material;
}

/** Keys that come and go, what a hardware key must prove, and what certificates say. `moved`: told elsewhere. */
export function compareKeys(
  { label, people, before, after }: KeyHolder,
  moved: ReadonlySet<string>,
  keyringBefore: Keyring,
  keyringAfter: Keyring,
): PolicyChange[] {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const added = [...now.values()].filter((pin) => !old.has(identityOf(pin)) && !moved.has(identityOf(pin)));
  const removed = [...old.values()].filter((pin) => !now.has(identityOf(pin)) && !moved.has(identityOf(pin)));
  const parts: ChangeParts = { people };
  const changes: PolicyChange[] = [];
  const kept = [...old.keys()].some((identity) => now.has(identity));
  if (added.length > 0 && removed.length > 0 && !kept) {
    const words = `every key of ${label} is replaced, ${quoted(removed.map(nameOf))} by ${quoted(added.map(nameOf))}`;
    changes.push(policyChange('key-replaced', `${words}: who holds the new one speaks as ${label}`, parts));
  } else {
    for (const pin of added) {
      const words = `${label} gets the key ${quote(nameOf(pin))}: who holds it speaks as ${label}`;
      changes.push(policyChange('key-added', words, parts));
    }
    for (const pin of removed) {
      changes.push(policyChange('key-removed', `${label} loses the key ${quote(nameOf(pin))}`, parts));
    }
  }
  for (const [identity, pin] of now) {
    const was = old.get(identity);
    if (was === undefined) continue;
    changes.push(...comparePresence(label, was, pin, parts));
    if (pin.kind === 'openpgp') {
      changes.push(...compareCertificates(label, pin.fingerprint, keyringBefore, keyringAfter, parts));
    }
  }
  return changes;
}

export function nameOf({ fingerprint }: Pin): string {
  return fingerprint;
}

function byIdentity(pins: readonly Pin[]): Map<string, Pin> {
  return new Map(pins.map((pin) => [identityOf(pin), pin]));
}

const DEMANDS = ['none', 'touch', 'verified'] as const;

function comparePresence(label: string, before: Pin, after: Pin, parts: ChangeParts): PolicyChange[] {
  if (before.kind !== 'ssh' || after.kind !== 'ssh' || before.presence === after.presence) return [];
  const lower = DEMANDS.indexOf(after.presence) < DEMANDS.indexOf(before.presence);
  const words = `the key ${quote(after.fingerprint)} of ${label} must prove ${quote(after.presence)} instead of ${quote(before.presence)}`;
  return [policyChange(lower ? 'presence-lowered' : 'presence-raised', words, parts)];
}

/** What one certificate can sign with under each of two keyrings. Dates are compared with each other, never with a clock. */
export function compareCertificates(
  label: string,
  primary: string,
  before: Keyring,
  after: Keyring,
  parts: ChangeParts,
): PolicyChange[] {
  const [old, now] = [signingKeys(before, primary), signingKeys(after, primary)];
  const name = quote(primary);
  if (old === null && now === null) return [];
  if (old === null) {
    return [
      policyChange('certificate-brought', `the certificate ${name} comes: ${label} can sign with it`, parts),
    ];
  }
  if (now === null) {
    return [
      policyChange(
        'certificate-removed',
        `the certificate ${name} goes: ${label} cannot sign with it`,
        parts,
      ),
    ];
  }
  const added = [...now].filter(([material]) => !old.has(material)).map(([, key]) => key.fingerprint);
  const removed = [...old].filter(([material]) => !now.has(material)).map(([, key]) => key.fingerprint);
  return [
    ...added.map((key) =>
      policyChange(
        'signing-key-added',
        `the certificate ${name} can sign with the key ${quote(key)}: who holds it speaks as ${label}`,
        parts,
      ),
    ),
    ...removed.map((key) =>
      policyChange(
        'signing-key-removed',
        `the certificate ${name} of ${label} cannot sign with ${quote(key)} any more`,
        parts,
      ),
    ),
    ...compareEnds(label, name, old, now, parts),
  ];
}

/**
 * Each key by itself, whatever the others do: one that comes back is a gain, though another lasts longer. Keys of a
 * certificate that end together are told of together.
 */
function compareEnds(
  label: string,
  name: string,
  old: SigningKeys,
  now: SigningKeys,
  parts: ChangeParts,
): PolicyChange[] {
  const kept = [...now].flatMap(([material, { fingerprint, expiresAt }]) => {
    const was = old.get(material);
    return was ? [{ fingerprint, end: was.expiresAt ?? Infinity, newEnd: expiresAt ?? Infinity }] : [];
  });
  const groups = Map.groupBy(kept, ({ end, newEnd }) => `${end} ${newEnd}`);
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined || first.newEnd === first.end) return [];
    const { end, newEnd } = first;
    const until = newEnd === Infinity ? 'has no end any more' : `ends on ${dateOf(newEnd)}`;
    const was = end === Infinity ? 'had no end' : `ended on ${dateOf(end)}`;
    const which = groups.size === 1 ? '' : `of the key ${quoted(alike.map((key) => key.fingerprint))} in `;
    const words = `${which}the certificate ${name} of ${label} ${until}; it ${was}`;
    const code = newEnd > end ? 'certificate-prolonged' : 'certificate-shortened';
    return [policyChange(code, which === '' ? words : `the use ${words}`, parts)];
  });
}

type SigningKeys = ReadonlyMap<string, { readonly fingerprint: string; readonly expiresAt: number | null }>;

/** By material; expiry aside, which a certificate may change. `null`: no such certificate. */
function signingKeys({ certificates }: Keyring, primary: string): SigningKeys | null {
  const certificate = certificates.find((one) => one.primary === primary);
  if (certificate === undefined) return null;
  const use = { at: 0, landed: true, claimedAt: null, expiresAt: null };
  const keys = certificate.keys.filter(
    (key) => key.standing.revoked === null && standingOf(key, use).length === 0,
  );
  return new Map(
    keys.map(({ material, fingerprint, standing }) => [
      material,
      { fingerprint, expiresAt: standing.expiresAt },
    ]),
  );
}

/** Seconds since the epoch as a day in UTC. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
