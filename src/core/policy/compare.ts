import type { Keyring } from '../identity/keyring.ts';
import { compareBranches } from './compare-branches.ts';
import { comparePeople, renamed, renamesOf } from './compare-people.ts';
import { covers, openBudget, type Budget } from './pattern-covers.ts';
import type { Policy } from './policy.ts';
import { inOrderOfDanger, policyChange, type PolicyChange } from './policy-change.ts';
import { Roles } from './roles.ts';
import { counted, quote, quoted } from './words.ts';

/**
 * What it means that `after` takes the place of `before`, the most dangerous first. Empty: everything is judged as before,
 * however different the texts are.
 *
 * Whatever `after` lets pass and `before` did not is in the list as a `gain`, so that an empty list of gains is worth
 * something. The reverse is not promised: where two rules together still forbid what one of them has ceased to, a gain
 * may be told that nobody can use. Names of groups, rules and requirements mean nothing by themselves.
 */
export function comparePolicies(
  before: Policy,
  after: Policy,
  keyringBefore: Keyring,
  keyringAfter: Keyring,
): PolicyChange[] {
  const budget = openBudget();
  const names = renamesOf(before, after);
  const old = renamed(before, names);
  const roles = { gained: new Roles(), lost: new Roles() };
  const keyrings = { before: keyringBefore, after: keyringAfter };
  return inOrderOfDanger([
    ...compareProject(before, after),
    ...[...names].map(([was, is]) =>
      policyChange(
        'person-renamed',
        `${quote(was)} is called ${quote(is)}: what they signed under the old name stops counting`,
        { people: [was, is] },
      ),
    ),
    ...compareGovernance(old, after, budget),
    ...compareBranches(old, after, roles, budget),
    ...comparePeople(old, after, keyrings, roles, budget),
  ]);
}

function compareProject({ project: before }: Policy, { project: after }: Policy): PolicyChange[] {
  if (before === after) return [];
  const words = `the policy is for ${quote(after)} instead of ${quote(before)}: what was signed for the one stops counting, what was signed for the other begins to`;
  return [policyChange('project-changed', words)];
}

function compareGovernance(before: Policy, after: Policy, budget: Budget): PolicyChange[] {
  const [old, now] = [before.governance, after.governance];
  const membersOf = ({ groups, governance }: Policy): Set<string> => new Set(groups.get(governance.from));
  const [oldMembers, newMembers] = [membersOf(before), membersOf(after)];
  const changes: PolicyChange[] = [];
  if (old.people !== now.people) {
    const code = now.people < old.people ? 'governance-lowered' : 'governance-raised';
    const words = `changing the policy takes ${counted(now.people, 'person', 'people')} of ${quote(now.from)} instead of ${old.people}`;
    changes.push(policyChange(code, words));
  }
  for (const person of [...newMembers].filter((name) => !oldMembers.has(name)).sort()) {
    const words = `${quote(person)} counts for changes of the policy`;
    changes.push(policyChange('governor-added', words, { people: [person] }));
  }
  for (const person of [...oldMembers].filter((name) => !newMembers.has(name)).sort()) {
    const words = `${quote(person)} no longer counts for changes of the policy`;
    changes.push(policyChange('governor-removed', words, { people: [person] }));
  }
  const dropped = old.paths.filter((pattern) => !covers(now.paths, pattern, budget));
  const added = now.paths.filter((pattern) => !covers(old.paths, pattern, budget));
  if (dropped.length > 0) {
    const paths = dropped.map(({ source }) => source);
    changes.push(policyChange('governance-paths-dropped', `no longer governed: ${quoted(paths)}`, { paths }));
  }
  if (added.length > 0) {
    const paths = added.map(({ source }) => source);
    changes.push(policyChange('governance-paths-added', `governed from now on: ${quoted(paths)}`, { paths }));
  }
  return changes;
}
