import type { ProofReason } from './proof.ts';

/** Thrown inside this folder where a signature or key can't be used; `verifySignature` turns it into a proof. */
export class Refusal extends Error {
  readonly reason: ProofReason;

  /** @param detail a sentence in lower case, for people */
  constructor(reason: ProofReason, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

export function malformed(detail: string): Refusal {
  return new Refusal('signature-malformed', detail);
}
