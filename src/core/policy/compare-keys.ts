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
  const [end, newEnd] = [endOf(old), endOf(now)];
  const until = newEnd === Infinity ? 'has no end any more' : `ends on ${dateOf(newEnd)}`;
  const was = end === Infinity ? 'had no end' : `ended on ${dateOf(end)}`;
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
    ...(newEnd === end || now.size === 0 || old.size === 0
      ? []
      : [
          policyChange(
            newEnd > end ? 'certificate-prolonged' : 'certificate-shortened',
            `the certificate ${name} of ${label} ${until}; it ${was}`,
            parts,
          ),
        ]),
  ];
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

function endOf(keys: SigningKeys): number {
  return Math.max(-Infinity, ...[...keys.values()].map(({ expiresAt }) => expiresAt ?? Infinity));
}

/** Seconds since the epoch as a day in UTC; of a certificate without a signing key there is no end to tell. */
function dateOf(seconds: number): string {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().slice(0, 10) : 'no day';
}
