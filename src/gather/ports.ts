import type { ChangedFile, Remerge, TreeDiff } from '../core/facts/change.ts';
import type { PolicyFolder } from '../core/policy/folder.ts';
import type { Pattern } from '../core/policy/pattern.ts';
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
  /**
   * Re-creates the merge of two commits, with renames, directory renames and limits pinned. Files in conflict keep both
   * sides' lines where a pattern of `union` matches their path.
   */
  mergeCommits(tip: Oid, head: Oid, union: readonly Pattern[]): Promise<Remerge>;
  /**
   * Which of these are commits that are here with all their history, after trying to get what is missing. Never throws
   * for an id that nobody knows.
   */
  obtain(ids: readonly Oid[]): Promise<ReadonlySet<Oid>>;
  /**
   * For each question the first-parent step that landed the same change between a base and the tip (trust.md C15), in the
   * order asked. Never throws for one question alone: what could not be found out is said to be so.
   */
  findRepeats(tip: Oid, asked: readonly RepeatQuestion[]): Promise<readonly Repeat[]>;
}

/** How a branch went from one commit to another: its steps, oldest first, the first commit excluded (trust.md A2). */
export interface Line {
  readonly steps: readonly Oid[];
  /** Commits that each step brings, itself included. */
  readonly sizes: readonly number[];
  /** The same repository, which answers what concerns these steps from what was read of them. */
  readonly repository: Repository;
}

/** Whether a change has landed since `base`: along the first parents of the tip that are not reachable from it. */
export interface RepeatQuestion {
  readonly base: Oid;
  readonly files: readonly ChangedFile[];
  /**
   * The head that proposed these files: a step that touched the same paths, and is what merging this head onto its first
   * parent gives, has landed it as well, in whatever surroundings. `null`: the very same difference is looked for alone.
   */
  readonly proposed: { readonly head: Oid; readonly union: readonly Pattern[] } | null;
}

export type Repeat =
  | { readonly known: true; readonly by: Oid | null }
  /** Too many steps, or objects that are missing or make no sense. */
  | { readonly known: false };

/** Where signed statements come from: comments, a file, what the app has kept, the ledger. */
export interface Statements {
  /**
   * Texts that may hold statements about any commit of the proposal or any earlier head of it, and all revocations; with
   * the earlier heads that are known here. Asked with none. Throws `Unreadable` where a list was cut.
   *
   * @param policy the one that judges: in a crowd only those of its roster need be given
   */
  about(proposal: Proposal, policy: PolicyFolder): Promise<About>;
}

export interface About {
  readonly sources: readonly StatementSource[];
  readonly earlier: readonly Oid[];
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
