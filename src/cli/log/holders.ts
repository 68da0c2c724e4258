import type { OpenedCertificates } from '../../core/identity/certificate.ts';
import type { Certificate } from '../../core/identity/keyring.ts';
import { WEB_FLOW_KEYS } from '../../core/identity/web-flow.ts';
import type { PresenceDemand } from '../../core/policy/policy.ts';
import type { SignerKey } from '../../core/signature/proof.ts';
import type { VerificationKeys } from '../../core/signature/verification-keys.ts';
import type { Holder } from './line.ts';

/** One key that stands under a name: in a policy, or as a file in a folder. */
export type Claim =
  | { readonly kind: 'openpgp'; readonly name: string; readonly primary: string }
  | {
      readonly kind: 'ssh';
      readonly name: string;
      readonly blob: string;
      readonly material: string;
      readonly presence: PresenceDemand;
    };

export interface Holders {
  readonly keys: VerificationKeys;
  /** Judges the certificates that signed something: `holderOf` answers for those alone. */
  readonly judge: (keys: readonly SignerKey[]) => Promise<void>;
  readonly holderOf: (key: SignerKey) => Holder;
}

/**
 * Joins names with keys. Raw key material is compared over all formats and subkeys (trust.md B7): what stands under two
 * names speaks for neither. A subkey that its certificate does not confirm takes nothing from anybody.
 */
export async function openHolders(
  claims: readonly Claim[],
  certificates: OpenedCertificates,
  webFlow: readonly string[] = WEB_FLOW_KEYS,
): Promise<Holders> {
  const judged = new Map<string, Certificate>();
  const judge = async (primaries: readonly string[]): Promise<void> => {
    const unknown = primaries.filter((primary) => !judged.has(primary));
    if (unknown.length === 0) return;
    for (const certificate of await certificates.judge(unknown)) judged.set(certificate.primary, certificate);
  };
  const held = holdings(claims, certificates);
  // Which of several names a key really belongs to, only self-signatures tell.
  const claimed = namesByMaterial(held);
  const disputed = held.filter(({ material, direct }) => !direct && (claimed.get(material)?.size ?? 0) > 1);
  await judge(disputed.flatMap(({ primary }) => primary ?? []));
  const names = namesByMaterial(
    held.filter(({ material, direct, primary }) => {
      const key = direct
        ? undefined
        : judged.get(primary ?? '')?.keys.find((one) => one.material === material);
      return key === undefined || key.standing.binding === 'verified';
    }),
  );
  const presences = new Map(
    claims.flatMap((claim) => (claim.kind === 'ssh' ? [[claim.blob, claim] as const] : [])),
  );
  const pinned = new Map<string, string>();
  for (const claim of claims) if (claim.kind === 'openpgp') pinned.set(claim.primary, claim.name);

  return {
    keys: certificates.keys,
    judge: (keys) => judge(keys.flatMap((key) => (key.kind === 'openpgp' ? [key.primary] : []))),
    holderOf(key) {
      if (key.kind === 'ssh') {
        const claim = presences.get(key.blob);
        const all = claim === undefined ? [] : [...(names.get(claim.material) ?? [])];
        return { names: all, webFlow: false, presence: claim?.presence ?? 'none', certified: null };
      }
      const found = judged.get(key.primary)?.keys.find(({ fingerprint }) => fingerprint === key.fingerprint);
      const owner = pinned.get(key.primary);
      const others = found === undefined ? [] : [...(names.get(found.material) ?? [])];
      const all = owner === undefined ? [] : [...new Set([owner, ...others])].sort();
      return {
        names: all,
        webFlow: webFlow.includes(key.primary),
        presence: 'none',
        certified: found ?? null,
      };
    },
  };
}

function namesByMaterial(held: readonly Holding[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { material, name } of held) {
    const known = names.get(material);
    if (known === undefined) names.set(material, new Set([name]));
    else known.add(name);
  }
  return names;
}

interface Holding {
  readonly material: string;
  readonly name: string;
  /** The key itself stands under the name; otherwise it is a subkey of a certificate that does. */
  readonly direct: boolean;
  readonly primary: string | null;
}

function holdings(claims: readonly Claim[], { outlines }: OpenedCertificates): Holding[] {
  const byPrimary = new Map(outlines.map((outline) => [outline.primary, outline]));
  return claims.flatMap((claim): Holding[] => {
    const { name } = claim;
    if (claim.kind === 'ssh') return [{ material: claim.material, name, direct: true, primary: null }];
    const keys = byPrimary.get(claim.primary)?.keys ?? [];
    return keys.map(({ material, primary }) => ({ material, name, direct: primary, primary: claim.primary }));
  });
}
