import type { ReadStatement } from '../../facts/reading.ts';
import { ownerOf, speaksFor } from '../../policy/roster.ts';
import { signerNameOf } from '../../statement/statement.ts';
import type { Court } from '../court.ts';
import { finding, type Finding } from '../finding.ts';
import { signerOf, type SignerProblem } from '../signer.ts';
import { labelOf } from './accepted.ts';

/** Only time has ended the key, or the signature by its own word. */
const TIMES: readonly SignerProblem[] = ['key-expired', 'signature-expired'];

/**
 * Who signed: a key pinned to the very person whom the statement names, in good standing (trust.md C13). Time ends neither
 * an objection nor a revocation: a "no" stands although its key has expired since.
 */
export function signatureProblem(court: Court, read: ReadStatement): Finding | null {
  const { policy, roster, proofs, facts } = court;
  const { statement } = read;
  const label = labelOf(facts.target, read);
  const name = signerNameOf(statement);
  const proof = proofs.statements[read.index];
  if (!policy.people.has(name)) return finding('statement-reviewer-unknown', label);
  if (!proof) return finding('statement-signature', { ...label, reason: 'signature-malformed' });
  if (proof.status !== 'good' && proof.status !== 'unknown-key') {
    return finding('statement-signature', { ...label, reason: proof.reason ?? 'signature-malformed' });
  }
  if (speaksFor(roster, proof, name)) {
    const signer = signerOf(proof, court);
    if (signer.kind === 'person') return null;
    if (signer.kind === 'no-standing') {
      const { problems } = signer;
      const outlasts =
        statement.type === 'revoke' || (statement.type === 'review' && statement.decision === 'reject');
      if (outlasts && problems.every((problem) => TIMES.includes(problem))) return null;
      return finding('statement-key-standing', { ...label, problems });
    }
    if (signer.kind === 'not-touched') {
      return finding('statement-not-touched', { ...label, demand: signer.demand });
    }
  }
  const owner = proof.key ? ownerOf(roster, proof.key) : null;
  return finding('statement-key-not-theirs', {
    ...label,
    owner: owner === null ? null : owner.kind === 'web-flow' ? 'GitHub' : owner.name,
    fingerprint: proof.key?.fingerprint ?? proof.issuer ?? 'unknown',
  });
}
