import { parsePattern, type Pattern } from './pattern.ts';
import { covers, type Budget } from './pattern-covers.ts';
import type { BranchPolicy, Policy } from './policy.ts';

/**
 * A requirement taken apart: whoever touches `pattern` needs `number` people or approvals of `members`. All demands of a
 * rule whose pattern is touched must be met, so that each can be compared by itself.
 */
export interface Demand {
  readonly kind: 'people' | 'approvals';
  readonly rule: string;
  readonly pattern: Pattern;
  /** Whether it is a requirement without `paths`. */
  readonly always: boolean;
  readonly number: number;
  readonly members: ReadonlySet<string>;
  readonly group: string;
}

const EVERYTHING = parsePattern('**');

export function demandsOf(policy: Policy, branch: BranchPolicy): Demand[] {
  return branch.require.flatMap(({ name: rule, paths, people, approvals, from: group }) => {
    const members = policy.groups.get(group) ?? new Set<string>();
    return (paths ?? [EVERYTHING]).flatMap((pattern) => {
      const shape = { rule, pattern, always: paths === null, members, group };
      return [
        ...(people > 0 ? [{ ...shape, kind: 'people' as const, number: people }] : []),
        ...(approvals > 0 ? [{ ...shape, kind: 'approvals' as const, number: approvals }] : []),
      ];
    });
  });
}

/** What is left of a demand under other demands. */
export interface Fall {
  readonly demand: Demand;
  /** How many the others ask for wherever this one did: at most as many as this. */
  readonly number: number;
  /** Who counts now and did not: the members of the demands that are left in its place. */
  readonly newcomers: readonly string[];
}

/** Demands by their pattern: most of a policy stays as it is, and finds itself again at once. */
export type DemandIndex = ReadonlyMap<string, readonly Demand[]>;

export function indexOf(demands: readonly Demand[]): DemandIndex {
  return Map.groupBy(demands, ({ pattern }) => pattern.source);
}

/**
 * How far `demand` falls where `others` take its place: `null` where whatever they let pass, it let pass as well. Approvers
 * stand behind a change, so that approvals stand for people too. Where the budget ends, nothing is left of it.
 */
export function fallOf(
  demand: Demand,
  others: readonly Demand[],
  index: DemandIndex,
  budget: Budget,
): Fall | null {
  const standsFor = (other: Demand): boolean => other.kind === demand.kind || demand.kind === 'people';
  const isEnough = (other: Demand): boolean =>
    standsFor(other) &&
    other.number >= demand.number &&
    newcomersBetween(other.members, demand.members).length === 0;
  const known = index.get(demand.pattern.source) ?? [];
  budget.left -= known.length;
  if (budget.left < 0) return { demand, number: 0, newcomers: [] };
  const same = known.filter(standsFor);
  if (same.some(isEnough)) return null;
  const kept = same
    .filter((other) => other.number >= demand.number)
    .map((other) => newcomersBetween(other.members, demand.members))
    .reduce((a: readonly string[] | null, b) => (a === null || b.length < a.length ? b : a), null);
  if (kept !== null) return { demand, number: demand.number, newcomers: kept };
  budget.left -= others.length;
  if (budget.left < 0) return { demand, number: 0, newcomers: [] };
  if (coveredBy(others.filter(isEnough), demand, budget)) return null;
  const near = others.filter(standsFor);
  const atLeast = (number: number): Demand[] => near.filter((other) => other.number >= number);
  const levels = [...new Set(near.map(({ number }) => Math.min(number, demand.number)))].sort(
    (a, b) => b - a,
  );
  const number = levels.find((level) => coveredBy(atLeast(level), demand, budget)) ?? 0;
  const left = number === 0 ? [] : atLeast(number);
  const close = left.filter((other) => touches(other, demand, budget));
  const found = newcomersOf(close, demand);
  return { demand, number, newcomers: found.length > 0 ? found : newcomersOf(left, demand) };
}

function newcomersOf(others: readonly Demand[], { members }: Demand): string[] {
  const groups = new Set(others.map((other) => other.members));
  return [...new Set([...groups].flatMap((group) => newcomersBetween(group, members)))].sort();
}

const FOUND = new WeakMap<ReadonlySet<string>, WeakMap<ReadonlySet<string>, readonly string[]>>();

/** Members of one group and not of another, by name. Groups are few and demands many, so that each pair is compared once. */
function newcomersBetween(group: ReadonlySet<string>, old: ReadonlySet<string>): readonly string[] {
  if (group === old) return [];
  const known = FOUND.get(group) ?? new WeakMap<ReadonlySet<string>, readonly string[]>();
  FOUND.set(group, known);
  const found = known.get(old) ?? [...group].filter((name) => !old.has(name)).sort();
  known.set(old, found);
  return found;
}

function coveredBy(others: readonly Demand[], { pattern }: Demand, budget: Budget): boolean {
  return covers(unique(others), pattern, budget);
}

/** Those that stand in for a demand: whose own pattern holds a part of what it holds, or all. */
function touches(other: Demand, demand: Demand, budget: Budget): boolean {
  return covers([other.pattern], demand.pattern, budget) || covers([demand.pattern], other.pattern, budget);
}

function unique(demands: readonly Demand[]): Pattern[] {
  return [...new Map(demands.map(({ pattern }) => [pattern.source, pattern])).values()];
}
