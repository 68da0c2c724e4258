import { policyIn } from '../facts/opened.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import { comparePolicies } from '../policy/compare.ts';
import { findLockouts, type Lockout } from '../policy/lockout.ts';
import type { Policy } from '../policy/policy.ts';
import { policyChange, type PolicyChange } from '../policy/policy-change.ts';
import { finding, type Finding } from './finding.ts';

/** What the change would make of the policy: nobody should have to read that out of a diff. `null`: it does not touch it. */
export function findPolicyChanges(
  { proposed }: Reading,
  { keyring, proposedKeyring }: Proofs,
  before: Policy,
): readonly PolicyChange[] | null {
  if (proposed === null) return null;
  const { policy } = proposed;
  if (policy.state === 'missing') {
    return [policyChange('policy-removed', 'the policy is removed: nothing is judged any more')];
  }
  const parsed = policyIn(proposed);
  if (parsed?.ok !== true) {
    return [policyChange('policy-unreadable', 'the policy could not be read: nothing would pass any more')];
  }
  return cut(comparePolicies(before, parsed.policy, keyring, proposedKeyring ?? keyring));
}

/** More than anybody reads; the rest is less dangerous. A verdict is kept for good, and its policy may be a stranger's. */
const MOST_CHANGES = 200;
const MOST_LOCKOUTS = 50;

function cut(changes: readonly PolicyChange[]): readonly PolicyChange[] {
  const left = changes.length - MOST_CHANGES;
  if (left <= 0) return changes;
  const words = `and ${left} changes more: \`countersign policy diff\` lists them all`;
  return [...changes.slice(0, MOST_CHANGES), policyChange('more-changes', words)];
}

/** Whom the policy that a change brings may lock out. Of what has landed nobody needs to be warned. */
export function findProposedLockouts({ proposed, facts }: Reading, proofs: Proofs): Finding[] {
  const parsed = proposed && facts.target.kind === 'change' ? policyIn(proposed) : null;
  if (parsed?.ok !== true) return [];
  const keyring = proofs.proposedKeyring ?? proofs.keyring;
  const lockouts = findLockouts(parsed.policy, keyring, facts.evaluatedAt);
  return lockouts.slice(0, MOST_LOCKOUTS).map((lockout) => asFinding(lockout));
}

function asFinding(lockout: Lockout): Finding {
  // Each kind by itself: what belongs together by code does so for the compiler as well.
  switch (lockout.code) {
    case 'lockout-no-key':
      return finding(lockout.code, lockout.data);
    case 'lockout-quorum-unreachable':
      return finding(lockout.code, lockout.data);
    case 'lockout-quorum-expiring':
      return finding(lockout.code, lockout.data);
    case 'lockout-hardware':
      return finding(lockout.code, lockout.data);
    case 'lockout-last-admin':
    case 'lockout-quorum-tight':
      return finding(lockout.code, lockout.data);
  }
}
