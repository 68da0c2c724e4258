import type { Facts } from '../facts/facts.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import type { BranchPolicy, Policy } from '../policy/policy.ts';
import type { Roster } from '../policy/roster.ts';
import type { SignerContext } from './signer.ts';

/** By what is judged, and on which evidence: known before anybody's signature is looked at. */
export interface Court extends SignerContext {
  readonly facts: Facts;
  readonly reading: Reading;
  readonly proofs: Proofs;
  readonly policy: Policy;
  readonly branch: BranchPolicy;
  readonly roster: Roster;
  /** Those of the revoked keys that their owner or the governance quorum has stopped. */
  readonly settled: ReadonlySet<string>;
}

/** Nobody's key is revoked yet: that is found out in this court. */
export function openCourt(
  reading: Reading,
  proofs: Proofs,
  policy: Policy,
  branch: BranchPolicy,
  roster: Roster,
): Court {
  const { facts } = reading;
  return {
    facts,
    reading,
    proofs,
    policy,
    branch,
    roster,
    keyring: proofs.keyring,
    at: facts.evaluatedAt,
    landed: facts.target.kind === 'step',
    revoked: new Set(),
    settled: new Set(),
  };
}
