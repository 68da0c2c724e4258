import type { ReadStatement } from '../../facts/reading.ts';
import { ownerOf, speaksFor } from '../../policy/roster.ts';
import type { Proof } from '../../signature/proof.ts';
import { signerNameOf, type Testimony } from '../../statement/statement.ts';
import type { Court } from '../court.ts';
import { finding, type Finding } from '../finding.ts';
import { keyName, signerOf, type SignerProblem } from '../signer.ts';
import { labelOf } from './accepted.ts';

/** Only time has ended the key, or the signature by its own word. */
const TIMES: readonly SignerProblem[] = ['key-expired', 'signature-expired'];

/**
 * Who signed: a key pinned to the very person whom the statement names, in good standing (trust.md C13). Time ends neither
 * an objection nor the revocation of one's own key. Nor does the word of one admin end an objection: see `outlasts`.
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
      if (isOwnRevocation(statement) && problems.every((problem) => TIMES.includes(problem))) return null;
      const isNo = statement.type === 'review' && statement.decision === 'reject';
      if (isNo && outlasts(court, proof, problems)) return null;
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

function isOwnRevocation(statement: Testimony): boolean {
  return statement.type === 'revoke' && statement.revoker === statement.person;
}

/**
 * Whether a "no" still stands, made with a key that has these problems. Setting it aside takes its signer, or the governance
 * quorum: so does stopping its key for that (docs/decisions/0029).
 */
export function outlasts(court: Court, { key }: Proof, problems: readonly SignerProblem[]): boolean {
  const stopped = key !== null && court.settled.has(keyName(key));
  return problems.every(
    (problem) => TIMES.includes(problem) || (problem === 'key-revoked-by-statement' && !stopped),
  );
}
