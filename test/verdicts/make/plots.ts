import type { PolicyOptions } from '../../fork/policy.ts';
import type { Oid } from '../../../src/core/object/id.ts';
import type { Judged } from './case.ts';
import type { CommitOptions, Scene } from './scene.ts';

/** What most cases begin with. */
export interface Plot {
  /** The tip of master, with the policy in it. */
  readonly base: Oid;
  readonly head: Oid;
}

/** The social rule that most cases have: outside work is adopted, and who signs a merge counts as its approver. */
export const SOCIAL: PolicyOptions = { unsigned: 'adopt', merges: '{ signer-counts-as: approver }' };

/** One file, changed by alice unless told otherwise. */
export function change(
  scene: Scene,
  { policy = SOCIAL, ...commit }: CommitOptions & { readonly policy?: PolicyOptions } = {},
): Plot {
  const base = scene.policy(policy);
  const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice', ...commit });
  return { base, head };
}

/** The same by somebody outside, without a signature. */
export function outside(scene: Scene, policy: PolicyOptions = SOCIAL): Plot {
  const base = scene.policy(policy);
  return { base, head: scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } }) };
}

/** Something else of carol's that has landed meanwhile. */
export function elsewhere(scene: Scene, on: Oid): Oid {
  return scene.commit({ on, files: { 'pkgs/other.nix': '1\n' }, as: 'carol', message: 'other work' });
}

export function proposed(
  tip: Oid,
  head: Oid,
  statements: readonly string[] = [],
  earlier: readonly Oid[] = [],
): Judged {
  return { target: { kind: 'change', branch: 'master', tip, head }, statements, earlier };
}

export function landed(parent: Oid, commit: Oid, statements: readonly string[] = []): Judged {
  return { target: { kind: 'step', branch: 'master', parent, commit }, statements };
}
