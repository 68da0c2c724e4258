import type { Outcome } from '../../core/verdict/outcome.ts';
import { describe, type Finding, type FindingCode } from '../../core/verdict/finding.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';

/** What is wrong with an input of a flake, or worth saying, beside the findings about the repository's history. */
export type FlakeCode =
  | 'flake-facts-differ'
  | 'flake-input-ambiguous'
  | 'flake-input-disagrees'
  | 'flake-input-extras'
  | 'flake-input-pinned'
  | 'flake-input-unreachable'
  | 'flake-nar-hash-differs'
  | 'flake-nar-hash-missing'
  | 'flake-nar-hash-replaced'
  | 'flake-own-inputs'
  | 'flake-rev-behind'
  | 'flake-rev-missing'
  | 'flake-rev-not-on-branch'
  | 'flake-rev-not-proven'
  | 'flake-rev-unknown'
  | 'flake-tarball-attributes'
  | 'history-ahead'
  | 'object-format';

export interface Problem {
  readonly code: FlakeCode | FindingCode;
  /** `pass`: only worth saying. */
  readonly outcome: Outcome;
  /** A sentence in lower case. May hold what a lock file says: whoever prints it cleans it. */
  readonly message: string;
  readonly remedy: readonly string[];
}

export function problem(
  code: Problem['code'],
  outcome: Outcome,
  message: string,
  ...remedy: readonly string[]
): Problem {
  return { code, outcome, message, remedy };
}

/** The same of a finding of the catalogue. */
export function problemOf(found: Finding): Problem {
  const { cause, remedy } = describe(found);
  return { code: found.code, outcome: found.outcome, message: cause, remedy };
}

/** Nothing could be proven or computed. */
export function unreachable(message: string): Problem {
  return problem('flake-input-unreachable', 'undetermined', message);
}

/** nix fetches what is locked, and compares only what was asked for with `flake.nix`. */
export function disagreementOf({ disagrees }: LockedInput): Problem | null {
  if (disagrees === null) return null;
  return problem(
    'flake-input-disagrees',
    'fail',
    `the lock file contradicts itself: ${disagrees}`,
    'find out who wrote that; `nix flake lock --update-input` makes it anew',
  );
}
