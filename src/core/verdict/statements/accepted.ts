import type { ReadStatement } from '../../facts/reading.ts';
import {
  headOf,
  signerNameOf,
  type Adoption,
  type Decision,
  type Review,
  type Testimony,
} from '../../statement/statement.ts';
import { subjectOf } from '../../facts/target.ts';
import type { Target } from '../../facts/target.ts';

/** A statement of one type whose signature and place were found good, with the text that was signed. */
export interface Accepted<S extends Testimony = Testimony> extends ReadStatement {
  readonly statement: S;
}

/** What one person says of one head: statements with a serial. */
export type Opinion = Review | Adoption;

/** Whose statement it is, what it says, and about what: every finding on a statement carries it. */
export interface StatementLabel {
  /** Where the statement was found: an untrusted label. */
  readonly from: string;
  /** Whom the statement names as its signer; whether they signed it is another question. */
  readonly signer: string;
  readonly type: Testimony['type'];
  /** `null` for anything but a review. */
  readonly decision: Decision | null;
  /** The whole id of the commit that the statement is about; `null` for a revocation. */
  readonly head: string | null;
  /** What is judged, for the command that would mend it: the head of a change, or the commit of a step. */
  readonly subject: string;
  readonly landed: boolean;
}

export function labelOf(target: Target, { signed, statement }: ReadStatement): StatementLabel {
  return {
    from: signed.from,
    signer: signerNameOf(statement),
    type: statement.type,
    decision: statement.type === 'review' ? statement.decision : null,
    head: headOf(statement),
    subject: subjectOf(target),
    landed: target.kind === 'step',
  };
}

/** Whether a statement speaks for something: an approval or an adoption. */
export function isPositive(one: Accepted): boolean {
  return one.statement.type === 'adopt' || isApproval(one);
}

export function isApproval(one: Accepted): one is Accepted<Review> {
  return one.statement.type === 'review' && one.statement.decision === 'approve';
}

export function isAdoption(one: Accepted): one is Accepted<Adoption> {
  return one.statement.type === 'adopt';
}

/** The first of those that have the same key: who says the same several times, in other wrappings too, has said it once. */
export function once<T>(all: readonly T[], keyOf: (one: T) => string): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const key = keyOf(one);
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

/** What a statement says, all of it: two with the same text are one, with whatever keys of their signer they were signed. */
export function textOf({ statement }: Accepted): string {
  return JSON.stringify(statement);
}
