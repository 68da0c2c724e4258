import type { Ratification } from '../../statement/statement.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';

export interface Ratified {
  /** Whether the governance quorum stands for the step. */
  readonly holds: boolean;
  readonly people: readonly string[];
  readonly counted: readonly Accepted<Ratification>[];
  /** `step-ratified`, or that some have ratified and others are missing; empty where nobody has. */
  readonly findings: readonly Finding[];
}

/** Why a ratification is none of this step (trust.md F27): it names parent, commit and tree, and only governance signs it. */
export function ratificationProblem(judged: Case, one: Accepted<Ratification>): Finding | null {
  const { facts, policy } = judged;
  const { target } = facts;
  const label = labelOf(target, one);
  const { parent, commit, tree, ratifier } = one.statement;
  if (target.kind === 'change') return finding('ratification-early', label);
  const own = judged.byId.get(target.commit)?.commit;
  if (parent !== target.parent || commit !== target.commit || tree !== own?.tree) {
    return finding('ratification-other-step', { ...label, parent, tree });
  }
  const { from } = policy.governance;
  const members = policy.groups.get(from) ?? new Set<string>();
  if (members.has(ratifier)) return null;
  return finding('ratification-refused', { ...label, group: from, candidates: [...members].sort() });
}

/** Counts distinct people of the governance group of the policy at the parent. */
export function ratify({ policy, facts }: Case, accepted: readonly Accepted<Ratification>[]): Ratified {
  const { people: need, from } = policy.governance;
  const people = [...new Set(accepted.map(({ statement }) => statement.ratifier))].sort();
  if (people.length === 0) return { holds: false, people, counted: [], findings: [] };
  const { target } = facts;
  const commit = target.kind === 'step' ? target.commit : target.head;
  const reasons = [...new Set(accepted.map(({ statement }) => statement.reason))];
  if (people.length >= need) {
    const found = finding('step-ratified', { commit, people, reasons });
    return { holds: true, people, counted: accepted, findings: [found] };
  }
  const members = policy.groups.get(from) ?? new Set<string>();
  const candidates = [...members].filter((name) => !people.includes(name)).sort();
  const data = { rule: 'ratification', from, need, have: people, candidates, commit };
  return { holds: false, people, counted: [], findings: [finding('ratification-missing', data)] };
}
