import { finding, type Finding } from '../../core/verdict/finding.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';

/** Nothing could be proven or computed. */
export function unreachable(detail: string): Finding {
  return finding('flake-input-unreachable', { detail });
}

/** nix fetches what is locked, and compares only what was asked for with `flake.nix`. */
export function disagreementOf({ disagrees }: LockedInput): Finding | null {
  return disagrees === null ? null : finding('flake-input-disagrees', { detail: disagrees });
}

/** `flake.nix` may mean another branch than the only one that is trusted: worth saying where anything is wrong. */
export function assumedBranch(
  { ref }: LockedInput,
  branch: string,
  problems: readonly Finding[],
): readonly Finding[] {
  const wrong = ref === null && problems.some(({ outcome }) => outcome !== 'pass');
  return wrong ? [finding('flake-branch-assumed', { branch })] : [];
}
