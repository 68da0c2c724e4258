import type { BranchPolicy, Policy, Requirement } from './policy.ts';
import { demandsOf, fallOf, indexOf, type Demand, type Fall } from './demands.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { covers, type Budget } from './pattern-covers.ts';
import { policyChange, type PolicyChange, type PolicyChangeCode } from './policy-change.ts';
import type { Roles } from './roles.ts';
import { counted, quote, quoted } from './words.ts';

/** A branch rule with the policy that it stands in. */
export interface Side {
  readonly policy: Policy;
  readonly branch: BranchPolicy;
}

/**
 * What becomes possible on these branches when the requirements of `after` take the place of those of `before`; with
 * `losses`, what the reverse takes away: the two are each other's mirror.
 */
export function compareDemands(
  before: Side,
  after: Side,
  branches: readonly string[],
  roles: Roles,
  direction: 'gain' | 'loss',
  budget: Budget,
): PolicyChange[] {
  const others = demandsOf(after.policy, after.branch);
  const index = indexOf(others);
  const falls = demandsOf(before.policy, before.branch).flatMap((demand) => {
    const fall = fallOf(demand, others, index, budget);
    return fall === null ? [] : [fall];
  });
  for (const { demand, newcomers } of falls) {
    const role = `counts for ${quote(demand.rule)}`;
    for (const person of newcomers) roles.add(person, role, branches);
  }
  noteMembers(before, after, branches, roles, budget);
  const lower = falls.filter(({ demand, number }) => number < demand.number);
  const groups = Map.groupBy(lower, (fall) =>
    JSON.stringify([
      fall.demand.rule,
      fall.demand.kind,
      fall.demand.number,
      fall.number,
      fateOf(fall, after),
    ]),
  );
  return [
    ...[...groups.values()].map((group) => tell(group, after, branches, direction)),
    ...compareDomains(before, after, branches, direction, budget),
    ...(direction === 'gain' ? findNeedless(before, after, lower, branches) : []),
  ];
}

type Fate = 'lowered' | 'unprotected' | 'dropped';

function fateOf({ demand }: Fall, after: Side): Fate {
  const same = after.branch.require.find(({ name }) => name === demand.rule);
  if (same === undefined) return demand.always ? 'dropped' : 'unprotected';
  if (same.paths === null) return 'lowered';
  return same.paths.some(({ source }) => source === demand.pattern.source) ? 'lowered' : 'unprotected';
}

const CODES: Readonly<Record<Fate, readonly [PolicyChangeCode, PolicyChangeCode]>> = {
  lowered: ['quorum-lowered', 'quorum-raised'],
  unprotected: ['paths-unprotected', 'paths-protected'],
  dropped: ['requirement-dropped', 'requirement-added'],
};

function tell(
  group: readonly Fall[],
  after: Side,
  branches: readonly string[],
  direction: 'gain' | 'loss',
): PolicyChange {
  const [first] = group;
  if (first === undefined) throw new Error('an empty group');
  const { demand, number } = first;
  const fate = fateOf(first, after);
  const code = CODES[fate][direction === 'gain' ? 0 : 1];
  const paths = demand.always ? [] : group.map((fall) => fall.demand.pattern.source);
  const [from, to] = direction === 'gain' ? [demand.number, number] : [number, demand.number];
  const where = `${paths.length > 0 ? ` for ${quoted(paths)}` : ''} on ${quoted(branches)}`;
  const asked = `${amount(demand.kind, to)} instead of ${amount(demand.kind, from)}${ofGroup(demand, direction, to)}`;
  const rule = quote(demand.rule);
  const sentence = {
    'lowered-gain': `${rule} asks for ${asked}${where}`,
    'lowered-loss': `${rule} asks for ${asked}${where}`,
    'unprotected-gain': `${isDropped(demand, after) ? `${rule} is dropped` : `${rule} is no longer about all its paths`}: ${asked} is enough${where}`,
    'unprotected-loss': `${isDropped(demand, after) ? `${rule} is new` : `${rule} is about more paths`}: ${asked} is asked for${where}`,
    'dropped-gain': `${rule} is dropped: ${asked} is enough${where}`,
    'dropped-loss': `${rule} is new: ${asked} is asked for${where}`,
  }[`${fate}-${direction}` as const];
  return policyChange(code, sentence, { branches, paths });
}

function isDropped({ rule }: Demand, { branch }: Side): boolean {
  return !branch.require.some(({ name }) => name === rule);
}

function ofGroup({ group }: Demand, direction: 'gain' | 'loss', to: number): string {
  return direction === 'loss' && to > 0 ? ` from ${quote(group)}` : '';
}

function amount(kind: Demand['kind'], number: number): string {
  if (kind === 'people') return number === 0 ? 'nobody' : counted(number, 'person', 'people');
  return number === 0 ? 'no approval' : counted(number, 'approval');
}

/** Who comes into the group of a requirement that keeps its name, even where another one hides what that is worth. */
function noteMembers(
  before: Side,
  after: Side,
  branches: readonly string[],
  roles: Roles,
  budget: Budget,
): void {
  for (const rule of after.branch.require) {
    const old = before.branch.require.find(({ name }) => name === rule.name);
    const members = before.policy.groups.get(old?.from ?? '');
    const now = after.policy.groups.get(rule.from) ?? new Set<string>();
    budget.left -= now.size;
    if (members === undefined || budget.left < 0) continue;
    const role = `counts for ${quote(rule.name)}`;
    for (const person of now) if (!members.has(person)) roles.add(person, role, branches);
  }
}

const EVERYTHING = [parsePattern('**')];

/** A change that no requirement is about never passes: whoever adds a requirement for other paths lets them pass. */
function compareDomains(
  before: Side,
  after: Side,
  branches: readonly string[],
  direction: 'gain' | 'loss',
  budget: Budget,
): PolicyChange[] {
  const domain = domainOf(before.branch);
  const opened = domainOf(after.branch).filter((pattern) => !covers(domain, pattern, budget));
  if (opened.length === 0) return [];
  const paths = opened.map(({ source }) => source);
  const [code, words] =
    direction === 'gain'
      ? (['paths-opened', 'could never pass, and now can'] as const)
      : (['paths-closed', 'can never pass any more, for no requirement is about them'] as const);
  const which =
    direction === 'gain' || opened.some(({ source }) => source === '**')
      ? 'other changes'
      : `changes of ${quoted(paths)}`;
  return [policyChange(code, `${which} on ${quoted(branches)} ${words}`, { branches, paths })];
}

function domainOf({ require }: BranchPolicy): readonly Pattern[] {
  return require.some(({ paths }) => paths === null)
    ? EVERYTHING
    : require.flatMap(({ paths }) => paths ?? []);
}

/** Demands that fell by their words and not by what they mean, since another one asks for as much. */
function findNeedless(
  { branch }: Side,
  { branch: next }: Side,
  lower: readonly Fall[],
  branches: readonly string[],
): PolicyChange[] {
  const told = new Set(lower.map(({ demand }) => demand.rule));
  return branch.require.flatMap((rule) => {
    if (told.has(rule.name)) return [];
    const now = next.require.find(({ name }) => name === rule.name);
    const renamed = now === undefined && next.require.some((other) => sameDemand(other, rule));
    const falls = now === undefined ? !renamed : now.people < rule.people || now.approvals < rule.approvals;
    if (!falls) return [];
    const what = now === undefined ? 'is dropped' : 'asks for less';
    const sentence = `${quote(rule.name)} ${what} on ${quoted(branches)}, which changes nothing: something else asks for at least as much`;
    return [policyChange('requirement-needless', sentence, { branches })];
  });
}

function sameDemand(a: Requirement, b: Requirement): boolean {
  const paths = ({ paths: some }: Requirement): string =>
    some?.map(({ source }) => source).join('\n') ?? '\n';
  return a.people === b.people && a.approvals === b.approvals && paths(a) === paths(b);
}
