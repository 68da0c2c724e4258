import type { Pattern } from './pattern.ts';

/** A policy as it is judged by: every name resolved, every pattern compiled. Made by `parsePolicy` alone. */
export interface Policy {
  readonly project: string;
  readonly people: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly bots: ReadonlyMap<string, Bot>;
  readonly governance: Governance;
  readonly branches: readonly BranchPolicy[];
  /** OpenPGP fingerprints whose signatures GitHub makes for its own merges: never a person's. */
  readonly webFlow: readonly string[];
}

export interface Person {
  readonly name: string;
  /** To address them in messages; proves nothing. */
  readonly github: string | null;
  readonly keys: readonly Pin[];
}

export interface Bot {
  readonly name: string;
  readonly keys: readonly Pin[];
  readonly paths: readonly Pattern[];
}

/** A key listed under a person or a bot, never shortened. */
export type Pin =
  | { readonly kind: 'openpgp'; readonly fingerprint: string }
  | {
      readonly kind: 'ssh';
      readonly type: string;
      readonly blob: string;
      readonly fingerprint: string;
      readonly material: string;
      readonly presence: PresenceDemand;
    };

export type PresenceDemand = 'none' | 'touch' | 'verified';

export interface Governance {
  readonly people: number;
  readonly from: string;
  /** What the policy adds to the paths that are always governed. */
  readonly paths: readonly Pattern[];
}

export interface BranchPolicy {
  readonly name: string;
  readonly match: readonly Pattern[];
  readonly mode: 'observe' | 'enforce';
  readonly commits: { readonly signedBy: string; readonly unsigned: 'adopt' | 'refuse' };
  readonly merges: {
    readonly githubButton: 'clean' | 'refuse';
    readonly conflicts: 'reviewed' | 'never';
    readonly signerCountsAs: 'person' | 'approver';
    readonly union: readonly Pattern[];
  };
  readonly reviews: { readonly carryOver: 're-created' | 'never' };
  /** `null`: users ask for no `head` statements. */
  readonly freshness: Freshness | null;
  readonly require: readonly Requirement[];
}

/** What makes the head of a branch one that users may take for its newest (trust.md D20). Judging a change never asks for it. */
export interface Freshness {
  /** How old a `head` statement may be by the user's clock. */
  readonly days: number;
  readonly people: number;
}

/** How many stand behind a change of these paths. `paths: null` is every change. */
export interface Requirement {
  readonly name: string;
  readonly paths: readonly Pattern[] | null;
  readonly people: number;
  readonly approvals: number;
  readonly from: string;
}

/** One thing that is wrong with a policy, at a place in its text. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  /** What to do about it, where the message does not say it already. */
  readonly remedy: string | null;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** Characters to underline; at least 1 and within the line. */
  readonly length: number;
}
