import type { Oid } from '../object/id.ts';
import type { StandingProblem } from '../identity/standing.ts';
import type { Decision, Review } from '../statement/review.ts';
import type { Proof } from '../signature/proof.ts';
import { ownerOf, speaksFor } from '../policy/roster.ts';
import type { Case } from './case.ts';
import { finding, type Finding } from './finding.ts';
import { signerOf } from './signer.ts';

/** The statements that count, and why the others do not. */
export interface Assessment {
  readonly approvals: readonly Counted[];
  readonly objections: readonly Counted[];
  readonly notes: readonly Finding[];
}

export interface Counted {
  readonly from: string;
  readonly review: Review;
}

/** When a statement counts: trust.md C13 and C14. */
export function assessStatements(judged: Case): Assessment {
  const notes: Finding[] = judged.facts.broken.map((broken) => finding('statement-broken', broken));
  const valid: Counted[] = [];
  for (const [index, { signed, parsed }] of judged.reading.statements.entries()) {
    const { from } = signed;
    if (!parsed.ok) {
      notes.push(finding('statement-malformed', { from, line: parsed.line, problem: parsed.problem }));
      continue;
    }
    const proof = judged.proofs.statements[index];
    const problem = proof ? signatureProblem(judged, from, parsed.statement, proof) : null;
    const aside = problem ?? placeProblem(judged, from, parsed.statement);
    if (proof && aside === null) valid.push({ from, review: parsed.statement });
    else if (aside) notes.push(aside);
  }
  // An approval of something else than would land says nothing, and takes no earlier "no" back either.
  const sound = valid.filter((counted) => {
    const problem = counted.review.decision === 'approve' ? contentProblem(judged, counted) : null;
    if (problem) notes.push(problem);
    return problem === null;
  });
  const current = latest(judged, sound, notes);
  for (const counted of current) {
    if (counted.review.decision === 'withdraw') notes.push(finding('statement-withdrawn', labelOf(counted)));
  }
  return {
    approvals: current.filter(({ review }) => review.decision === 'approve'),
    objections: current.filter(({ review }) => review.decision === 'reject'),
    notes,
  };
}

function labelOf({ from, review }: Counted): { from: string; reviewer: string } {
  return { from, reviewer: review.reviewer };
}

/** Who signed: a key pinned to the very person that the statement names, in good standing. */
function signatureProblem(judged: Case, from: string, review: Review, proof: Proof): Finding | null {
  const label = { from, reviewer: review.reviewer };
  if (!judged.policy.people.has(review.reviewer)) return finding('statement-reviewer-unknown', label);
  if (proof.status !== 'good' && proof.status !== 'unknown-key') {
    return finding('statement-signature', { ...label, reason: proof.reason ?? 'signature-malformed' });
  }
  const { policy, roster, landed } = judged;
  const signer = signerOf(proof, {
    policy,
    roster,
    keyring: judged.proofs.keyring,
    at: judged.facts.evaluatedAt,
    landed,
  });
  if (speaksFor(roster, proof, review.reviewer)) {
    if (signer.kind === 'person') return null;
    if (signer.kind === 'no-standing') {
      const { problems } = signer;
      // Time ends no objection: a "no" stands although its key has expired since.
      const stands = review.decision === 'reject' && problems.every((problem) => TIMES.includes(problem));
      return stands ? null : finding('statement-key-standing', { ...label, problems });
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

const TIMES: readonly StandingProblem[] = ['key-expired', 'signature-expired'];

/** What the statement is about: this project, this branch, this very head. */
function placeProblem(judged: Case, from: string, review: Review): Finding | null {
  const label = { from, reviewer: review.reviewer };
  if (review.project !== judged.policy.project) {
    return finding('statement-other-project', { ...label, project: review.project });
  }
  if (review.branch !== judged.facts.target.branch) {
    return finding('statement-other-branch', { ...label, branch: review.branch });
  }
  return judged.digests.has(review.head)
    ? null
    : finding('statement-other-head', { ...label, head: review.head });
}

/** What the reviewer saw: the change as we compute it, from a base that has landed. */
function contentProblem(judged: Case, counted: Counted): Finding | null {
  const { review } = counted;
  const computed = judged.digests.get(review.head) ?? null;
  if (computed === null || computed !== review.change) {
    return finding('statement-change-differs', { ...labelOf(counted), signed: review.change, computed });
  }
  return judged.facts.landed.get(review.base) === true
    ? null
    : finding('statement-base-not-landed', { ...labelOf(counted), base: review.base });
}

const STRICTEST: readonly Decision[] = ['reject', 'withdraw', 'approve'];

/**
 * Of each person's statements on one head the one with the highest serial; of equal ones reject before withdraw before
 * approve. In history only positive evidence counts (trust.md C18), so there the newest approval does, and an objection
 * is reported.
 */
function latest(judged: Case, valid: readonly Counted[], notes: Finding[]): Counted[] {
  const ranked = valid.toSorted(
    (a, b) =>
      b.review.serial - a.review.serial ||
      STRICTEST.indexOf(a.review.decision) - STRICTEST.indexOf(b.review.decision),
  );
  const winners = new Map<string, Counted>();
  for (const counted of ranked) {
    const { review } = counted;
    if (judged.landed && review.decision !== 'approve') {
      if (review.decision === 'reject') {
        notes.push(finding('objection-noted', { ...labelOf(counted), notes: review.notes }));
      }
      continue;
    }
    const key = `${review.reviewer} ${review.head satisfies Oid}`;
    const winner = winners.get(key);
    if (winner === undefined) winners.set(key, counted);
    else if (!sameDecision(winner, counted)) {
      const by = winner.review.serial;
      notes.push(finding('statement-superseded', { ...labelOf(counted), serial: review.serial, by }));
    }
  }
  return [...winners.values()];
}

/** The same said twice, by two keys or in two comments, is nothing to report. */
function sameDecision(a: Counted, b: Counted): boolean {
  return a.review.serial === b.review.serial && a.review.decision === b.review.decision;
}
