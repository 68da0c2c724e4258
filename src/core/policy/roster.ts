import type { Certificate, Keyring } from '../identity/keyring.ts';
import type { Proof, SignerKey } from '../signature/proof.ts';
import type { Pin, Policy } from './policy.ts';

/** Whom a key speaks for, and the pin that says so. */
export type Owner =
  | { readonly kind: 'person'; readonly name: string; readonly pin: Pin }
  | { readonly kind: 'bot'; readonly name: string; readonly pin: Pin }
  | { readonly kind: 'web-flow' };

export interface Roster {
  /** By SSH key blob. */
  readonly ssh: ReadonlyMap<string, Owner>;
  /** By the primary fingerprint of a certificate. */
  readonly openpgp: ReadonlyMap<string, Owner>;
  readonly problems: readonly RosterProblem[];
}

export type RosterProblem =
  /** One key under two owners, seen only once the certificates are open: across formats, or as another's subkey. */
  | { readonly kind: 'key-shared'; readonly owners: readonly [string, string]; readonly fingerprint: string }
  /** A pin without its certificate: this person can sign nothing with it. */
  | { readonly kind: 'certificate-missing'; readonly owner: string; readonly fingerprint: string }
  /** A pin that is the fingerprint of a subkey. */
  | {
      readonly kind: 'pin-is-subkey';
      readonly owner: string;
      readonly fingerprint: string;
      readonly primary: string;
    }
  /** A certificate that nobody pinned: ignored. */
  | { readonly kind: 'certificate-unpinned'; readonly file: string; readonly fingerprint: string };

/**
 * Joins the policy's pins with the certificates beside it. Key material is compared raw, over all formats and subkeys
 * (trust.md B7): a key that two owners share would count twice, so a roster with such a key judges nothing.
 */
export function buildRoster(policy: Policy, keyring: Keyring): Roster {
  const ssh = new Map<string, Owner>();
  const openpgp = new Map<string, Owner>(policy.webFlow.map((hex) => [hex, { kind: 'web-flow' }]));
  const problems: RosterProblem[] = [];
  const materials = new MaterialOwners(problems);
  const certificates = Map.groupBy(keyring.certificates, ({ primary }) => primary);
  const claim = (owner: Owner, name: string, hex: string): void => {
    for (const certificate of certificates.get(hex) ?? []) materials.claimAll(name, certificate);
    openpgp.set(hex, owner);
  };
  for (const hex of policy.webFlow) claim({ kind: 'web-flow' }, "GitHub's web-flow", hex);
  const owners = [
    ...[...policy.people.values()].map(({ name, keys }) => ({ kind: 'person' as const, name, keys })),
    ...[...policy.bots.values()].map(({ name, keys }) => ({ kind: 'bot' as const, name, keys })),
  ];
  for (const { kind, name, keys } of owners) {
    for (const pin of keys) {
      const owner: Owner = { kind, name, pin };
      if (pin.kind === 'ssh') {
        ssh.set(pin.blob, owner);
        materials.claim(name, pin.material, pin.fingerprint);
      } else {
        claim(owner, name, pin.fingerprint);
        if (!certificates.has(pin.fingerprint)) problems.push(missing(name, pin.fingerprint, keyring));
      }
    }
  }
  for (const { primary, file } of keyring.certificates) {
    if (!openpgp.has(primary)) problems.push({ kind: 'certificate-unpinned', file, fingerprint: primary });
  }
  return { ssh, openpgp, problems };
}

/** Whom the key that verified a signature speaks for; `null` for a key that nobody pinned. */
export function ownerOf(roster: Roster, key: SignerKey): Owner | null {
  return (key.kind === 'ssh' ? roster.ssh.get(key.blob) : roster.openpgp.get(key.primary)) ?? null;
}

/** Whether a signature is good and made by a key of the very person who is named; of their standing it says nothing. */
export function speaksFor(roster: Roster, { status, key }: Proof, person: string): boolean {
  if (status !== 'good' || key === null) return false;
  const owner = ownerOf(roster, key);
  return owner?.kind === 'person' && owner.name === person;
}

class MaterialOwners {
  readonly #owners = new Map<string, string>();
  readonly #problems: RosterProblem[];

  constructor(problems: RosterProblem[]) {
    this.#problems = problems;
  }

  claimAll(owner: string, certificate: Certificate): void {
    // A key that its certificate does not confirm can sign nothing, so it takes nothing from anybody either.
    const confirmed = certificate.keys.filter(({ standing }) => standing.binding === 'verified');
    for (const key of confirmed) this.claim(owner, key.material, key.fingerprint);
  }

  claim(owner: string, material: string, fingerprint: string): void {
    const other = this.#owners.get(material);
    if (other !== undefined && other !== owner) {
      this.#problems.push({ kind: 'key-shared', owners: [other, owner], fingerprint });
    }
    this.#owners.set(material, other ?? owner);
  }
}

function missing(owner: string, fingerprint: string, keyring: Keyring): RosterProblem {
  const certificate = keyring.certificates.find(({ keys }) =>
    keys.some((key) => key.fingerprint === fingerprint),
  );
  return certificate
    ? { kind: 'pin-is-subkey', owner, fingerprint, primary: certificate.primary }
    : { kind: 'certificate-missing', owner, fingerprint };
}
