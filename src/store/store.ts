import type { Oid } from '../core/object/id.ts';
import type { SignedText } from '../core/statement/extract.ts';
import type { Facts } from '../core/facts/facts.ts';
import type { Verdict } from '../core/verdict/verdict.ts';

/** Work that somebody asked for. The store knows nothing of it but its key. */
export interface Work {
  /** One row for each key: whatever is wanted again while it waits is done once. */
  readonly key: string;
  /** What to do, for whoever leases it. */
  readonly body: string;
  /** Lower goes first: 0 for what people wait for, more for what is looked through in the background. */
  readonly priority: number;
}

/** A webhook delivery, for the audit trail. One that GitHub sends again has the same `guid`, and is done again. */
export interface Delivery {
  readonly guid: string;
  readonly event: string;
}

/** The right to do one piece of work, until it expires or is given back. */
export interface Lease extends Work {
  /** Names this lease, and no other one of the same work. */
  readonly token: string;
  /** How often the work has failed in a row. */
  readonly attempts: number;
}

export interface JudgementRecord {
  readonly subject: string;
  /** The repository as statements name it. */
  readonly project: string;
  readonly verdict: Verdict;
  readonly facts: Facts | null;
  /** `null` where nothing was published. */
  readonly checkRun: number | null;
}

/** A statement whose signature verified under a key of the person that it names. */
export interface KeptStatement extends SignedText {
  readonly project: string;
  /** The commit that it is about; `revoke` for a revocation, which is about none. */
  readonly head: string;
  /**
   * What makes it the same as one that is kept already. Never the bytes of its signature: strangers can write them in as
   * many ways as they like.
   */
  readonly sameAs: string;
}

/** The `head` of revocations. */
export const REVOKED = 'revoke';

export interface Backlog {
  /** Work that waits, put off or not. */
  readonly waiting: number;
  readonly leased: number;
  /** Milliseconds since the epoch at which work may be leased next; `null` where none waits. */
  readonly nextDue: number | null;
}

/**
 * What the app must not forget: work wanted, what was judged, statements seen. Several processes may have one open. Times
 * are milliseconds since the epoch and come from the caller. All is on disk when a call returns. Throws what the database
 * throws: a store that cannot answer is a broken world.
 */
export interface Store {
  /** Marks work as wanted. Work that is being done is done once more afterwards; work put off is due at once. */
  want(work: readonly Work[], now: number, delivery?: Delivery): void;
  /** The next work that is due and that nobody holds a lease on; `null` for none. Expired leases count as none. */
  lease(now: number, forMs: number): Lease | null;
  /** Prolongs a lease and its claims. False when it was lost: then nothing may be published under it any more. */
  renew(lease: Lease, now: number, forMs: number): boolean;
  /** Claims a name (a commit to publish on) for a lease, so that two never publish on it at a time. False when taken. */
  claim(lease: Lease, name: string, now: number, forMs: number): boolean;
  /** The work is done, as it was when it was leased. */
  done(lease: Lease): void;
  /** The work failed: it is put off until `notBefore`. */
  retry(lease: Lease, notBefore: number, error: string): void;
  /** Gives the work back untouched. */
  release(lease: Lease, notBefore: number): void;
  backlog(now: number): Backlog;
  /** Adds to the audit trail, from which nothing is taken within 400 days. */
  recordJudgement(record: JudgementRecord, now: number): void;
  /** The keys of the subjects that were judged on this commit of a branch, each once, the latest first. */
  judgedSubjects(project: string, branch: string, head: Oid): readonly string[];
  /** The branches of a project that were judged, the latest first. At most `limit`. */
  judgedBranches(project: string, limit: number): readonly string[];
  /** The commits that passed on a branch, the latest first. At most `limit`. */
  passedHeads(project: string, branch: string, limit: number): readonly Oid[];
  /** Notes that a subject has this head, for good: an objection to it still stands when it has another. */
  noteHead(subject: string, head: Oid, now: number): void;
  /** The heads that any of these subjects ever had, the latest first. At most `limit` + 1. */
  headsOf(subjects: readonly string[], limit: number): readonly Oid[];
  /** The subjects that ever had this head. */
  subjectsWith(head: Oid): readonly string[];
  /**
   * Keeps statements for good; those already kept stay as they are. Gives the new ones, and marks as wanted what they
   * make necessary, both or neither.
   */
  keepStatements<T extends KeptStatement>(
    statements: readonly T[],
    now: number,
    concerned?: (news: readonly T[]) => readonly Work[],
  ): readonly T[];
  /** The kept statements about any of these commits, oldest first. At most `limit` + 1. */
  keptStatements(project: string, heads: readonly string[], limit: number): readonly SignedText[];
  /** Removes what may be forgotten: old deliveries and judgements. */
  prune(now: number): void;
  /** Throws where the store does not answer. */
  ping(): void;
  close(): void;
}
