import type { FindingCode } from '../../src/core/verdict/finding.ts';
import type { Outcome } from '../../src/core/verdict/outcome.ts';
import type { PolicyOptions } from '../fork/policy.ts';
import type { Content } from '../verdicts/make/objects.ts';

/**
 * A history as a declaration: who signs what, in order. `buildHistory` makes a real repository of it: branch `master`
 * with real signatures, branch `countersign/ledger` with what people signed about its steps. Step 0 is the introduction,
 * whose policy lists `people`; steps count from 1.
 *
 * People: alice, carol and erin have SSH keys, bob, dave and frank OpenPGP keys; `web-flow` is GitHub's button, `updater`
 * the bot, mallory is on nobody's list.
 */
export interface History {
  /** What it shows, a sentence. */
  readonly about: string;
  readonly format?: 'sha1' | 'sha256';
  /** Who is on the roster at the introduction; left out: alice, bob, carol and dave. */
  readonly people?: readonly string[];
  readonly policy?: Policy;
  readonly steps: readonly Step[];
}

export interface Policy extends PolicyOptions {
  /** Lists the key `web-flow` as GitHub's. */
  readonly knowsGitHub?: boolean;
  /** Lists `updater`, for `pkgs/by-name/`. */
  readonly bot?: boolean;
}

/** A first-parent step of master: one commit, or a merge of commits that were made beside it. */
export interface Step {
  /** Who signs the step's own commit; `null`: nobody. */
  readonly by: string | null;
  /** What a merge brings, oldest first; left out: the step is a plain commit. */
  readonly brings?: readonly Work[];
  /** The step that the merged work started from; left out: the one before. */
  readonly from?: number;
  /** All that a plain commit changes; what a merge adds to what it merges. Left out: a file of the step's own, or nothing. */
  readonly files?: Files;
  readonly policy?: PolicyChange;
  /** Seconds since the epoch that the step's commits claim. */
  readonly at?: number;
  /** Who signs a statement about it: of a merge, about what was merged. */
  readonly approved?: readonly string[];
  readonly adopted?: readonly string[];
  readonly ratified?: readonly string[];
  /** Who approves it only after all of the history has landed. */
  readonly repaired?: readonly string[];
  /** Who approves the merge commit itself, for what it adds. */
  readonly approvedMerge?: readonly string[];
}

export interface Work {
  readonly by: string | null;
  readonly files?: Files;
}

export type Files = Readonly<Record<string, Content | null>>;

/** Made in the step's last commit: the commit itself, or the last one that a merge brings. */
export interface PolicyChange extends Policy {
  /** The roster from then on; left out: as it was. */
  readonly people?: readonly string[];
  /** Made by the merge itself, in nothing that it merges. */
  readonly inMerge?: boolean;
  /** Whose key is another one from then on. The one before is still to be had, as `old alice`. */
  readonly newKeys?: readonly string[];
}

/** What must come of asking about a history. */
export interface Expected {
  readonly outcome: Outcome;
  /** The first step that does not pass; left out: there is none, or the whole is refused. */
  readonly at?: number;
  /** Codes that must be among the findings: of that step, or of the whole. */
  readonly codes?: readonly FindingCode[];
  /** The newest proven step; left out: the one before `at`, or the last one. `null`: nothing is proven at all. */
  readonly proven?: number | null;
}
