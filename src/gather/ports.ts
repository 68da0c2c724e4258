import type { Remerge, TreeDiff } from '../core/facts/change.ts';
import type { PolicyFolder } from '../core/policy/folder.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import type { Oid } from '../core/object/id.ts';
import type { Proposal } from '../core/facts/target.ts';

/**
 * What a judgement asks of git. Implementations read raw objects and recompute every id that they return content for.
 * A missing or forged object, a cut list or a git that fails is an `Unreadable`, never an empty answer.
 */
export interface Repository {
  /** The raw bytes of commits, in the order asked. */
  readCommits(ids: readonly Oid[]): Promise<readonly Uint8Array[]>;
  /** Commits reachable from `head` and not from `tip`, parents after children. Refuses more than `limit`. */
  listCommits(tip: Oid, head: Oid, limit: number): Promise<readonly Oid[]>;
  /** All best common ancestors. Empty for unrelated histories. */
  mergeBases(a: Oid, b: Oid): Promise<readonly Oid[]>;
  /** Whether `ancestor` is reachable from (or is) `descendant`. A commit that the repository lacks is not. */
  isReachable(ancestor: Oid, descendant: Oid): Promise<boolean>;
  /** The commits from `from` (excluded) to `to` along first parents, oldest first; `null` where `from` is not on that line. */
  firstParents(from: Oid, to: Oid, limit: number): Promise<readonly Oid[] | null>;
  /** The raw two-tree difference, own recursion over raw trees. */
  diffTrees(before: Oid | null, after: Oid, limit: number): Promise<TreeDiff>;
  /** The files below `.countersign/` of a tree that a judgement needs, whatever the letter case of the folder. */
  readPolicyFolder(tree: Oid): Promise<PolicyFolder>;
  /** SHA-256 of contents. Blobs are hashed as a stream, their ids recomputed on the way. */
  contentHashes(blobs: readonly Oid[]): Promise<ReadonlyMap<Oid, string>>;
  /** Re-creates the merge of two commits, with renames, directory renames and limits pinned. */
  mergeCommits(tip: Oid, head: Oid): Promise<Remerge>;
}

/** Where signed statements come from: comments, a file, what the app has kept, later the ledger. */
export interface Statements {
  /** Texts that may hold statements about any of these heads. Throws `Unreadable` where a list was cut. */
  about(proposal: Proposal): Promise<readonly StatementSource[]>;
}

export interface Ports {
  readonly repository: Repository;
  readonly statements: Statements;
}

/** The world is broken: a missing object, a cut list, a failed request. Becomes `undetermined`, never a pass. */
export class Unreadable extends Error {
  readonly code: UnreadableCode;
  /** Whether trying again later may help. */
  readonly passing: boolean;

  constructor(code: UnreadableCode, message: string, options: { passing?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Unreadable';
    this.code = code;
    this.passing = options.passing ?? true;
  }
}

export type UnreadableCode =
  | 'object-missing'
  | 'object-forged'
  | 'list-cut'
  | 'git-failed'
  | 'forge-failed'
  | 'repository-untrusted'
  | 'file-unreadable'
  | 'policy-invalid';

export type { PolicyEntry, PolicyFolder } from '../core/policy/folder.ts';
export type { Remerge } from '../core/facts/change.ts';
