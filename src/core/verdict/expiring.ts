import { expiryWarning } from '../identity/expiry.ts';
import type { SignerKey } from '../signature/proof.ts';
import { signerNameOf } from '../statement/statement.ts';
import type { Assessment } from './assess.ts';
import type { Case } from './case.ts';
import { finding, type Finding } from './finding.ts';

/**
 * Keys that this change rests on and that end soon by the clock of the facts, each once. In history dates say nothing, so
 * there is nothing to warn of.
 */
export function findExpiringKeys(judged: Case, { approvals, adoptions }: Assessment): Finding[] {
  if (judged.landed) return [];
  const used = new Map<string, { readonly owner: string; readonly key: SignerKey }>();
  for (const { signer } of judged.commits) {
    if (signer.kind !== 'person' && signer.kind !== 'bot') continue;
    used.set(signer.key.fingerprint, { owner: signer.name, key: signer.key });
  }
  for (const { index, statement } of [...approvals, ...adoptions]) {
    const key = judged.proofs.statements[index]?.key;
    if (key) used.set(key.fingerprint, { owner: signerNameOf(statement), key });
  }
  return [...used.values()].flatMap(({ owner, key }) => warnOf(judged, owner, key));
}

function warnOf({ proofs, facts }: Case, owner: string, key: SignerKey): Finding[] {
  if (key.kind !== 'openpgp') return [];
  const { primary, fingerprint } = key;
  const certificate = proofs.keyring.certificates.find((each) => each.primary === primary);
  const known = certificate?.keys.find((each) => each.fingerprint === fingerprint);
  const warning = expiryWarning(known?.standing.expiresAt ?? null, facts.evaluatedAt);
  if (warning === null || warning.severity === 'expired') return [];
  const urgent = warning.severity === 'urgent';
  return [finding('key-expires-soon', { owner, fingerprint, primary, days: warning.days, urgent })];
}
